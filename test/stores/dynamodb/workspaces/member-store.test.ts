import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Role } from '../../../../core/access/role.ts';
import { expectAgreement, storedSecretOf } from '../keys/agreement.ts';
import {
  aRevocation,
  aRotation,
  issued,
  keyStoreOf,
  memberStoreOf,
  NOW,
  newId,
  newKey,
  outcomeOf,
  partition,
  settledKey,
} from '../keys/keys.ts';
import { createTables, type TestTables } from '../tables.ts';
import {
  decided,
  issuedBy,
  KEYS,
  memberIn,
  ownersOf,
  putRole,
  remove,
  userVersionOf,
  workspaceWith,
} from './members.ts';

let tables: TestTables;
beforeAll(async () => {
  tables = await createTables();
});
afterAll(() => tables.release());

const roleOfSecret = async (text: string) => (await storedSecretOf(tables, text))?.principal.role;

async function rolesListed(workspace: string, limit = 100) {
  const roles: Record<string, Role> = {};
  let after: string | undefined;
  do {
    const page = await memberStoreOf(tables).list({ workspace, limit, ...(after && { after }) });
    expect(page.members.length).toBeLessThanOrEqual(limit);
    for (const { userId, role } of page.members) roles[userId] = role;
    after = page.next ?? undefined;
  } while (after);
  return roles;
}

test('no member is left out of a list whose pages are small, whatever characters their ids have', async () => {
  const slug = await workspaceWith(tables);
  const ids = ['zz', '\uff41\u0031', '\uff41\u0032', '\u{1f600}'];
  for (const userId of ids) await putRole(tables, { slug, userId, role: 'admin' });
  expect(Object.keys(await rolesListed(slug, 1)).sort()).toEqual(['usr_owner', ...ids].sort());
});

test('a member who was added is listed, knows the workspace, and has one event', async () => {
  const slug = await workspaceWith(tables);
  const userId = newId('key');
  expect(await putRole(tables, { slug, userId, role: 'admin' })).toEqual({
    kind: 'added',
    member: { workspace: slug, userId, role: 'admin', createdAt: NOW, version: 1 },
  });
  expect(await rolesListed(slug)).toEqual({ usr_owner: 'owner', [userId]: 'admin' });
  expect(await memberStoreOf(tables).listWorkspacesOf(userId)).toEqual([slug]);
  expect(await userVersionOf(tables, userId)).toBe(1);
  expect(await partition(tables, tables.events, `WS#${slug}`)).toHaveLength(2);
});

test('giving a member the role that they have changes nothing', async () => {
  const slug = await workspaceWith(tables, { usr_1: 'member' });
  const before = await partition(tables, tables.records, `WS#${slug}`);
  const outcome = await putRole(tables, { slug, userId: 'usr_1', role: 'member' });
  expect(outcome).toMatchObject({ kind: 'changed', member: { role: 'member', version: 1 } });
  expect(await partition(tables, tables.records, `WS#${slug}`)).toEqual(before);
});

test('pages of any size show every member once, and none who was removed', async () => {
  const others = { usr_a: 'admin', usr_b: 'member', usr_c: 'member', usr_d: 'member' } as const;
  const slug = await workspaceWith(tables, others);
  for (const userId of ['usr_a', 'usr_c']) await remove(tables, { slug, userId });
  const left = { usr_owner: 'owner', usr_b: 'member', usr_d: 'member' };
  for (const limit of [1, 2, 3, 100]) expect(await rolesListed(slug, limit)).toEqual(left);
});

test('a removed member is a member no more, and one who is added again goes on at a later version', async () => {
  const slug = await workspaceWith(tables, { usr_back: 'admin' });
  expect(await remove(tables, { slug, userId: 'usr_back' })).toMatchObject({ kind: 'removed' });
  expect(await memberIn(tables, { slug, userId: 'usr_back' })).toBeUndefined();
  expect(await memberStoreOf(tables).listWorkspacesOf('usr_back')).not.toContain(slug);
  expect(await remove(tables, { slug, userId: 'usr_back' })).toEqual({ kind: 'no_member' });
  expect(await putRole(tables, { slug, userId: 'usr_back', role: 'member' })).toMatchObject({
    kind: 'added',
    member: { role: 'member', version: 3 },
  });
});

