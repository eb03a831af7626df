import { DeleteItemCommand } from '@aws-sdk/client-dynamodb';
import { PutCommand } from '@aws-sdk/lib-dynamodb';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import type { KeyFields } from '../../../../core/credential/credential.ts';
import { putEventPart } from '../../../../stores/dynamodb/audit/event-store.ts';
import { issueManagementKey } from '../../../../stores/dynamodb/keys/management-key-store.ts';
import { type CopiedItem, scanTable, wipeTables } from '../../../../stores/dynamodb/restore/backup.ts';
import { documentClient } from '../../../../stores/dynamodb/table/documents.ts';
import { dynamoTokenStore } from '../../../../stores/dynamodb/tokens/token-store.ts';
import {
  anUpdate,
  aRevocation,
  aRotation,
  issued,
  keyStoreOf,
  NOW,
  newEvent,
  newId,
  newSecret,
  outcomeOf,
} from '../keys/keys.ts';
import { createTables, type TestTables } from '../tables.ts';
import { newToken, roleOfToken } from '../tokens/tokens.ts';
import { memberIn, workspaceOf, workspaceWith } from '../workspaces/members.ts';
import { RESTORED_AT, Restoring, USER } from './restoring.ts';

let tables: TestTables;
let on: Restoring;
beforeEach(async () => {
  tables = await createTables();
  on = new Restoring(tables);
});
afterEach(() => tables.release());

async function token() {
  const { text, asked } = newToken(USER);
  expect(await dynamoTokenStore(tables).issue(asked)).toEqual({ kind: 'issued' });
  return text;
}

test('a key comes back with no higher role than its member, who was promoted between the scans and demoted later', async () => {
  const slug = await workspaceWith(tables, { [USER]: 'member' });
  const { text } = await on.roleKey(slug);
  const backup = await on.copyWhile({ records: () => on.become(slug, 'admin') });
  await on.become(slug, 'member');
  await on.putBack(backup);
  expect(await on.roleOfKey(text)).toBe('member');
  // The key follows every later change of the member.
  await on.become(slug, 'admin');
  expect(await on.roleOfKey(text)).toBe('admin');
  await on.become(slug, 'member');
  expect(await on.roleOfKey(text)).toBe('member');
});

test('a key is lowered with its member even if the backup holds a newer role of the key than of the member', async () => {
  const slug = await workspaceWith(tables, { [USER]: 'admin' });
  const { text } = await on.roleKey(slug);
  const backup = await on.copyWhile({
    records: async () => {
      await on.become(slug, 'member');
      await on.become(slug, 'owner');
    },
  });
  await on.become(slug, 'member');
  await on.putBack(backup);
  expect(await on.roleOfKey(text)).toBe('member');
});

test('a key that was copied without its entry in its member’s list follows the member’s changes again', async () => {
  const slug = await workspaceWith(tables, { [USER]: 'admin' });
  const { text } = await on.roleKey(slug);
  const { at, items } = await on.copyWhile();
  const isEntry = ({ pk, sk }: CopiedItem['item']) =>
    pk?.S?.includes('#MEMBER#') === true && sk?.S?.startsWith('KEY#') === true;
  const backup = { at, items: items.filter(({ item }) => !isEntry(item)) };
  expect(items.length - backup.items.length).toBe(1);
  await on.putBack(backup);
  expect(await on.roleOfKey(text)).toBe('admin');
  await on.become(slug, 'member');
  expect(await on.roleOfKey(text)).toBe('member');
});

test('a token does not work again in a workspace that its user joined between the scans and left later', async () => {
  const first = await workspaceWith(tables);
  await on.become(first, 'member');
  const second = await workspaceWith(tables);
  const text = await token();
  const backup = await on.copyWhile({ records: () => on.become(second, 'admin') });
  expect(await roleOfToken(tables, text, second)).toBe('admin');
  await on.leave(second);
  await on.putBack(backup);
  expect(await roleOfToken(tables, text, second)).toBe('wrong_workspace');
  expect(await roleOfToken(tables, text, first)).toBe('member');
  // The token follows a user who joins again.
  await on.become(second, 'member');
  expect(await roleOfToken(tables, text, second)).toBe('member');
});

test('a credential or a secret that was made while the tables were copied does not work after the restore', async () => {
  const slug = await workspaceOf(tables, USER);
  const { text: old, key } = await issued(tables, { workspace: slug });
  const { text: rotated, rotation } = aRotation(key, 3600);
  const made: { text: string; id: string }[] = [];
  const backup = await on.copyWhile({
    records: async () => {
      const late = await issued(tables, { workspace: slug });
      made.push({ text: late.text, id: late.key.id });
      const { text, asked } = newToken(USER);
      await dynamoTokenStore(tables).issue(asked);
      made.push({ text, id: asked.token.id });
      await keyStoreOf(tables).rotate(rotation);
    },
    managementKeys: async () => {
      const { secret } = newSecret();
      const id = newId('key');
      await issueManagementKey(
        tables,
        { id, name: 'late', start: secret.start, createdAt: NOW, revokedAt: null },
        secret,
        newEvent('management_key.issued', 'OPERATOR', id),
      );
      made.push({ text: '', id });
    },
  });
  const restored = await on.putBack(backup);
  expect([...restored.lost].sort()).toEqual(made.map(({ id }) => id).sort());
  const secrets: string[] = [];
  for await (const { credentialId } of scanTable(tables, 'secrets'))
    secrets.push(credentialId?.S ?? 'of a token');
  expect(secrets).toEqual([key.id]);
  expect(restored.disabled).toEqual([key.id]);
  expect(await outcomeOf(tables, old)).toBe('disabled');
  expect(await outcomeOf(tables, rotated)).toBe('unknown');
  // Revoking the key reaches every secret that was put back.
  expect(await keyStoreOf(tables).revoke(aRevocation(key))).toMatchObject({ key: { revokedAt: NOW } });
  expect(await outcomeOf(tables, old)).toBe('revoked');
});

