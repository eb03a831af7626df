import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { drawChart } from './chart.ts';
import { PARTS } from './figure.ts';
import { fillPage, tableLines } from './marked-page.ts';
import { formatComparison, formatValue } from './report.ts';
import { type MeasuredPart, type Results, readResults } from './results.ts';

const CHART = join(import.meta.dirname, '..', 'docs', 'bench.svg');

/** Writes the figures of `bench/results.json` between the markers of `docs/bench.md`, and draws `docs/bench.svg`. */
export function writeDocs(): void {
  const results = readResults();
  if (results === undefined) throw new Error('There is no bench/results.json yet: npm run bench writes it.');
  const texts = new Map<string, string>([['machine', describeMachine(results)]]);
  for (const part of PARTS) {
    const measured = results.parts[part];
    texts.set(part, measured ? describePart(measured) : 'Not measured yet.');
  }
  fillPage('bench.md', texts);
  writeFileSync(CHART, drawChart(results));
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
    rows.length > 0 ? tableLines(['left', 'right', 'left'], [[], ...rows]) : [],
    remarks,
    [`\`${command}\`, ${date.slice(0, 10)}.`],
  ];
  return paragraphs
    .map((lines) => lines.join('\n'))
    .filter((paragraph) => paragraph !== '')
    .join('\n\n');
}
