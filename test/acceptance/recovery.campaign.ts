import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DeleteItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { expect, test } from '@jest/globals';
import { issueManagementKeyAsOperator, revokeManagementKeyAsOperator } from '../../bin/operator.ts';
import { listManagementKeys } from '../../stores/dynamodb/keys/management-key-store.ts';
import { scanTable } from '../../stores/dynamodb/restore/backup.ts';
import { eventsOf, manager, send } from '../product.ts';
import { folder, issue, keyward, line, product, statusOf, succeed, useRehearsal } from './rehearsal.ts';

useRehearsal();

test('what was revoked, rotated or demoted after the copy does not come back with it', async () => {
  const file = join(folder, 'old.jsonl');
  const { users, managementKey, managementUrl } = product;
  const operator = await issueManagementKeyAsOperator(product.tables, 'ended later');
  const [untouched, revoked, rotated, updated] = [await issue(), await issue(), await issue(), await issue()];
  await succeed('backup', '--to', file);

  await manager(product).revoke(revoked.id);
  const { secret: renewed } = (await manager(product).rotate(rotated.id, 0)).body;
  await manager(product).update(updated.id, { allowed_cidrs: ['192.0.2.0/24'] });
  await revokeManagementKeyAsOperator(product.tables, operator.id);
  const demotion = { method: 'PUT', credential: managementKey, body: { role: 'member' } };
  await send(`${managementUrl}/v1/workspaces/acme/members/${users.admin}`, demotion);
  const later = await issue();
  const log = await eventsOf(product);

  const refused = await keyward('restore', '--from', file);
  expect(refused).toMatchObject({
    code: 1,
    stdout: '',
    stderr: expect.stringContaining('The tables are not empty.'),
  });
  expect(await statusOf(later.secret)).toBe(200);

  const restored = await succeed('restore', '--from', file, '--replace');
  expect(restored.revoked.sort()).toEqual([operator.id, revoked.id].sort());
  expect(restored.disabled.sort()).toEqual([rotated.id, updated.id].sort());
  expect(restored).toMatchObject({ members: [`acme/${users.admin}`], lost: [later.id] });
  expect(await statusOf(untouched.secret)).toBe(200);
  for (const { secret } of [revoked, rotated, updated, later, { secret: renewed }])
    expect(await statusOf(secret)).toBe(401);
  const me = await send(`${managementUrl}/v1/me`, { credential: operator.secret });
  expect(me.status).toBe(401);
  const shown = await Promise.all([revoked, rotated, updated].map(({ id }) => manager(product).get(id)));
  expect(shown.map(({ body }) => body.status)).toEqual(['revoked', 'disabled', 'disabled']);
  const { members } = (
    await send(`${managementUrl}/v1/workspaces/acme/members`, { credential: managementKey })
  ).body;
  expect(members).toContainEqual(expect.objectContaining({ user_id: users.admin, role: 'member' }));

  // The log has lost nothing, and tells of the restoring.
  const ids = new Set((await eventsOf(product)).map(({ id }) => id));
  expect(log.filter(({ id }) => !ids.has(id))).toEqual([]);
  expect(ids.size).toBeGreaterThan(log.length);

  // Once more changes nothing, but that what was disabled is shown again.
  const again = await succeed('restore', '--from', file, '--replace');
  expect({ ...again, disabled: [] }).toMatchObject({ lost: [later.id], members: restored.members });
  expect(await statusOf(revoked.secret)).toBe(401);
});

test('a backup older than the audit log is restored only if the operator accepts that revoked credentials may revive', async () => {
  const file = join(folder, 'ancient.jsonl');
  const { secret } = await issue();
  await succeed('backup', '--to', file, '--at', '2024-01-01T00:00:00Z');
  const refused = await keyward('restore', '--from', file, '--replace');
  expect(refused).toMatchObject({
    code: 1,
    stdout: '',
    stderr: expect.stringContaining('older than the oldest event of the audit log'),
  });
  expect(await statusOf(secret)).toBe(200);
  await succeed('restore', '--from', file, '--replace', '--accept-lost-revocations');
  expect(await statusOf(secret)).toBe(200);
});

test('a text with Unicode line separators comes back unchanged', async () => {
  const file = join(folder, 'separators.jsonl');
  const name = 'one\u2028two\u2029three\u0085four';
  const { id } = await issueManagementKeyAsOperator(product.tables, name);
  await succeed('backup', '--to', file);
  expect(readFileSync(file, 'utf8')).not.toMatch(/[\u2028\u2029]/);
  await succeed('restore', '--from', file, '--replace');
  expect(await listManagementKeys(product.tables)).toContainEqual(expect.objectContaining({ id, name }));
  // Nor does a file that holds them as they are break at them.
  writeFileSync(file, readFileSync(file, 'utf8').replaceAll('\\u2028', '\u2028'));
  await succeed('restore', '--from', file, '--replace');
});