test('a key that was changed between the scans agrees with its record again from its next change on', async () => {
  const slug = await workspaceOf(tables, USER);
  const { text, key } = await issued(tables, { workspace: slug });
  const change = async (fields: Partial<KeyFields>) => {
    const current = await keyStoreOf(tables).get({ workspace: slug, id: key.id });
    await keyStoreOf(tables).update(anUpdate(current ?? key, fields));
  };
  const backup = await on.copyWhile({
    records: async () => {
      for (const name of ['second', 'third', 'fourth']) await change({ name });
    },
  });
  await on.putBack(backup);
  expect(await outcomeOf(tables, text)).toBe('disabled');
  await change({ enabled: true });
  expect(await outcomeOf(tables, text)).toBe('allow');
});

test('a key with a role ends with its member even if the removal was interrupted before it ended the key', async () => {
  const slug = await workspaceWith(tables, { [USER]: 'admin' });
  const { text, key } = await on.roleKey(slug);
  const without = await issued(tables, { workspace: slug });
  const backup = await on.copyWhile();
  // The removal reached the log, and no key.
  const removal = { ...newEvent('member.removed', slug, null), userId: USER };
  await documentClient(tables.client).send(new PutCommand(putEventPart(tables, removal).Put));
  const restored = await on.putBack(backup);
  expect(restored.revoked).toEqual([key.id]);
  expect(await outcomeOf(tables, text)).toBe('revoked');
  expect(await keyStoreOf(tables).get({ workspace: slug, id: key.id })).toMatchObject({
    revokedAt: RESTORED_AT,
  });
  expect(await outcomeOf(tables, without.text)).toBe('allow');
  expect(await memberIn(tables, { slug, userId: USER })).toBeUndefined();
});

test('a key and a member that were narrowed just after the backup stay so even if the events are stamped earlier', async () => {
  const slug = await workspaceWith(tables, { [USER]: 'admin' });
  const { text: acting } = await on.roleKey(slug);
  const { text, key } = await issued(tables, { workspace: slug });
  // The events are stamped at NOW, by a clock that is a minute behind the operator’s.
  const backup = await on.copyWhile({}, RESTORED_AT);
  await keyStoreOf(tables).update(anUpdate(key, { scopes: ['read'] }));
  await on.become(slug, 'member');
  const { disabled, members } = await on.putBack(backup);
  expect({ disabled, members }).toEqual({ disabled: [key.id], members: [`${slug}/${USER}`] });
  expect(await outcomeOf(tables, text)).toBe('disabled');
  expect(await on.roleOfKey(acting)).toBe('member');
});

test('a backup that is refused changes nothing, whatever the reason', async () => {
  const slug = await workspaceOf(tables, USER);
  const { key } = await issued(tables, { workspace: slug });
  const backup = await on.copyWhile();
  await keyStoreOf(tables).revoke(aRevocation(key));
  const before = await on.memory();
  const late = NOW + 30 * 86_400;
  expect(await on.tryToPutBack(backup, { present: 'none' })).toBe('not_empty');
  expect(await on.tryToPutBack({ ...backup, at: RESTORED_AT + 61 })).toBe('in_the_future');
  expect(await on.tryToPutBack(backup, { tables: { ...tables } })).toBe('unknown_retention');
  const kept = { tables: { ...tables, eventRetention: 30 }, now: () => late };
  // The newest time in the backup counts, even if it names a later moment.
  expect(await on.tryToPutBack({ ...backup, at: late }, kept)).toBe('log_forgets');
  expect(await on.memory()).toEqual(before);
  await deleteLog();
  expect(await on.tryToPutBack(backup)).toBe('log_lacks');
  expect(await on.memory()).toEqual([...before.slice(0, 3), []]);
  await wipeTables(tables);
  expect(await on.tryToPutBack(backup)).toMatchObject({ lost: [] });
});

test('a key that was revoked after the backup stays revoked, even if the log may lack other revocations', async () => {
  const slug = await workspaceOf(tables, USER);
  const { text, key } = await issued(tables, { workspace: slug });
  const backup = await on.copyWhile();
  await keyStoreOf(tables).revoke(aRevocation(key));
  const kept = { ...tables, eventRetention: 30 };
  const now = () => NOW + 30 * 86_400;
  expect(await on.tryToPutBack(backup, { tables: kept, now, forgotten: 'accept' })).toMatchObject({
    revoked: [key.id],
  });
  expect(await outcomeOf(tables, text)).toBe('revoked');
});

test('a restore that only tells answers as a restore does, and changes nothing', async () => {
  const slug = await workspaceOf(tables, USER);
  const { key } = await issued(tables, { workspace: slug });
  const backup = await on.copyWhile();
  await keyStoreOf(tables).revoke(aRevocation(key));
  const before = await on.memory();
  const told = await on.tryToPutBack(backup, { changes: 'only_tell' });
  expect(told).toMatchObject({ revoked: [key.id] });
  expect(await on.memory()).toEqual(before);
  expect(await on.putBack(backup)).toEqual(told);
});

async function deleteLog(): Promise<void> {
  for await (const { pk, sk } of scanTable(tables, 'events'))
    if (pk !== undefined && sk !== undefined)
      await tables.client.send(new DeleteItemCommand({ TableName: tables.events, Key: { pk, sk } }));
}
