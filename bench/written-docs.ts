import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { drawChart } from './chart.ts';
import { PARTS } from './figure.ts';
import { formatComparison, formatValue } from './report.ts';
import { type MeasuredPart, type Results, readResults } from './results.ts';

const DOCS = join(import.meta.dirname, '..', 'docs');
const PAGE = join(DOCS, 'bench.md');
const CHART = join(DOCS, 'bench.svg');

/** Puts what is known of `bench/results.json` between the markers of `docs/bench.md`, and draws `docs/bench.svg`. */
export function writeDocs(): void {
  const results = readResults();
  if (results === undefined) throw new Error('There is no bench/results.json yet: npm run bench writes it.');
  let page = readFileSync(PAGE, 'utf8');
  page = fill(page, 'machine', describeMachine(results));
  for (const part of PARTS) {
    const measured = results.parts[part];
    page = fill(page, part, measured ? describePart(measured) : 'Not measured yet.');
  }
  writeFileSync(PAGE, page);
  writeFileSync(CHART, drawChart(results));
}

function fill(page: string, name: string, text: string): string {
  const start = `<!-- figures: ${name} -->`;
  const end = '<!-- end -->';
  const from = page.indexOf(start);
  const to = page.indexOf(end, from);
  if (from === -1 || to === -1) throw new Error(`docs/bench.md has no place for the figures of ${name}.`);
  return `${page.slice(0, from + start.length)}\n\n${text}\n\n${page.slice(to)}`;
}

function describeMachine({ machine, packages }: Results): string {
  const { cpu, cores, memoryGigabytes, os, node } = machine;
  const versions = Object.entries(packages).map(([name, version]) => `${name} ${version}`);
  return `${cpu}, ${cores} cores, ${memoryGigabytes} GB, ${os}, Node ${node}. ${versions.join(', ')}.`;
}

function describePart({ setting, figures, bars, notes, notMeasured, date, command }: MeasuredPart): string {
  const rows = figures.map((each) => [each.name, formatValue(each), formatComparison(each)] as const);
  const promises = bars.map(
    ({ promise, reached, measured }) =>
      `${promise}: ${reached ? `reached (${measured})` : `**not reached**: ${measured}`}`,
  );
  const remarks = [...promises, ...notes, ...notMeasured].map((line) => `- ${line}`);
  const paragraphs = [
    [setting.join(' ')],
    tableLines(rows),
    remarks,
    [`\`${command}\`, ${date.slice(0, 10)}.`],
  ];
  return paragraphs
    .map((lines) => lines.join('\n'))
    .filter((paragraph) => paragraph !== '')
    .join('\n\n');
}

/** A table whose columns line up, as the formatter of this repository wants them. */
function tableLines(rows: readonly (readonly [name: string, value: string, comparison: string])[]): string[] {
  if (rows.length === 0) return [];
  const width = (column: 0 | 1 | 2) => Math.max(3, ...rows.map((row) => row[column].length));
  const line = (name: string, value: string, comparison: string) =>
    `| ${name.padEnd(width(0))} | ${value.padStart(width(1))} | ${comparison.padEnd(width(2))} |`;
  return [
    line('', '', ''),
    line('-'.repeat(width(0)), `${'-'.repeat(width(1) - 1)}:`, '-'.repeat(width(2))),
    ...rows.map((row) => line(...row)),
  ];
}
