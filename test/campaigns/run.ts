import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { fillPage, tableLines } from '../../bench/marked-page.ts';
import { SEED, type Tally } from './campaign.ts';

const JEST = [
  '--disable-warning=ExperimentalWarning',
  'node_modules/jest/bin/jest.js',
  '--config=test/campaigns/jest.config.js',
];

/**
 * Runs all suites and campaigns of `test/faults`, or of `test/security` and `test/acceptance`. It prints what was tried and what
 * was lost, and may write it down.
 */
const {
  values: { seed, write },
  positionals: [campaign = '', ...filters],
} = parseArgs({
  options: { seed: { type: 'string', default: String(SEED) }, write: { type: 'boolean', default: false } },
  allowPositionals: true,
});
if (campaign !== 'faults' && campaign !== 'security') throw new Error('Expected faults or security.');
if (!/^\d{1,10}$/.test(seed)) throw new Error('Expected --seed to be a whole number.');

/** What the campaigns of `test/acceptance` send to whole products is what an attacker might. */
const FOLDERS = { faults: 'test/faults', security: 'test/(security|acceptance)' };

/** One pattern for each filter, since jest runs what matches any of them. */
const patterns = (filters.length === 0 ? [''] : filters).map((filter) => `${FOLDERS[campaign]}/.*${filter}`);

const directory = mkdtempSync(join(tmpdir(), 'keyward-campaign-'));
const tallyFile = join(directory, 'tally.ndjson');
const startedAt = performance.now();
const { status } = spawnSync(process.execPath, [...JEST, ...patterns], {
  stdio: 'inherit',
  cwd: join(import.meta.dirname, '..', '..'),
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

function tableOf(rows: readonly Tally[]): string {
  const cells = rows.map(({ property, tried, lost }) => [
    property,
    tried.map(([what, count]) => `${count.toLocaleString('en-US')} ${what}`).join(', '),
    lost.toLocaleString('en-US'),
  ]);
  return tableLines(['left', 'left', 'right'], [['property', 'tried', 'lost'], ...cells]).join('\n');
}

function writePage(): void {
  const date = new Date().toISOString().slice(0, 10);
  fillPage('reliability.md', new Map([[campaign, `${table}\n\n\`${command}\`, ${seconds} s, ${date}.`]]));
}
