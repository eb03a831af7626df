import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { SEED, type Tally } from './campaign.ts';

const PAGE = join(import.meta.dirname, '..', '..', 'docs', 'reliability.md');
const JEST = ['--experimental-vm-modules', '--disable-warning=ExperimentalWarning'];

/** Runs all of `test/faults` or `test/security`, prints what was tried and what was lost, and may write it down. */
const {
  values: { seed, write },
  positionals: [campaign = '', ...filters],
} = parseArgs({
  options: { seed: { type: 'string', default: String(SEED) }, write: { type: 'boolean', default: false } },
  allowPositionals: true,
});
if (campaign !== 'faults' && campaign !== 'security') throw new Error('Expected faults or security.');
if (!/^\d{1,10}$/.test(seed)) throw new Error('Expected --seed to be a whole number.');

/** One pattern for each filter, since jest runs what matches any of them. */
const patterns = (filters.length === 0 ? [''] : filters).map((filter) => `test/${campaign}/.*${filter}`);

const directory = mkdtempSync(join(tmpdir(), 'keyward-campaign-'));
const tallyFile = join(directory, 'tally.ndjson');
const startedAt = performance.now();
const { status } = spawnSync(process.execPath, [...JEST, 'node_modules/jest/bin/jest.js', ...patterns], {
  stdio: 'inherit',
  cwd: join(import.meta.dirname, '..'),
  env: {
    ...process.env,
    KEYWARD_CAMPAIGN: 'whole',
    KEYWARD_CAMPAIGN_SEED: seed,
    KEYWARD_CAMPAIGN_TALLY: tallyFile,
  },
});
const seconds = Math.round((performance.now() - startedAt) / 1000);
const tallies = readTallies();
rmSync(directory, { recursive: true, force: true });
const table = tableOf(tallies);
const command = `npm run test:${campaign} -- --seed ${seed}`;
console.log(`\n${table}\n\n${command}: ${seconds} s, ${status === 0 ? 'passed' : 'FAILED'}.`);
if (write && status === 0) writePage();
process.exitCode = status ?? 1;

function readTallies(): Tally[] {
  if (!existsSync(tallyFile)) return [];
  const lines = readFileSync(tallyFile, 'utf8').trim().split('\n');
  return lines.map((line) => JSON.parse(line) as Tally).sort((a, b) => (a.property < b.property ? -1 : 1));
}

/** A table whose columns line up, as this repository's formatter wants them. */
function tableOf(rows: readonly Tally[]): string {
  const cells = rows.map(({ property, tried, lost }) => [
    property,
    tried.map(([what, count]) => `${count.toLocaleString('en-US')} ${what}`).join(', '),
    lost.toLocaleString('en-US'),
  ]);
  const head = ['property', 'tried', 'lost'];
  const widths = head.map((name, at) => Math.max(name.length, ...cells.map((row) => (row[at] ?? '').length)));
  const line = (row: readonly string[]) =>
    `| ${row.map((cell, at) => (at === 2 ? cell.padStart(widths[at] ?? 0) : cell.padEnd(widths[at] ?? 0))).join(' | ')} |`;
  const rule = widths.map((width, at) => (at === 2 ? `${'-'.repeat(width - 1)}:` : '-'.repeat(width)));
  return [line(head), line(rule), ...cells.map(line)].join('\n');
}

/** Puts the table between the campaign's markers of `docs/reliability.md`. */
function writePage(): void {
  const page = readFileSync(PAGE, 'utf8');
  const start = `<!-- figures: ${campaign} -->`;
  const from = page.indexOf(start);
  const to = page.indexOf('<!-- end -->', from);
  if (from === -1 || to === -1) throw new Error(`docs/reliability.md has no place for ${campaign}.`);
  const date = new Date().toISOString().slice(0, 10);
  const text = `${table}\n\n\`${command}\`, ${seconds} s, ${date}.`;
  writeFileSync(PAGE, `${page.slice(0, from + start.length)}\n\n${text}\n\n${page.slice(to)}`);
}
