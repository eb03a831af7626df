/** @throws for no values: a figure without a measurement is none. */
export function median(values: readonly number[]): number {
  return percentile(values, 0.5);
}

/**
 * Interpolates between the two nearest values.
 * @param part from 0 to 1.
 */
export function percentile(values: readonly number[], part: number): number {
  if (values.length === 0) throw new Error('There are no values to take a percentile of.');
  const sorted = [...values].sort((one, other) => one - other);
  const position = (sorted.length - 1) * part;
  const below = sorted[Math.floor(position)] as number;
  const above = sorted[Math.ceil(position)] as number;
  return below + (above - below) * (position - Math.floor(position));
}

/**
 * How one contender compares with another, round by round: what slowed the machine down for a while slowed both, so it
 * falls out.
 */
export function medianRatio(values: readonly number[], base: readonly number[]): number {
  return median(values.map((value, round) => value / (base[round] as number)));
}
