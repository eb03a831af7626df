import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { issueManagementKeyAsOperator } from '../../bin/operator.ts';
import { listManagementKeys } from '../../stores/dynamodb/keys/management-key-store.ts';
import { dump, issued, newSlug } from '../stores/dynamodb/keys/keys.ts';
import { createTables, type TestTables } from '../stores/dynamodb/tables.ts';
import { workspaceOf } from '../stores/dynamodb/workspaces/members.ts';
import { type CommandLine, commandLineOn, endOf } from './command-line.ts';

let tables: TestTables;
let line: CommandLine;
const folder = mkdtempSync(join(tmpdir(), 'keyward-output-'));
beforeAll(async () => {
  tables = await createTables();
  line = await commandLineOn(tables);
});
afterAll(async () => {
  rmSync(folder, { recursive: true });
  await tables.release();
});

/** The commands that print a secret. */
const PRINTING: readonly (() => string[])[] = [
  () => ['management-keys', 'issue', '--key-name', 'terraform'],
  () => ['bootstrap', '--workspace', newSlug(), '--owner', 'usr_1'],
];

const memory = () =>
  Promise.all(['records', 'secrets', 'events', 'managementKeys'].map((name) => dump(tables, name)));

/** Runs a command whose stdout nobody reads any more. */
function unread(args: readonly string[]) {
  const running = line.start(...args);
  running.child.stdout?.destroy();
  return endOf(running);
}

test('a secret that could not be printed is a failure, and the sentence names the key and how to end it', async () => {
  for (const args of PRINTING)
    for (const fail of [() => line.redirected('> /dev/full', ...args()), () => unread(args())]) {
      const { code, stdout, stderr } = await fail();
      expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
      expect(stderr).toMatch(/^keyward: The output could not be written: .+\n$/);
      expect(stderr).not.toContain('kwm_');
      const [, id = ''] = /`keyward management-keys revoke (key_\w+)`/.exec(stderr) ?? [];
      expect(await listManagementKeys(tables)).toContainEqual(
        expect.objectContaining({ id, revokedAt: null }),
      );
      expect(await line.keyward('management-keys', 'revoke', id)).toMatchObject({ code: 0, stderr: '' });
    }
});

test('no secret is made if stdout is closed or is the null device, where nobody would see it', async () => {
  const before = await memory();
  const ends = await Promise.all(
    PRINTING.flatMap((args) => ['>&-', '> /dev/null'].map((to) => line.redirected(to, ...args()))),
  );
  for (const end of ends)
    expect(end).toEqual({
      code: 1,
      stdout: '',
      stderr:
        'keyward: Nobody would see the secret: stdout is closed, or is the null device. Nothing was made.\n',
    });
  expect(await memory()).toEqual(before);
});

test('every other command fails as well whose output could not be written', async () => {
  const slug = await workspaceOf(tables, 'usr_1');
  const { key } = await issued(tables, { workspace: slug });
  const { id } = await issueManagementKeyAsOperator(tables, 'ended here');
  const file = join(folder, 'copied.jsonl');
  for (const args of [
    ['management-keys', 'list'],
    ['management-keys', 'revoke', id],
    ['management-keys', 'migrate'],
    ['operator', 'keys', 'revoke', key.id, '--workspace', slug],
    ['backup', '--to', file],
    ['backup', '--to', '-'],
    ['secret-pattern'],
    ['--help'],
  ]) {
    const { code, stderr } = await line.redirected('> /dev/full', ...args);
    expect([args, code, stderr]).toEqual([args, 1, expect.stringContaining('could not be written')]);
  }
  // What they did is done.
  expect(existsSync(file)).toBe(true);
});

test('a null device keeps no other command from what it does', async () => {
  expect(await line.redirected('> /dev/null', 'management-keys', 'list')).toEqual({
    code: 0,
    stdout: '',
    stderr: '',
  });
});
