import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { expect, test } from '@jest/globals';
import { endOf, runHere } from './command-line.ts';
import { run } from './processes.ts';

/** Nobody's: neither credentials, nor a Region, nor a place to look for them. */
const ENV = { PATH: process.env.PATH, HOME: '/nonexistent', AWS_EC2_METADATA_DISABLED: 'true' };

const keyward = (...args: string[]) => runHere(args);

/** As an operator runs it. */
const spawnKeyward = (...args: string[]) => endOf(run(process.execPath, ['bin/keyward.mjs', ...args], ENV));

test('--help of the operator’s commands names their options and where credentials come from, and needs no account', async () => {
  const { code, stdout, stderr } = await keyward('restore', '--help');
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  for (const option of [
    '--accept-lost-revocations',
    '--name',
    '--stack-prefix',
    '--tables',
    '--retention',
    'AWS_REGION',
    'HTTPS_PROXY',
  ])
    expect(stdout).toContain(option);
  const keys = await keyward('management-keys', '--help');
  for (const command of ['issue', 'list', 'revoke', 'migrate']) expect(keys.stdout).toContain(command);
});

const LONG_TEXT = 'x'.repeat(256);

test.each([
  [
    'no workspace',
    ['bootstrap', '--owner', 'usr_1'],
    /^keyward: required option '--workspace <slug>' not specified$/,
  ],
  [
    'no owner',
    ['bootstrap', '--workspace', 'acme'],
    /^keyward: required option '--owner <user id>' not specified$/,
  ],
  [
    'no slug',
    ['bootstrap', '--workspace', 'ACME', '--owner', 'usr_1'],
    /It must be 1 to 40 lower-case letters/,
  ],
  ['an empty owner', ['bootstrap', '--workspace', 'acme', '--owner', ''], /It must be 1 to 255 bytes/],
  ['a long name', ['management-keys', 'issue', '--key-name', LONG_TEXT], /It must be 1 to 100 characters/],
  ['control characters', ['management-keys', 'revoke', 'key_\u001b[2J'], /It must be 1 to 255 characters/],
  ['a name of blanks', ['management-keys', 'issue', '--key-name', '  '], /It must be 1 to 100 characters/],
  ['a name of fillers', ['management-keys', 'issue', '--key-name', '\u3164\u2800'], /of visible text/],
  ['an owner with an invisible end', ['bootstrap', '--workspace', 'a', '--owner', 'usr_1\u200b'], /visible/],
  ['an owner in another form', ['bootstrap', '--workspace', 'a', '--owner', 'e\u0301'], /normal form C/],
  [
    'a line separator',
    ['management-keys', 'issue', '--key-name', 'a\u2028b'],
    /It must be 1 to 100 characters/,
  ],
  [
    'text that turns around',
    ['bootstrap', '--workspace', 'a', '--owner', 'a\u202eb'],
    /It must be 1 to 255 bytes/,
  ],
  [
    'no retention',
    ['--retention', '29', 'management-keys', 'list'],
    /It must be a whole number of days from 30/,
  ],
  [
    'a retention of what was deployed',
    ['--retention', '30', 'management-keys', 'list'],
    /--retention is for --tables/,
  ],
  [
    'a name that no stack has',
    ['--name', 'no blanks', 'management-keys', 'list'],
    /its name is at most 40 letters/,
  ],
  [
    'two names',
    ['--name', 'a', '--stack-prefix', 'b', 'management-keys', 'list'],
    /--name and --stack-prefix both name the stacks: leave one out/,
  ],
  [
    'three tables',
    ['--tables', 'one,two,three', 'backup', '--to', 'x'],
    /It must be the names of four tables/,
  ],
  ['no moment', ['backup', '--to', 'x', '--at', 'yesterday'], /It must be a time such as /],
  [
    'no zone',
    ['backup', '--to', 'x', '--at', '2026-11-28 03:45:24'],
    /It must be a time such as .* and a zone/,
  ],
  [
    'a moment to come',
    ['backup', '--to', 'x', '--at', new Date(Date.now() + 86_400_000).toISOString()],
    /It must not be later than now/,
  ],
  [
    'no workspace of a key',
    ['operator', 'keys', 'revoke', 'key_1'],
    /required option '--workspace <slug>' not specified/,
  ],
  ['no user of a token', ['operator', 'tokens', 'revoke', 'pat_1'], /option '--user <id>' not specified/],
  ['nowhere to copy to', ['backup'], /^keyward: required option '--to <file>' not specified$/],
  ['no key', ['management-keys', 'revoke'], /^keyward: missing required argument 'id'$/],
  ['an unknown command', ['boostrap'], /^keyward: unknown command 'boostrap'/],
  ['a word that no command is like', ['bogus'], /^keyward: unknown command 'bogus'$/],
  ['an unknown option', ['management-keys', 'list', '--all'], /^keyward: unknown option '--all'/],
])(
  '%s is a clear sentence on stderr and a failure, before any account is asked',
  async (_, args, sentence) => {
    const { code, stdout, stderr } = await keyward(...args);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr.split('\n')[0]).toMatch(sentence);
    expect(stderr).not.toMatch(/^\s+at |node_modules/m);
  },
);

