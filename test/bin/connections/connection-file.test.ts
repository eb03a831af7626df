import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { configFolder } from '../../../bin/config-folder.ts';
import { type Connection, isSafeUrl, withConnection } from '../../../bin/connections/connection.ts';
import { openConnectionFile } from '../../../bin/connections/connection-file.ts';
import { runHere } from '../command-line.ts';

let folder: string;
beforeEach(() => {
  folder = join(mkdtempSync(join(tmpdir(), 'keyward-config-')), 'keyward');
});
afterEach(() => rmSync(join(folder, '..'), { recursive: true }));

const CONNECTION: Connection = {
  url: 'https://keys.example.com',
  workspace: 'acme',
  credential: { kind: 'key', secret: 'kwm_secret' },
};
const file = () => openConnectionFile(folder, 'linux');
const path = () => join(folder, 'connections.json');
const modeOf = (name: string) => (statSync(name).mode & 0o777).toString(8);

describe('the file of connections', () => {
  test('is for its user alone, also where the umask would open it', () => {
    const before = process.umask(0);
    try {
      file().update((all) => withConnection(all, 'prod', CONNECTION));
    } finally {
      process.umask(before);
    }
    expect([modeOf(folder), modeOf(path())]).toEqual(['700', '600']);
    expect(file().read()).toEqual({ current: 'prod', connections: { prod: CONNECTION } });
    expect(readdirSync(folder)).toEqual(['connections.json']);
  });

  test('is refused where others can read it, and where they can write to its folder', () => {
    file().update((all) => withConnection(all, 'prod', CONNECTION));
    chmodSync(path(), 0o640);
    expect(() => file().read()).toThrow(
      `Others may read ${path()}, which holds credentials: run \`chmod 600`,
    );
    chmodSync(path(), 0o600);
    chmodSync(folder, 0o777);
    expect(() => file().update((all) => all)).toThrow(`Others may write to ${folder}`);
    expect(readdirSync(folder)).toEqual(['connections.json']);
  });

  test.each(['', '{', '[]', '{"current":null}', '{"current":null,"connections":{"a":{"url":1}}}'])(
    'is left as it is where it holds something else: %s',
    (text) => {
      mkdirSync(folder, { recursive: true, mode: 0o700 });
      writeFileSync(path(), text, { mode: 0o600 });
      expect(() => file().update((all) => withConnection(all, 'prod', CONNECTION))).toThrow(
        /holds no connections that this version can read/,
      );
      expect(readFileSync(path(), 'utf8')).toBe(text);
    },
  );
});

test.each([
  [{ KEYWARD_CONFIG: '/a/b', HOME: '/home/ada' }, 'linux', '/a/b'],
  [{ XDG_CONFIG_HOME: '/home/ada/x', HOME: '/home/ada' }, 'linux', '/home/ada/x/keyward'],
  [{ XDG_CONFIG_HOME: 'relative', HOME: '/home/ada' }, 'darwin', '/home/ada/.config/keyward'],
  [{ APPDATA: '/c/appdata', XDG_CONFIG_HOME: '/x' }, 'win32', '/c/appdata/keyward'],
] as const)('connections are kept in the folder of the user: %j', (environment, platform, expected) => {
  expect(configFolder(environment, platform)).toBe(expected);
});

test('without a home folder there is a sentence, and no guess', () => {
  expect(() => configFolder({}, 'linux')).toThrow('set KEYWARD_CONFIG');
});

test.each([
  ['https://keys.example.com', true],
  ['http://127.0.0.1:4000', true],
  ['http://localhost:4000', true],
  ['http://keys.example.com', false],
  ['http://127.0.0.1.example.com', false],
  ['https://user:pass@keys.example.com', false],
  ['file:///etc/passwd', false],
  ['keys.example.com', false],
])('a credential may go to %s: %s', (url, isSafe) => {
  expect(isSafeUrl(url)).toBe(isSafe);
});

test('connections are listed without credentials, chosen, and removed', async () => {
  file().update((all) => withConnection(all, 'prod', CONNECTION));
  file().update((all) => withConnection(all, 'dev', { ...CONNECTION, url: 'http://127.0.0.1:4000' }));
  const keyward = (...args: string[]) =>
    runHere(['connections', ...args], { environment: { KEYWARD_CONFIG: folder } });
  const listed = await keyward('list');
  expect(listed.stdout).toMatch(/^ +NAME +API .*\n\* +prod +https:.*\n +dev +http:/);
  expect(listed.stdout + (await keyward('list', '--json')).stdout).not.toContain('kwm_secret');
  expect((await keyward('use', 'dev', '--workspace', 'globex')).code).toBe(0);
  expect(file().read()).toMatchObject({ current: 'dev', connections: { dev: { workspace: 'globex' } } });
  expect((await keyward('remove', 'dev')).code).toBe(0);
  expect(file().read()).toEqual({ current: null, connections: { prod: CONNECTION } });
  for (const unknown of ['dev', 'constructor', '__proto__'])
    expect((await keyward('use', unknown)).code).toBe(4);
});
