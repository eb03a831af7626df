import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { KeyFields } from '../../../../core/credential/credential.ts';
import { memberSlotKey } from '../../../../stores/dynamodb/table/tables.ts';
import { observedReads } from '../faults.ts';
import { putRecords } from '../put-items.ts';
import { createTables, type TestTables } from '../tables.ts';
import { workspaceWith } from '../workspaces/members.ts';
import { anUpdate, aRevocation, FIELDS, keyStoreOf, NOW, newKey } from './keys.ts';

let tables: TestTables;
beforeAll(async () => {
  tables = await createTables();
});
afterAll(() => tables.release());

describe('the active keys of one member', () => {
  const asked = (slug: string, userId: string, fields: Partial<KeyFields> = {}) =>
    newKey({
      workspace: slug,
      maxMemberKeys: 3,
      creator: { userId, version: 1 },
      fields: { ...FIELDS, ...fields },
    });

  test('are as many as the bound, however many are asked for at once', async () => {
    const slug = await workspaceWith(tables, { usr_1: 'member' });
    const outcomes = await Promise.all(
      Array.from({ length: 12 }, () => keyStoreOf(tables).issue(asked(slug, 'usr_1').key)),
    );
    expect(outcomes.filter(({ kind }) => kind === 'issued')).toHaveLength(3);
    expect(outcomes.filter(({ kind }) => kind === 'member_limit_reached')).toHaveLength(9);
  });

  test('leave room for one more where one was revoked, has expired, or is another member’s', async () => {
    const slug = await workspaceWith(tables, { usr_1: 'member', usr_2: 'member' });
    const store = keyStoreOf(tables);
    const issue = async (userId: string, fields: Partial<KeyFields> = {}) =>
      (await store.issue(asked(slug, userId, fields).key)).kind;
    expect(await issue('usr_1', { expiresAt: NOW + 10 })).toBe('issued');
    expect(await issue('usr_1', { enabled: false })).toBe('issued');
    const third = await store.issue(asked(slug, 'usr_1').key);
    expect(await issue('usr_1')).toBe('member_limit_reached');
    expect(await issue('usr_2')).toBe('issued');
    if (third.kind !== 'issued') throw new Error('The third key was not issued.');
    await store.revoke(aRevocation(third.key));
    expect(await issue('usr_1')).toBe('issued');
    expect(await issue('usr_1')).toBe('member_limit_reached');
    const { key: later } = asked(slug, 'usr_1');
    expect(await store.issue({ ...later, createdAt: NOW + 10 })).toMatchObject({ kind: 'issued' });
  });

  test('stay within the bound when the end of one is moved', async () => {
    const slug = await workspaceWith(tables, { usr_1: 'member' });
    const store = keyStoreOf(tables);
    const first = await store.issue(asked(slug, 'usr_1', { expiresAt: NOW + 10 }).key);
    if (first.kind !== 'issued') throw new Error('The key was not issued.');
    for (let count = 0; count < 2; count += 1) await store.issue(asked(slug, 'usr_1').key);
    await store.update(anUpdate(first.key, { expiresAt: null }));
    const { key: later } = asked(slug, 'usr_1');
    expect(await store.issue({ ...later, createdAt: NOW + 20 })).toEqual({ kind: 'member_limit_reached' });
  });

  test('are bounded however many there are: their slots may take more than one page of the store', async () => {
    const userId = 'usr_1';
    const slug = await workspaceWith(tables, { [userId]: 'member' });
    // DynamoDB counts a page by its size.
    const taken = { keyId: 'key_of_another', expiresAt: null, version: 1, padding: 'x'.repeat(350_000) };
    const slots = Array.from({ length: 6 }, (_, number) => ({
      ...memberSlotKey(slug, userId, number),
      ...taken,
    }));
    await putRecords(tables, slots);
    const { key } = asked(slug, userId);
    expect(await keyStoreOf(tables).issue({ ...key, maxMemberKeys: slots.length })).toEqual({
      kind: 'member_limit_reached',
    });
  });

  test('cost one transaction to issue, and no look for a free slot while the bound is far', async () => {
    const slug = await workspaceWith(tables, { usr_1: 'member' });
    const { tables: observed, reads } = observedReads(tables);
    const { key } = newKey({ workspace: slug, creator: { userId: 'usr_1', version: 1 } });
    expect(await keyStoreOf(observed).issue(key)).toMatchObject({ kind: 'issued' });
    expect(reads).toEqual([]);
  });
});