test.each([
  ['the product that keyward.json names', [], 'Keyward-Standard-Data'],
  ['the name that it is told', ['--name', 'supersonic-authorized'], 'Keyward-SupersonicAuthorized-Data'],
  ['the prefix that it is told', ['--stack-prefix', 'Keyward'], 'Keyward-Data'],
])('it looks for the stacks of %s', async (_, args, expected) => {
  const asked: string[] = [];
  const cloudFormation = createServer(async (request, response) => {
    asked.push(new URLSearchParams(await text(request)).get('StackName') ?? '');
    response.writeHead(400).end();
  });
  await new Promise<void>((listening) => cloudFormation.listen(0, '127.0.0.1', listening));
  const { port } = cloudFormation.address() as AddressInfo;
  const access = async () => ({
    endpoint: `http://127.0.0.1:${port}`,
    region: 'us-east-1',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
  });
  const { code } = await runHere([...args, 'management-keys', 'list'], { access });
  cloudFormation.close();
  expect(code).toBe(1);
  expect(asked).toEqual([expected]);
});

test('profile check lists every mistake of a file by line and column and fails, or says that there is none', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'keyward-check-'));
  try {
    const text = readFileSync('profiles/supertone.json', 'utf8');
    writeFileSync(join(folder, 'supertone.json'), text);
    const wrong = text.replace('"max_active_keys": 3', '"max_active_keys": 0');
    writeFileSync(join(folder, 'wrong.json'), wrong.replace('"prefix": ""', '"prefix": "Sup_" /* ours */'));
    expect(await keyward('profile', 'check', join(folder, 'supertone.json'))).toEqual({
      code: 0,
      stderr: '',
      stdout: `${join(folder, 'supertone.json')} is a profile of the product supertone.\n`,
    });
    const { code, stderr, stdout } = await keyward('profile', 'check', join(folder, 'wrong.json'));
    expect({ code, stderr }).toEqual({ code: 1, stderr: '' });
    expect(stdout.trimEnd().split('\n')).toEqual([
      expect.stringMatching(/^wrong\.json:2:11: The profile in .* calls itself supertone: /),
      expect.stringMatching(/^wrong\.json:5:\d+: The profile's api_key\.prefix must be a prefix without "S"/),
      expect.stringMatching(/^wrong\.json:5:\d+: JSON has no comments/),
      expect.stringMatching(/^wrong\.json:7:22: The profile's max_active_keys must be /),
    ]);
    // npm runs its scripts elsewhere, and says where it was called.
    const args = ['bin/keyward.mjs', 'profile', 'check', './supertone.json'];
    const called = run(process.execPath, args, { ...ENV, INIT_CWD: folder });
    expect([await called.exit, called.stdout()]).toEqual([
      0,
      './supertone.json is a profile of the product supertone.\n',
    ]);
    const missing = await keyward('profile', 'check', join(folder, 'nope.json'));
    expect(missing).toMatchObject({ code: 1, stdout: '' });
    expect(missing.stderr).toMatch(/^keyward: There is no file .*nope\.json\.\n$/);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('run as an operator does, without a Region or credentials, it says so in one line, prints no key and fails', async () => {
  const { code, stdout, stderr } = await spawnKeyward('bootstrap', '--workspace', 'acme', '--owner', 'usr_1');
  expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
  expect(stderr).toMatch(/^keyward: .+\n$/);
  expect(stderr).not.toContain('kwm_');
});

test('run as an operator does, --help succeeds, and a mistake is one sentence on stderr and exit code 2', async () => {
  const [help, mistake] = await Promise.all([spawnKeyward('--help'), spawnKeyward('boostrap')]);
  expect(help).toMatchObject({ code: 0, stderr: '', stdout: expect.stringContaining('management-keys') });
  expect(mistake).toMatchObject({ code: 2, stdout: '' });
  expect(mistake.stderr).toMatch(/^keyward: unknown command 'boostrap'/);
});

test.each([
  [['help'], 'keyward <command>'],
  [['help', 'keys'], 'keyward keys'],
  [['keys', 'help'], 'keyward keys'],
  [['keys', 'help', 'issue'], 'keyward keys issue'],
])('the word help is --help: %j', async (args, usage) => {
  const { code, stdout } = await keyward(...args);
  expect([code, stdout.startsWith(`Usage: ${usage}`)]).toEqual([0, true]);
});
