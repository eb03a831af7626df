import { beforeAll, expect, test } from '@jest/globals';
import { widthOf } from '../../../bin/print/text-width.ts';
import { readColumns } from '../../../bin/terminal.ts';
import { loadProfile } from '../../../lib/files/profile-file.ts';
import { type MemoryApi, memoryApi } from '../../lambdas/management/memory-api.ts';
import { runHere } from '../command-line.ts';
import { memoryFetch, SIGNED_IN } from '../memory-fetch.ts';

const USER = `usr_${'0'.repeat(20)}`;

let api: MemoryApi;
beforeAll(async () => {
  api = memoryApi(loadProfile('sophic').profile);
  await api.addWorkspace('acme', { [USER]: 'owner' });
  await api.addKey('acme', { created_by: USER, name: 'the key of the nightly export', scopes: ['read'] });
});

const keyward = (args: readonly string[], columns: number) =>
  runHere(args, { fetch: memoryFetch(api).fetch, environment: SIGNED_IN }, { columns });

test.each([
  ['keys', 'list'],
  ['tokens', 'list', '--user', USER],
  ['members', 'list'],
  ['invitations', 'list'],
  ['scopes'],
  ['events'],
  ['events', '--exact'],
])('the table of %s %s is whole on every terminal from 40 columns on', async (...args) => {
  await keyward(['tokens', 'issue', '--user', USER, '--name', 'laptop', '--scope', 'read'], 80);
  await keyward(['invitations', 'create', 'ada.lovelace@example.com', '--role', 'member'], 80);
  for (const columns of [40, 60, 80, 120]) {
    const { code, stdout } = await keyward(args.filter(Boolean), columns);
    const lines = stdout.trimEnd().split('\n');
    expect([code, lines.length > 1]).toEqual([0, true]);
    expect(Math.max(...lines.map(widthOf))).toBeLessThanOrEqual(columns);
  }
});

test('a narrow terminal loses no id that somebody has to type', async () => {
  const { stdout } = await keyward(['keys', 'list'], 40);
  expect(stdout).toMatch(/^ID +NAME +STATUS\nkey_\w{20} /);
});

test.each([
  ['100', 100],
  ['', undefined],
  [undefined, undefined],
  ['0', undefined],
  ['wide', undefined],
  ['99999', undefined],
])('COLUMNS=%s is a width of %s where the output is no terminal', (text, columns) => {
  expect(readColumns(text)).toBe(columns);
});
