import { type Figure, formatRatio, type PartResult } from './figure.ts';

/** Formats one part for the terminal. */
export function formatReport({ title, setting, figures, bars, notes, notMeasured }: PartResult): string {
  const rows = figures.map((figure) => [figure.name, formatValue(figure), formatComparison(figure)] as const);
  const nameWidth = Math.max(0, ...rows.map(([name]) => name.length));
  const valueWidth = Math.max(0, ...rows.map(([, value]) => value.length));
  return [
    '',
    title,
    ...setting.map((sentence) => `  ${sentence}`),
    '',
    ...rows.map(([name, value, comparison]) =>
      `  ${name.padEnd(nameWidth)}  ${value.padStart(valueWidth)}  ${comparison}`.trimEnd(),
    ),
    '',
    ...bars.map(
      ({ promise, reached, measured }) =>
        `  ${promise}: ${reached ? `reached (${measured})` : `not reached: ${measured}`}`,
    ),
    ...notes.map((note) => `  ${note}`),
    ...notMeasured.map((reason) => `  ${reason}`),
  ].join('\n');
}

export function formatValue({ value, unit }: Figure): string {
  if (unit === 'US$') return `$${value.toFixed(2)}`;
  return `${formatNumber(value)} ${unit}`;
}

export function formatComparison({ comparedTo }: Figure): string {
  if (comparedTo === undefined) return '';
  const { ratio, name } = comparedTo;
  return `${ratio < 0.1 ? ratio.toPrecision(2) : formatRatio(ratio).replace(' ×', '')} × ${name}`;
}

function formatNumber(value: number): string {
  if (value >= 10_000) return Number(value.toPrecision(4)).toLocaleString('en-US');
  if (value >= 100) return Math.round(value).toLocaleString('en-US');
  return value.toFixed(value < 10 ? 2 : 1);
}
