import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { transformSync } from 'esbuild';
import { endOf } from './command-line.ts';
import { ROOT, run } from './processes.ts';

const FILE = './bin/node-version.cjs';

/** Runs the check as a Node of some version would. */
const asNode = (version: string) => {
  const versions = `Object.defineProperty(process.versions, 'node', { value: '${version}' });`;
  return endOf(run(process.execPath, ['-e', `${versions} require('${FILE}')`]));
};

test.each(['14.21.3', '20.20.2', '22.22.2', '23.11.1'])(
  'Node %s is told in one sentence that it is too old, before anything else is read',
  async (version) => {
    const { code, stdout, stderr } = await asNode(version);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(/^keyward: Node 24 or newer is needed, and this is Node .+\.\n$/);
    expect(stderr).toContain(`this is Node ${version}:`);
    expect(stderr).toContain('`npm run keyward -- …`');
  },
);

test('Node 24 and newer ones go on', async () => {
  for (const version of ['24.0.0', '26.10.0', '100.0.0'])
    expect(await asNode(version)).toEqual({ code: 0, stdout: '', stderr: '' });
});

test('every command loads the check first, and it holds no syntax that an old Node does not read', () => {
  const json = (file: string) => JSON.parse(readFileSync(join(ROOT, file), 'utf8'));
  const { scripts } = json('package.json');
  const commands = Object.values<string>({ ...scripts, app: json('cdk.json').app });
  const inTypeScript = commands.filter((command) => /\.ts\b/.test(command));
  expect(inTypeScript.length).toBeGreaterThan(8);
  for (const command of inTypeScript)
    expect(command).toMatch(/(^|^exec |&& )node -r \.\/bin\/node-version\.cjs [\w/-]+\.ts( \w+)?$/);
  expect(scripts.keyward).toBe('node bin/keyward.mjs');
  const [first] = readFileSync(join(ROOT, 'bin/keyward.mjs'), 'utf8').match(/^import .+$/m) ?? [];
  expect(first).toBe(`import '${FILE.replace('bin/', '')}';`);
  const source = readFileSync(join(ROOT, FILE), 'utf8');
  const plain = (target: string) => transformSync(source, { target }).code;
  expect(plain('node12')).toBe(plain('esnext'));
});

test('package.json and the pages for newcomers name the same oldest Node to install with', () => {
  const { engines } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
  // It is about npm alone: scripts run on the Node 24 that npm installs and puts first on their path.
  expect(engines).toEqual({ node: '>=20' });
  for (const page of ['README.md', 'CONTRIBUTING.md', 'docs/getting-started.md'])
    expect(readFileSync(join(ROOT, page), 'utf8')).toContain(
      'You need Node 20 or newer with npm, and Java 17',
    );
});
