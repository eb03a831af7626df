import { execFileSync } from 'node:child_process';
import { expect, test } from '@jest/globals';
import { GROUPS } from '../../bin/commands/groups.ts';
import { ROOT } from './processes.ts';

/** Runs in a Node of its own: prints the help of some commands there, and then the modules that this took. */
const SCRIPT = `
import { registerHooks } from 'node:module';
const loaded = [];
registerHooks({ load(url, context, next) { loaded.push(url); return next(url, context); } });
const { createProgram } = await import('./bin/commands/program.ts');
await createProgram(undefined, process.argv[1]);
process.stdout.write(JSON.stringify(loaded));
`;

function modulesOf(called: string): string[] {
  const args = ['--input-type=module', '--eval', SCRIPT, called];
  const loaded: string[] = JSON.parse(execFileSync(process.execPath, args, { cwd: ROOT, encoding: 'utf8' }));
  return loaded.filter((url) => url.startsWith('file:')).map((url) => url.slice(`file://${ROOT}/`.length));
}

const NAMES = Object.values(GROUPS).flatMap((groups) => groups.map(({ name }) => name));

test('a command line that only shows help loads two small packages, and nothing that provisions or stores', () => {
  expect(NAMES).toContain('keys');
  const heavy = (path: string) =>
    /^(lib|stores|local|lambdas|openapi|client)\//.test(path) ||
    (path.startsWith('node_modules/') && !/^node_modules\/(commander|get-east-asian-width)\//.test(path));
  expect(modulesOf('every group').filter(heavy)).toEqual([]);
});
