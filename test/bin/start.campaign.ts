import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { startDynamoDb } from '../../local/index.ts';
import { endOf } from './command-line.ts';
import { descendantsOf, isAlive, isOpen, type Running, run, until } from './processes.ts';

/** Two products are synthesized and start at the same time, on a machine that may do other work. */
const LONG = 600_000;
const STOP_DEADLINE_MS = 5_000;

/** Where the runs put what is temporary; nothing of it may stay. */
const temporary = mkdtempSync(join(tmpdir(), 'keyward-start-'));
const ENV = { ...process.env, TMPDIR: temporary };

/** The cache is npm's own. */
const leftovers = () => readdirSync(temporary).filter((name) => name !== 'node-compile-cache');

const npmStart = (...args: string[]) => run('npm', ['start', '--silent', ...args], ENV);
const startByNode = (args: readonly string[], env: NodeJS.ProcessEnv = ENV) =>
  run(process.execPath, ['bin/local.ts', ...args], env);

async function expectSentence(failed: Running, sentence: RegExp): Promise<void> {
  const { code, stdout, stderr } = await endOf(failed);
  expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
  expect(stderr).toMatch(/^[^\n]+\n$/);
  expect(stderr).toMatch(sentence);
}

let started: Running[];
beforeAll(async () => {
  started = [1, 2].map(() => npmStart('--', '--json', '--port', '0'));
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
  rmSync(temporary, { recursive: true });
});

const ready = ({ stdout }: Running) => JSON.parse(stdout());
const portOf = (url: string) => Number(new URL(url).port);

test('npm start says in one line of JSON where everything is, and nothing else on stdout', () => {
  for (const each of started) {
    expect(each.stdout().split('\n')).toEqual([expect.any(String), '']);
    expect(each.stderr()).toBe('');
    const url = expect.stringMatching(/^http:\/\/127\.0\.0\.1:[1-9]\d*$/);
    const user = expect.stringMatching(/^usr_[0-9A-Za-z]+$/);
    expect(ready(each)).toEqual({
      ready: true,
      profile: 'standard',
      management_url: url,
      api_url: url,
      console_url: expect.stringMatching(/^http:\/\/127\.0\.0\.1:[1-9]\d*\/console\/$/),
      issuer_url: url,
      management_key: expect.stringMatching(/^kwm_[0-9A-Za-z]{36}$/),
      workspace: 'acme',
      users: { owner: user, admin: user, member: user },
    });
  }
});

test('no bundler runs any more once everything has started', () => {
  for (const { child } of started) {
    const ids = descendantsOf(child.pid ?? 0).join();
    const commands = execFileSync('ps', ['-o', 'args=', '-p', ids], { encoding: 'utf8' });
    expect(commands).toContain('DynamoDBLocal');
    expect(commands).not.toMatch(/esbuild|synthesize/);
  }
});

test('a port that is taken is one sentence that names the first port and how to choose another, before anything is built', async () => {
  const other = createServer().listen(0, '127.0.0.1');
  await new Promise((listening) => other.once('listening', listening));
  const { port } = other.address() as AddressInfo;
  const before = leftovers();
  try {
    for (const first of [port, port - 2])
      await expectSentence(
        startByNode(['--port', String(first)]),
        new RegExp(
          `^keyward: Port ${port} on 127\\.0\\.0\\.1 is taken: .+ than ${first} with \`npm start -- --port \\d+\`\\.\n$`,
        ),
      );
    expect(leftovers()).toEqual(before);
  } finally {
    other.close();
  }
});

test('options that npm does not pass on are one sentence that shows what to type', async () => {
  const starts = [
    { args: ['--port', '4610'], typed: '--port 4610' },
    { args: ['--profile=supertone'], typed: '--profile supertone' },
  ].map(({ args, typed }) => ({ running: npmStart(...args), typed }));
  for (const { running, typed } of starts)
    await expectSentence(running, new RegExp(`: \`npm start -- ${typed}\`\\.\n$`));
});

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

test('SIGHUP, of a terminal that was closed, ends a start that is under way, and nothing of it stays', async () => {
  const running = startByNode(['--port', '0']);
  const isSynthesizing = () => leftovers().some((name) => name.startsWith('keyward-assembly-'));
  await until('The synthesis', isSynthesizing, LONG);
  const processes = descendantsOf(running.child.pid ?? 0);
  running.child.kill('SIGHUP');
  expect(await endOf(running)).toEqual({ code: 0, stdout: '', stderr: '' });
  await until('The end', () => !processes.some(isAlive), STOP_DEADLINE_MS);
  expect(leftovers()).toEqual([]);
});

test(
  'an unknown profile and an unknown option are a sentence on stderr each, and exit code 1',
  async () => {
    const profile = startByNode(['--profile', 'nope']);
    const option = startByNode(['--prot', '1']);
    await expectSentence(profile, /^keyward: There is no profile nope; there are .*standard.*\.$/m);
    const { code, stdout, stderr } = await endOf(option);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(/^error: unknown option '--prot'/);
    expect(stderr).not.toMatch(/^\s+at /m);
  },
  LONG,
);

/** Makes a folder for PATH that holds this Node and, if there is a script, a `java` made of it. */
function pathWith(script: string | undefined): string {
  const folder = mkdtempSync(join(tmpdir(), 'keyward-path-'));
  symlinkSync(process.execPath, join(folder, 'node'));
  if (script !== undefined) writeFileSync(join(folder, 'java'), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  return folder;
}

test.each([
  ['no Java', undefined, /^Java was not found: .+ version 17 or newer.+\.$/],
  [
    'a Java that is too old',
    'case "$*" in *-version*) echo \'openjdk version "11.0.25" 2024-10-15\' >&2;; *) printf "Error: LinkageError\\n\\tat x\\n" >&2; exit 1;; esac',
    /^Java 11 is too old: .+ version 17 or newer.+\.$/,
  ],
  [
    'Java 8, whose number stands after a one',
    'case "$*" in *-version*) echo \'java version "1.8.0_442"\' >&2;; *) exit 1;; esac',
    /^Java 8 is too old: /,
  ],
  [
    'the placeholder of macOS',
    'echo "The operation couldn’t be completed. Unable to locate a Java Runtime." >&2; exit 1',
    /^Java was not found: /,
  ],
  [
    'a Java that does not start',
    'case "$*" in *-version*) echo \'openjdk version "17.0.1"\' >&2;; *) printf "Could not reserve enough space.\\n\\tat x\\n" >&2; exit 1;; esac',
    /^DynamoDB Local ended while starting: Could not reserve enough space\.$/,
  ],
])('%s is one sentence', async (_, script, sentence) => {
  const folder = pathWith(script);
  const { PATH } = process.env;
  process.env.PATH = folder;
  try {
    await expect(startDynamoDb()).rejects.toThrow(sentence);
  } finally {
    process.env.PATH = PATH;
    rmSync(folder, { recursive: true });
  }
});

test(
  'a start without Java ends with that sentence alone, and nothing of it stays',
  async () => {
    const folder = pathWith(undefined);
    try {
      const running = startByNode(['--port', '0'], { ...ENV, PATH: folder });
      await expectSentence(running, /^keyward: Java was not found: .+\.\n$/);
      expect(leftovers()).toEqual([]);
    } finally {
      rmSync(folder, { recursive: true });
    }
  },
  LONG,
);
