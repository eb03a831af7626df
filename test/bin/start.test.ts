import { mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { descendantsOf, isAlive, isOpen, type Running, run, until } from './processes.ts';

const LONG = 120_000;
const STOP_DEADLINE_MS = 5_000;

const startByNpm = (...args: string[]) =>
  run('npm', ['start', '--silent', '--', '--json', '--port', '0', ...args]);
const startByNode = (args: readonly string[], env?: NodeJS.ProcessEnv) =>
  run(process.execPath, ['bin/local.ts', ...args], env);

let started: Running[];
beforeAll(async () => {
  started = [startByNpm(), startByNpm()];
  for (const { stdout, stderr, child } of started)
    await until(
      'The start',
      () => {
        if (child.exitCode !== null) throw new Error(`npm start has ended: ${stderr()}`);
        return stdout().includes('\n');
      },
      LONG,
    );
}, LONG);
afterAll(async () => {
  for (const { child, exit } of started) {
    child.kill('SIGTERM');
    await exit;
  }
});

const ready = ({ stdout }: Running) => JSON.parse(stdout());
const portOf = (url: string) => Number(new URL(url).port);

test('npm start says in one line of JSON where everything is, and nothing else on stdout', () => {
  for (const each of started) {
    expect(each.stdout().split('\n')).toEqual([expect.any(String), '']);
    const url = expect.stringMatching(/^http:\/\/127\.0\.0\.1:[1-9]\d*$/);
    const user = expect.stringMatching(/^usr_[0-9A-Za-z]+$/);
    expect(ready(each)).toEqual({
      ready: true,
      profile: 'standard',
      management_url: url,
      api_url: url,
      console_url: null,
      issuer_url: url,
      management_key: expect.stringMatching(/^kwm_[0-9A-Za-z]{36}$/),
      workspace: 'acme',
      users: { owner: user, admin: user, member: user },
    });
  }
});

test(
  'a port that is taken is one sentence that names it',
  async () => {
    const [first] = started;
    const port = first ? portOf(ready(first).management_url) : 0;
    const failed = startByNode(['--port', String(port)]);
    expect(await failed.exit).toBe(1);
    expect(failed.stdout()).toBe('');
    const lines = failed.stderr().trim().split('\n');
    expect(lines.filter((line) => !line.startsWith('Bundling asset '))).toEqual([
      expect.stringMatching(new RegExp(`^keyward: Port ${port} on 127\\.0\\.0\\.1 is taken: .+\\.$`)),
    ]);
  },
  LONG,
);

test.each(['SIGTERM', 'SIGINT'] as const)(
  '%s to npm ends it and everything that it started',
  async (signal) => {
    const running = started.pop();
    const { pid } = running?.child ?? {};
    if (running === undefined || pid === undefined) throw new Error('Nothing runs.');
    const { management_url, api_url, issuer_url } = ready(running);
    const processes = descendantsOf(pid);
    const ports = [management_url, api_url, issuer_url].map(portOf);
    // npm, the product, the shell that watches over Java, Java.
    expect(processes.length).toBeGreaterThanOrEqual(3);
    for (const port of ports) expect(await isOpen(port)).toBe(true);
    running.child.kill(signal);
    await until('The end', () => ![pid, ...processes].some(isAlive), STOP_DEADLINE_MS);
    for (const port of ports) expect(await isOpen(port)).toBe(false);
    expect(running.stderr()).not.toMatch(/^\s+at /m);
  },
);

test.each([
  [
    'an unknown profile',
    ['--profile', 'nope'],
    /^keyward: There is no profile nope; there are .*standard.*\.$/,
  ],
  [
    'a port that is no number',
    ['--port', 'http'],
    /^error: .*--port.* It must be a whole number from 0 to 65533.*\.$/,
  ],
  ['a port that leaves no next one', ['--port', '65534'], /^error: .*--port.* It must be a whole number/],
  ['an unknown option', ['--prot', '1'], /^error: unknown option '--prot'/],
])(
  '%s is one sentence on stderr, and exit code 1',
  async (_, args, sentence) => {
    const failed = startByNode(args);
    expect(await failed.exit).toBe(1);
    expect(failed.stdout()).toBe('');
    expect(failed.stderr().trim().split('\n')[0]).toMatch(sentence);
    expect(failed.stderr()).not.toMatch(/^\s+at /m);
  },
  LONG,
);

test(
  'without Java it says in one sentence what is missing',
  async () => {
    const folder = mkdtempSync(join(tmpdir(), 'keyward-path-'));
    symlinkSync(process.execPath, join(folder, 'node'));
    try {
      const failed = startByNode([], { ...process.env, PATH: folder });
      expect(await failed.exit).toBe(1);
      expect(failed.stdout()).toBe('');
      expect(failed.stderr().trim().split('\n').at(-1)).toMatch(/^keyward: Java was not found: .+17.+\.$/);
      expect(failed.stderr()).not.toMatch(/^\s+at /m);
    } finally {
      rmSync(folder, { recursive: true });
    }
  },
  LONG,
);
