/** Enough for a team's services, and few enough for a change of the member to reach all of them within one call. */
export const DEFAULT_KEYS_PER_MEMBER = 500;

/** A free slot is looked for among this many at most. */
const MOST_KEYS_PER_MEMBER = 10_000;

/**
 * Reads how many active keys of one workspace a member may have.
 * @param source where the value comes from, as the beginning of a sentence.
 * @throws where it is no whole number in the range.
 */
export function parseMaxKeysPerMember(value: unknown, source: string): number {
  const count = Number(value);
  if (/^[1-9]\d{0,4}$/.test(String(value)) && count <= MOST_KEYS_PER_MEMBER) return count;
  throw new Error(`${source} must be a whole number from 1 to ${MOST_KEYS_PER_MEMBER}.`);
}
