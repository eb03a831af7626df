import { appendFileSync } from 'node:fs';
import { seededRandom } from '../../bench/capacity/random.ts';

/** What a campaign tells its reader about one property. */
export interface Tally {
  /** The property, as a sentence of the reader's. */
  readonly property: string;
  /** What was tried, and how often: `[['faults injected', 1200], ['calls', 4000]]`. */
  readonly tried: readonly (readonly [what: string, count: number])[];
  /** How often the property did not hold. */
  readonly lost: number;
}

/**
 * The seed of everything that a campaign draws. The same seed makes the same schedule of faults and the same inputs; what
 * processes do side by side is not repeated by it.
 */
export const SEED = Number(process.env.KEYWARD_CAMPAIGN_SEED ?? 20_261_122);

/** How much is tried: a few in `npm test`, a part in `npm run check:campaigns`, the whole in `test:faults` and `test:security`. */
export interface Scale {
  /** @default the part, for what `npm test` does not run */
  readonly few?: number;
  readonly part: number;
  readonly whole: number;
}

const SCALE = readScale(process.env.KEYWARD_CAMPAIGN ?? 'few');

function readScale(value: string): keyof Scale {
  if (value === 'few' || value === 'part' || value === 'whole') return value;
  throw new Error(`KEYWARD_CAMPAIGN: expected few, part or whole, got ${value}.`);
}

/** How much this run tries. */
export function scaled(scale: Scale): number {
  return scale[SCALE] ?? scale.part;
}

/** Tells how far a whole campaign is, which may take long. */
export function tellProgress(line: string): void {
  if (SCALE === 'whole') process.stderr.write(`${line}\n`);
}

/** Numbers from 0 to 1, the same for the same seed and name. */
export function randomFrom(name: string, seed = SEED): () => number {
  let mixed = seed | 0;
  for (const character of name) mixed = Math.imul(mixed ^ character.charCodeAt(0), 0x9e3779b1);
  return seededRandom(mixed);
}

/** Adds a line to the table that a campaign prints at its end; the test still has to expect that nothing was lost. */
export function report(tally: Tally): void {
  const file = process.env.KEYWARD_CAMPAIGN_TALLY;
  if (file !== undefined) appendFileSync(file, `${JSON.stringify(tally)}\n`);
}
