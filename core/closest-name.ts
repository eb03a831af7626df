/** How many slips of the finger a name may be away to be meant: one in three characters, and two for short names. */
const SLIPS = { least: 2, charactersEach: 3 } as const;

/**
 * Finds the name that somebody probably meant.
 * @returns `undefined` where no name is close.
 */
export function closestName(text: string, names: readonly string[]): string | undefined {
  const most = Math.max(SLIPS.least, Math.floor(text.length / SLIPS.charactersEach));
  const spelled = plain(text);
  const [closest] = names
    .map((name) => ({ name, slips: distanceBetween(spelled, plain(name)) }))
    .filter(({ name, slips }) => slips <= most && slips < name.length)
    .sort((one, other) => one.slips - other.slips);
  return closest?.name;
}

/** Ends a sentence about an unknown name with the one that was probably meant. */
export function didYouMean(text: string, names: readonly string[]): string {
  const name = closestName(text, names);
  return name === undefined ? '' : `; did you mean ${name}?`;
}

/** `createdBy` and `created-by` are `created_by`. */
function plain(name: string): string {
  return name.replaceAll(/[^A-Za-z0-9]/g, '').toLowerCase();
}

/** How many characters to add, leave out, replace, or swap with their neighbour. */
function distanceBetween(one: string, other: string): number {
  let before: number[] = [];
  let row = Array.from({ length: other.length + 1 }, (_, index) => index);
  for (let i = 1; i <= one.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= other.length; j += 1) {
      const at = (cells: readonly number[], index: number) => cells[index] ?? Number.POSITIVE_INFINITY;
      const isSame = one[i - 1] === other[j - 1];
      const isSwapped = one[i - 1] === other[j - 2] && one[i - 2] === other[j - 1];
      next[j] = Math.min(
        at(row, j) + 1,
        at(next, j - 1) + 1,
        at(row, j - 1) + (isSame ? 0 : 1),
        isSwapped ? at(before, j - 2) + 1 : Number.POSITIVE_INFINITY,
      );
    }
    before = row;
    row = next;
  }
  return row[other.length] ?? one.length;
}
