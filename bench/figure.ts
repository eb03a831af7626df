import { median, medianRatio } from './statistics.ts';

export type Unit = 'per second' | 'ms' | 'kB' | 'MB' | 's' | 'operations' | 'capacity units' | 'US$' | 'GB-s';

/** One measured quantity. */
export interface Figure {
  readonly name: string;
  readonly unit: Unit;
  /** The median of the rounds. */
  readonly value: number;
  /** What each round measured, oldest first; one entry where measuring twice gives the same. */
  readonly rounds: readonly number[];
  /** How many times the other figure this one is: the median of the rounds' own ratios. */
  readonly comparedTo?: { readonly name: string; readonly ratio: number };
  /** `peer`: a competitor. `baseline`: a bound that no real product could reach. */
  readonly of: 'keyward' | 'peer' | 'baseline';
}

/** A bar for a figure, and whether it was reached. A missed bar is reported and fails nothing. */
export interface Bar {
  readonly promise: string;
  readonly reached: boolean;
  readonly measured: string;
}

export const PARTS = ['memory', 'store', 'cold-start', 'growth', 'import', 'request', 'cost'] as const;

export type PartName = (typeof PARTS)[number];

/** What one part of the benchmarks has found. */
export interface PartResult {
  readonly part: PartName;
  readonly title: string;
  /** What was measured and how, in whole sentences. */
  readonly setting: readonly string[];
  readonly figures: readonly Figure[];
  readonly bars: readonly Bar[];
  /** What a reader has to know beside the figures, such as who is ahead. */
  readonly notes: readonly string[];
  /** What could not be measured, and why. */
  readonly notMeasured: readonly string[];
}

export function figureOf({
  name,
  unit,
  rounds,
  base,
  of = 'keyward',
}: {
  readonly name: string;
  readonly unit: Unit;
  readonly rounds: readonly number[];
  readonly base?: { readonly name: string; readonly rounds: readonly number[] } | undefined;
  readonly of?: Figure['of'];
}): Figure {
  const figure = { name, unit, value: median(rounds), rounds, of };
  if (base === undefined || base.name === name) return figure;
  return { ...figure, comparedTo: { name: base.name, ratio: medianRatio(rounds, base.rounds) } };
}

/** A figure that does not vary, such as a size. */
export function fixedFigure(name: string, unit: Unit, value: number, of: Figure['of'] = 'keyward'): Figure {
  return { name, unit, value, rounds: [value], of };
}

/** A ratio that was promised to be at least, or at most, some limit. */
export function barOf({
  promise,
  ratio,
  limit,
  of,
}: {
  readonly promise: string;
  readonly ratio: number;
  readonly limit: { readonly atLeast: number } | { readonly atMost: number };
  /** What the ratio is a ratio of. */
  readonly of: string;
}): Bar {
  const reached = 'atLeast' in limit ? ratio >= limit.atLeast : ratio <= limit.atMost;
  return {
    promise,
    reached,
    measured: `${ratio < 2 ? `${formatPercent(ratio)} of` : formatRatio(ratio)} ${of}`,
  };
}

function formatPercent(ratio: number): string {
  return `${(ratio * 100).toFixed(ratio < 0.01 ? 2 : 0)} %`;
}

/** Three digits are more than a shared machine can repeat. */
export function formatRatio(ratio: number): string {
  if (ratio >= 10) return `${Math.round(ratio).toLocaleString('en-US')} ×`;
  return `${ratio.toFixed(2)} ×`;
}

/** Says which peers are faster than Keyward, where figures are operations in a time. */
export function peersAhead(figures: readonly Figure[], keyward: Figure): string[] {
  return figures
    .filter(({ of, value }) => of === 'peer' && value > keyward.value)
    .map(({ name, value }) => `${name} is ahead of ${keyward.name}: ${formatRatio(value / keyward.value)}.`);
}
