import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { DEFECTS, type Defect } from './defects.ts';

const ROOT = join(import.meta.dirname, '..', '..');
const JEST = [
  '--disable-warning=ExperimentalWarning',
  'node_modules/jest/bin/jest.js',
  '--testMatch=**/test/**/*.{test,campaign}.ts',
];

interface JestResults {
  readonly testResults: readonly {
    readonly name: string;
    readonly message: string;
    readonly assertionResults: readonly { readonly status: string; readonly fullName: string }[];
  }[];
}

/** Plants each defect in a copy of the sources, runs the tests that have to find it, and shows which do. */
const wanted = process.argv.slice(2);
const copy = mkdtempSync(join(tmpdir(), 'keyward-defects-'));
let missed = 0;
try {
  const chosen = DEFECTS.filter(
    ({ name }) => wanted.length === 0 || wanted.some((text) => name.includes(text)),
  );
  copySources();
  for (const defect of chosen) {
    const failures = planted(defect);
    missed += failures.length === 0 ? 1 : 0;
    console.log(
      `\n${defect.name}\n  ${failures.length === 0 ? 'NOT FOUND' : `found by ${failures.length}:`}`,
    );
    for (const failure of failures.slice(0, 5)) console.log(`  - ${failure}`);
    if (failures.length > 5) console.log(`  - and ${failures.length - 5} more`);
  }
  console.log(`\n${chosen.length - missed} of ${chosen.length} defects were found.`);
} finally {
  rmSync(copy, { recursive: true, force: true });
}
process.exitCode = missed === 0 ? 0 : 1;

function copySources(): void {
  const listed = execFileSync('git', ['ls-files', '-co', '--exclude-standard'], {
    cwd: ROOT,
    encoding: 'utf8',
  });
  for (const file of listed.trim().split('\n')) {
    mkdirSync(dirname(join(copy, file)), { recursive: true });
    cpSync(join(ROOT, file), join(copy, file));
  }
  symlinkSync(join(ROOT, 'node_modules'), join(copy, 'node_modules'));
}

/** @returns the names of the tests that failed. */
function planted(defect: Defect): string[] {
  const originals = new Map<string, string>();
  try {
    for (const { file, text, replacement } of defect.edits) {
      const path = join(copy, file);
      const source = readFileSync(path, 'utf8');
      if (source.split(text).length !== 2)
        throw new Error(`"${defect.name}" cannot be planted: ${file} has changed.`);
      if (!originals.has(path)) originals.set(path, source);
      writeFileSync(
        path,
        source.replace(text, () => replacement),
      );
    }
    return failuresOf(defect.suites);
  } finally {
    for (const [path, source] of originals) writeFileSync(path, source);
  }
}

function failuresOf(suites: readonly string[]): string[] {
  const output = join(copy, 'results.json');
  rmSync(output, { force: true });
  const jest = [...JEST, '--json', `--outputFile=${output}`, ...suites];
  const env = { ...process.env, KEYWARD_CAMPAIGN: 'part' };
  spawnSync(process.execPath, jest, { cwd: copy, stdio: 'ignore', env });
  const { testResults } = JSON.parse(readFileSync(output, 'utf8')) as JestResults;
  return testResults.flatMap(({ name, message, assertionResults }) => {
    const failed = assertionResults.filter(({ status }) => status === 'failed');
    const suite = name.slice(copy.length + 1);
    // A defect that does not even load would prove nothing about the tests.
    if (message !== '' && assertionResults.length === 0)
      throw new Error(`${suite} could not run: ${message}`);
    return failed.map(({ fullName }) => `${suite}: ${fullName}`);
  });
}