/** Puts all management keys where they stood before they had a table of their own. */
async function makeOld(): Promise<void> {
  const { client, managementKeys, records, secrets } = product.tables;
  for await (const Item of scanTable(product.tables, 'managementKeys')) {
    const TableName = Item.pk?.S === 'OPERATOR' ? records : secrets;
    await client.send(new PutItemCommand({ TableName, Item }));
    const { pk, sk } = Item;
    if (pk && sk) await client.send(new DeleteItemCommand({ TableName: managementKeys, Key: { pk, sk } }));
  }
}

test('management keys from before they had a table of their own are 401 until the command has moved them there', async () => {
  const me = async () =>
    (await send(`${product.managementUrl}/v1/me`, { credential: product.managementKey })).status;
  const revoked = await issueManagementKeyAsOperator(product.tables, 'ended before');
  await revokeManagementKeyAsOperator(product.tables, revoked.id);
  const ids = (await listManagementKeys(product.tables)).map(({ id }) => id);
  await makeOld();
  expect(await me()).toBe(401);
  const refused = await keyward('management-keys', 'revoke', revoked.id);
  expect(refused).toMatchObject({ code: 4, stdout: '' });
  expect(refused.stderr).toContain('run `management-keys migrate` first');
  const moved = await succeed('management-keys', 'migrate');
  expect({ ...moved, moved: moved.moved.sort() }).toMatchObject({ moved: ids.sort(), without_secret: [] });
  expect(moved.revoked).toContain(revoked.id);
  expect(await me()).toBe(200);
  expect(await succeed('management-keys', 'migrate')).toEqual({ moved: [], revoked: [], without_secret: [] });
});

test('a backup from before management keys had a table of their own is put back with them in it', async () => {
  const file = join(folder, 'before.jsonl');
  const ids = (await listManagementKeys(product.tables)).map(({ id }) => id);
  await makeOld();
  await succeed('backup', '--to', file);
  const before = readFileSync(file, 'utf8').replace(',"managementKeys":0', '');
  expect(before).not.toContain('managementKeys');
  writeFileSync(file, before);
  const restored = await succeed('restore', '--from', file, '--replace');
  expect(restored.managementKeys).toBeGreaterThan(1);
  expect((await listManagementKeys(product.tables)).map(({ id }) => id)).toEqual(ids);
  expect(ids.filter((id) => restored.lost.includes(id))).toEqual([]);
  expect((await manager(product).list()).status).toBe(200);
});

test('an incomplete backup is refused before anything is deleted', async () => {
  const file = join(folder, 'torn.jsonl');
  const { secret } = await issue();
  await succeed('backup', '--to', file);
  const lines = readFileSync(file, 'utf8').split('\n');
  const inAnHour = new Date(Date.now() + 3_600_000).toISOString();
  const isSecret = (line: string) => line.startsWith('{"table":"secrets"');
  for (const [torn, sentence] of [
    [lines.slice(0, -2), 'is not complete: its last line is missing'],
    [lines.toSpliced(lines.findIndex(isSecret), 1), 'is not complete: it holds'],
    [
      [...lines.slice(0, -2), ...lines.filter(isSecret), ...lines.slice(-2)],
      'items of secrets, and its last line says',
    ],
    [lines.with(1, lines[1]?.slice(0, 40) ?? ''), 'line 2 is not what `backup` writes'],
    [lines.with(1, '{"table":"others","item":{}}'), 'line 2 is not what `backup` writes'],
    [lines.slice(1), 'is no backup of Keyward'],
    [lines.with(0, '{"keyward_backup":1,"at":"2026-11-28 03:45:24"}'), 'is no time with a zone'],
    [lines.with(0, `{"keyward_backup":1,"at":"${inAnHour}"}`), 'The time of the backup is in the future'],
  ] as const) {
    writeFileSync(file, torn.join('\n'));
    const refused = await keyward('restore', '--from', file, '--replace');
    expect(refused).toMatchObject({ code: 1, stdout: '', stderr: expect.stringContaining(sentence) });
  }
  expect(await statusOf(secret)).toBe(200);
});

test('a backup goes through a pipe: written to stdout with its counts on stderr, and read from stdin', async () => {
  const file = join(folder, 'piped.jsonl');
  const { secret } = await issue();
  const { code, stdout, stderr } = await keyward('backup', '--to', '-');
  expect(code).toBe(0);
  writeFileSync(file, `${stdout}\n\r\n`);
  const { complete } = JSON.parse(stdout.trimEnd().split('\n').at(-1) ?? '');
  expect(JSON.parse(stderr)).toEqual(complete);
  const restored = await line.redirected(`< '${file}'`, 'restore', '--from', '-', '--replace');
  expect({ ...restored, stdout: JSON.parse(restored.stdout) }).toMatchObject({
    code: 0,
    stderr: '',
    stdout: complete,
  });
  expect(await statusOf(secret)).toBe(200);
});
