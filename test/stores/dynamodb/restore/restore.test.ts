import { PutItemCommand } from '@aws-sdk/client-dynamodb';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import type { EventRetention } from '../../../../core/audit/event-store.ts';
import type { KeyFields } from '../../../../core/credential/api-key.ts';
import { putEvent } from '../../../../stores/dynamodb/audit/event-item.ts';
import { issueManagementKey } from '../../../../stores/dynamodb/keys/management-key-store.ts';
import { type CopiedItem, itemsOf } from '../../../../stores/dynamodb/restore/backup.ts';
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

test('a key comes back no more powerful than its member, who was promoted between the scans and demoted later', async () => {
  const slug = await workspaceWith(tables, { [USER]: 'member' });
  const { text } = await on.roleKey(slug);
  const backup = await on.copyWhile({ records: () => on.become(slug, 'admin') });
  await on.become(slug, 'member');
  await on.putBack(backup);
  expect(await on.roleOfKey(text)).toBe('member');
  // No later change of the member is passed over.
  await on.become(slug, 'admin');
  expect(await on.roleOfKey(text)).toBe('admin');
  await on.become(slug, 'member');
  expect(await on.roleOfKey(text)).toBe('member');
});

test('a key whose role is of a newer membership than the copied member is lowered all the same', async () => {
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

test('a key that was copied without its entry among its member’s keys is reached by their changes again', async () => {
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

test('a token does not come back into a workspace that its user joined between the scans and left later', async () => {
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
  // Who joins again is reached again.
  await on.become(second, 'member');
  expect(await roleOfToken(tables, text, second)).toBe('member');
});

test('what was issued or rotated while the copy was made does not come back behind everybody’s back', async () => {
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
  for await (const { credentialId } of itemsOf(tables, 'secrets'))
    secrets.push(credentialId?.S ?? 'of a token');
  expect(secrets).toEqual([key.id]);
  expect(restored.disabled).toEqual([key.id]);
  expect(await outcomeOf(tables, old)).toBe('disabled');
  expect(await outcomeOf(tables, rotated)).toBe('unknown');
  // What an operator enables again is the key that people see, and nothing else.
  expect(await keyStoreOf(tables).revoke(aRevocation(key))).toMatchObject({ key: { revokedAt: NOW } });
  expect(await outcomeOf(tables, old)).toBe('revoked');
});

test('a key that was changed between the scans follows its record again from the first change on', async () => {
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

test('a key with a role ends with its member, though the removal was interrupted before it ended the key', async () => {
  const slug = await workspaceWith(tables, { [USER]: 'admin' });
  const { text, key } = await on.roleKey(slug);
  const without = await issued(tables, { workspace: slug });
  const backup = await on.copyWhile();
  // The removal reached the log, and no key.
  const removal = { ...newEvent('member.removed', slug, null), userId: USER };
  await tables.client.send(new PutItemCommand(putEvent(tables, removal).Put));
  const restored = await on.putBack(backup);
  expect(restored.revoked).toEqual([key.id]);
  expect(await outcomeOf(tables, text)).toBe('revoked');
  expect(await keyStoreOf(tables).get({ workspace: slug, id: key.id })).toMatchObject({
    revokedAt: RESTORED_AT,
  });
  expect(await outcomeOf(tables, without.text)).toBe('allow');
  expect(await memberIn(tables, { slug, userId: USER })).toBeUndefined();
});

test('what was narrowed just after the copy is respected, though its event was stamped before it', async () => {
  const slug = await workspaceWith(tables, { [USER]: 'admin' });
  const { text: acting } = await on.roleKey(slug);
  const { text, key } = await issued(tables, { workspace: slug });
  // Stamped at NOW, by a clock that goes a minute after the operator's.
  const backup = await on.copyWhile({}, RESTORED_AT);
  await keyStoreOf(tables).update(anUpdate(key, { scopes: ['read'] }));
  await on.become(slug, 'member');
  const { disabled, members } = await on.putBack(backup);
  expect({ disabled, members }).toEqual({ disabled: [key.id], members: [`${slug}/${USER}`] });
  expect(await outcomeOf(tables, text)).toBe('disabled');
  expect(await on.roleOfKey(acting)).toBe('member');
});

test('a copy that is older than what the log tells is refused, and nothing is changed', async () => {
  const slug = await workspaceOf(tables, USER);
  const { text, key } = await issued(tables, { workspace: slug });
  const backup = await on.copyWhile();
  await keyStoreOf(tables).revoke(aRevocation(key));
  const kept = (eventRetention: EventRetention) => ({ ...tables, eventRetention });
  // A change that the copy does not know may have been stamped five minutes before it.
  const end = NOW - 300 + 30 * 86_400;
  const before = await on.memory();
  expect(await on.tryToPutBack(backup, { tables: kept(30), now: () => end })).toBe('log_forgets');
  expect(await on.tryToPutBack(backup, { tables: { ...tables } })).toBe('unknown_retention');
  expect(await on.memory()).toEqual(before);
  for (const accepted of [
    { tables: kept('forever'), now: () => end },
    { tables: kept(30), now: () => end - 1 },
    { tables: kept(30), now: () => end, forgotten: 'accept' as const },
  ])
    expect(await on.tryToPutBack(backup, accepted)).toMatchObject({ revoked: [key.id] });
  expect(await outcomeOf(tables, text)).toBe('revoked');
});

test('a copy is refused by the shortest retention that the log itself shows', async () => {
  const shorter = { ...tables, eventRetention: 30 };
  const slug = await workspaceOf(shorter, USER);
  const backup = await on.copyWhile();
  const end = NOW - 300 + 30 * 86_400;
  const longer = { ...tables, eventRetention: 'forever' as const };
  expect(await on.tryToPutBack(backup, { tables: longer, now: () => end })).toBe('log_forgets');
  expect(await on.tryToPutBack(backup, { tables: longer, now: () => end - 1 })).toMatchObject({ lost: [] });
  expect(await memberIn(tables, { slug, userId: USER })).toMatchObject({ role: 'owner' });
});
