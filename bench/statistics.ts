/** @throws if there are no values. */
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
 * Compares one contender with another, round by round. A slow machine slowed both, so the ratio stays
 * the same.
 */
export function medianRatio(values: readonly number[], base: readonly number[]): number {
  return median(values.map((value, round) => value / (base[round] as number)));
}

/**
 * How far the median of the rounds' ratios may be from the true one: half of its 95 % interval, computed from the middle
 * half of the rounds (McGill, Tukey and Larsen, "Variations of Box Plots", 1978).
 * @returns a part of the ratio, such as 0.02.
 */
export function ratioNoise(values: readonly number[], base: readonly number[]): number {
  const ratios = values.map((value, round) => value / (base[round] as number));
  const spread = percentile(ratios, 0.75) - percentile(ratios, 0.25);
  return (1.57 * spread) / Math.sqrt(ratios.length) / median(ratios);
}