describe('a key takes the role of its creator', () => {
  const LADDER = [
    ['owner', 'admin'],
    ['admin', 'member'],
    ['member', 'owner'],
    ['owner', 'member'],
  ] as const;

  test.each(LADDER)(
    'when that changes from %s to %s, on both of its secrets and its record',
    async (from, to) => {
      const slug = await workspaceWith(tables, { usr_1: from });
      const { text, key } = await issuedBy(tables, { slug, userId: 'usr_1' });
      const rotated = aRotation(key, 600);
      await keyStoreOf(tables).rotate(rotated.rotation);
      expect(await putRole(tables, { slug, userId: 'usr_1', role: to })).toMatchObject({
        kind: 'changed',
        member: { role: to },
      });
      for (const each of [text, rotated.text]) expect(await roleOfSecret(each)).toBe(to);
      expect((await expectAgreement(tables, key, [text, rotated.text], NOW, 1)).role).toBe(to);
    },
  );

  test('and not the role of another member', async () => {
    const slug = await workspaceWith(tables, { usr_1: 'admin', usr_2: 'admin' });
    const { text } = await issuedBy(tables, { slug, userId: 'usr_2' });
    await putRole(tables, { slug, userId: 'usr_1', role: 'member' });
    expect(await roleOfSecret(text)).toBe('admin');
  });

  test('unless the profile lets no keys inherit roles', async () => {
    const slug = await workspaceWith(tables, { usr_1: 'admin' });
    const creator = { userId: 'usr_1', version: 1 };
    const { text, key } = await issued(tables, { workspace: slug, creator });
    await putRole(tables, { slug, userId: 'usr_1', role: 'member', copies: [] });
    expect(await roleOfSecret(text)).toBeNull();
    await expectAgreement(tables, key, [text], NOW);
  });

  test('and a rotation that was decided on the old role is decided again', async () => {
    const slug = await workspaceWith(tables, { usr_1: 'admin' });
    const { text, key } = await issuedBy(tables, { slug, userId: 'usr_1' });
    await putRole(tables, { slug, userId: 'usr_1', role: 'member' });
    expect(await keyStoreOf(tables).rotate(aRotation(key, 0).rotation)).toEqual({ kind: 'conflict' });
    const settled = await settledKey(tables, key);
    if (settled === undefined) throw new Error('The key is gone.');
    const rotated = aRotation(settled, 600);
    expect(await keyStoreOf(tables).rotate(rotated.rotation)).toMatchObject({ key: { role: 'member' } });
    expect(await roleOfSecret(rotated.text)).toBe('member');
    await expectAgreement(tables, key, [text, rotated.text], NOW, 1);
  });
});

describe('removing a member', () => {
  async function memberWithKeys() {
    const slug = await workspaceWith(tables, { usr_1: 'admin', usr_2: 'admin' });
    const own = [];
    for (let count = 0; count < 3; count += 1) own.push(await issuedBy(tables, { slug, userId: 'usr_1' }));
    const [oldest, , newest] = own.map(({ key }) => key.id);
    const [ended] = own.splice(1, 1);
    await keyStoreOf(tables).revoke(aRevocation(ended?.key ?? { workspace: slug, id: '' }, NOW - 5));
    const other = await issuedBy(tables, { slug, userId: 'usr_2' });
    return { slug, own, other, ids: [newest, oldest] };
  }

  test('ends each of their keys for good, names those keys, and ends no other key', async () => {
    const { slug, own, other, ids } = await memberWithKeys();
    const outcome = await remove(tables, { slug, userId: 'usr_1' });
    expect(outcome).toEqual({ kind: 'removed', revoked: ids, kept: [] });
    for (const { text, key } of own) {
      expect(await outcomeOf(tables, text)).toBe('revoked');
      await expectAgreement(tables, key, [text], NOW);
    }
    expect(await outcomeOf(tables, other.text)).toBe('allow');
  });

  test('keeps and names their keys if keys belong to the workspace', async () => {
    const { slug, own, ids } = await memberWithKeys();
    const outcome = await remove(tables, { slug, userId: 'usr_1', keys: 'keep' });
    expect(outcome).toEqual({ kind: 'removed', revoked: [], kept: ids });
    for (const { text } of own) expect(await outcomeOf(tables, text)).toBe('allow');
  });

  test('makes a key that is still being issued in their name be decided again', async () => {
    const slug = await workspaceWith(tables, { usr_1: 'admin' });
    await remove(tables, { slug, userId: 'usr_1' });
    const { key } = newKey({ workspace: slug, creator: { userId: 'usr_1', version: 1 } });
    expect(await keyStoreOf(tables).issue(key)).toEqual({ kind: 'creator_changed' });
  });
});

