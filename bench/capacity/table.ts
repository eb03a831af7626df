import { type Alignment, tableLines } from '../marked-page.ts';

/** @param columns `l` or `r` for each. */
export function table(
  columns: string,
  headings: readonly string[],
  rows: readonly (readonly string[])[],
): string {
  const alignments = [...columns].map((each): Alignment => (each === 'l' ? 'left' : 'right'));
  return tableLines(alignments, [headings, ...rows]).join('\n');
}

export const whole = (value: number) => Math.floor(value).toLocaleString('en-US');
export const dollars = (value: number) => `$${Number(value.toPrecision(3)).toLocaleString('en-US')}`;
export const percent = (part: number) => `${Number((part * 100).toFixed(part < 0.1 ? 1 : 0))} %`;
