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
  const rows = figures.map((each) => `| ${each.name} | ${formatValue(each)} | ${formatComparison(each)} |`);
  const promises = bars.map(
    ({ promise, reached, measured }) =>
      `- ${promise}: ${reached ? `reached (${measured})` : `**not reached**: ${measured}`}`,
  );
  return [
    ...(setting.length > 0 ? [setting.join(' '), ''] : []),
    ...(rows.length > 0 ? ['| | | |', '| --- | ---: | --- |', ...rows, ''] : []),
    ...[...promises, ...[...notes, ...notMeasured].map((line) => `- ${line}`), ''],
    `\`${command}\`, ${date.slice(0, 10)}.`,
  ].join('\n');
}