describe('the last owner of a workspace', () => {
  test.each(['admin', 'member'] as const)('does not become %s', async (role) => {
    const slug = await workspaceWith(tables);
    const before = await partition(tables, tables.records, `WS#${slug}`);
    expect(await putRole(tables, { slug, userId: 'usr_owner', role })).toEqual({ kind: 'last_owner' });
    expect(await remove(tables, { slug, userId: 'usr_owner' })).toEqual({ kind: 'last_owner' });
    expect(await partition(tables, tables.records, `WS#${slug}`)).toEqual(before);
  });

  test('is the one owner that is left, in whatever order owners came and went', async () => {
    const slug = await workspaceWith(tables, { usr_1: 'owner', usr_2: 'admin' });
    await putRole(tables, { slug, userId: 'usr_2', role: 'owner' });
    expect(await ownersOf(tables, slug)).toBe(3);
    await remove(tables, { slug, userId: 'usr_owner' });
    await putRole(tables, { slug, userId: 'usr_1', role: 'member' });
    expect(await ownersOf(tables, slug)).toBe(1);
    expect(await remove(tables, { slug, userId: 'usr_2' })).toEqual({ kind: 'last_owner' });
    await putRole(tables, { slug, userId: 'usr_1', role: 'owner' });
    expect(await remove(tables, { slug, userId: 'usr_2' })).toMatchObject({ kind: 'removed' });
  });
});

describe('a change of a member is a conflict', () => {
  test('if the member was changed since it was decided', async () => {
    const slug = await workspaceWith(tables, { usr_1: 'admin' });
    const change = await decided(tables, { slug, userId: 'usr_1' });
    await putRole(tables, { slug, userId: 'usr_1', role: 'member' });
    const store = memberStoreOf(tables, KEYS);
    expect(await store.put({ ...change, role: 'owner' })).toEqual({ kind: 'conflict' });
    expect(await store.remove({ ...change, keys: 'keep' })).toEqual({ kind: 'conflict' });
    await remove(tables, { slug, userId: 'usr_1' });
    expect(await store.put({ ...change, role: 'owner' })).toEqual({ kind: 'conflict' });
    expect(await store.remove({ ...change, keys: 'keep' })).toEqual({ kind: 'conflict' });
  });

  test('if the caller was changed since it was decided', async () => {
    const slug = await workspaceWith(tables, { usr_1: 'admin', usr_2: 'admin' });
    const caller = { userId: 'usr_2', version: 1 };
    await putRole(tables, { slug, userId: 'usr_2', role: 'member' });
    const before = await partition(tables, tables.records, `WS#${slug}`);
    const store = memberStoreOf(tables, KEYS);
    const change = { ...(await decided(tables, { slug, userId: 'usr_1' })), caller };
    expect(await store.put({ ...change, role: 'member' })).toEqual({ kind: 'conflict' });
    expect(await store.remove({ ...change, keys: 'keep' })).toEqual({ kind: 'conflict' });
    expect(await partition(tables, tables.records, `WS#${slug}`)).toEqual(before);
  });
});

describe('a list of the keys of one member', () => {
  test('in pages of any size holds every one of theirs, newest first', async () => {
    const slug = await workspaceWith(tables, { usr_1: 'member', usr_2: 'member' });
    const ids: string[] = [];
    for (let count = 0; count < 5; count += 1) {
      ids.unshift((await issuedBy(tables, { slug, userId: 'usr_1' })).key.id);
      await issuedBy(tables, { slug, userId: 'usr_2' });
    }
    await keyStoreOf(tables).revoke(aRevocation({ workspace: slug, id: ids[2] ?? '' }));
    const listed = async (limit: number, query: { status?: 'active' } = {}) => {
      const found: string[] = [];
      let after: string | undefined;
      do {
        const asked = { workspace: slug, createdBy: 'usr_1', limit, now: NOW, ...query };
        const page = await keyStoreOf(tables).list({ ...asked, ...(after && { after }) });
        found.push(...page.keys.map(({ id }) => id));
        after = page.next ?? undefined;
      } while (after);
      return found;
    };
    for (const limit of [1, 2, 100]) {
      expect(await listed(limit)).toEqual(ids);
      expect(await listed(limit, { status: 'active' })).toEqual(ids.filter((_, index) => index !== 2));
    }
  });
});
