import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { sweepPendingChanges } from '../../../../stores/dynamodb/sweeper/sweep.ts';
import { transact } from '../../../../stores/dynamodb/table/transaction.ts';
import { nameMemberPart, readMemberItem } from '../../../../stores/dynamodb/workspaces/member-item.ts';
import { propagateMember } from '../../../../stores/dynamodb/workspaces/member-propagation.ts';
import { mortalProcess } from '../faults.ts';
import { storedSecretOf } from '../keys/agreement.ts';
import { finisherAt, memberStoreOf, NOW, outcomeOf } from '../keys/keys.ts';
import { createTables, type TestTables } from '../tables.ts';
import { decided, issuedBy, KEYS, memberIn, ownersOf, putRole, remove, workspaceWith } from './members.ts';

let tables: TestTables;
beforeAll(async () => {
  tables = await createTables();
});
afterAll(() => tables.release());

const roleOfSecret = async (text: string) => (await storedSecretOf(tables, text))?.principal.role;

describe('an unfinished change of a member', () => {
  /** A change of a member that died right behind its intent. */
  async function begunChange(role: 'owner' | 'admin' | 'member', next: 'owner' | 'admin' | 'member') {
    const slug = await workspaceWith(tables, { usr_1: role });
    const keys = [];
    for (let count = 0; count < 3; count += 1) keys.push(await issuedBy(tables, { slug, userId: 'usr_1' }));
    const mortal = mortalProcess(tables);
    mortal.live({ at: 5, moment: 'after' });
    const change = { ...(await decided(tables, { slug, userId: 'usr_1' })), role: next };
    await memberStoreOf(mortal.tables, KEYS)
      .put(change)
      .catch(() => undefined);
    expect((await readMemberItem(tables, { workspace: slug, userId: 'usr_1' }))?.pendingChange).toBeDefined();
    return { slug, keys };
  }
  const rolesOf = (keys: { text: string }[]) => Promise.all(keys.map(({ text }) => roleOfSecret(text)));

  test.each([
    ['admin', 'member', 'owner'],
    ['owner', 'member', 'admin'],
    ['owner', 'admin', 'member'],
    ['member', 'admin', 'member'],
    ['admin', 'member', 'admin'],
    ['owner', 'member', 'member'],
  ] as const)('from %s to %s is replaced and completed by a change to %s', async (from, first, second) => {
    const { slug, keys } = await begunChange(from, first);
    const outcome = await putRole(tables, { slug, userId: 'usr_1', role: second });
    expect(outcome).toMatchObject({ kind: 'changed', member: { role: second } });
    expect(outcome).not.toHaveProperty('member.pendingRole');
    expect(await rolesOf(keys)).toEqual([second, second, second]);
    expect(await memberIn(tables, { slug, userId: 'usr_1' })).toEqual(
      expect.not.objectContaining({ pendingRole: expect.anything() }),
    );
    expect(await ownersOf(tables, slug)).toBe(second === 'owner' ? 2 : 1);
    expect(await sweepPendingChanges(finisherAt(tables, NOW + 120))).toBe(0);
  });

  test('is replaced by a removal, which ends their keys at once', async () => {
    const { slug, keys } = await begunChange('member', 'admin');
    expect(await remove(tables, { slug, userId: 'usr_1' })).toMatchObject({ kind: 'removed' });
    for (const { text } of keys) expect(await outcomeOf(tables, text)).toBe('revoked');
    expect(await memberIn(tables, { slug, userId: 'usr_1' })).toBeUndefined();
    expect(await sweepPendingChanges(finisherAt(tables, NOW + 120))).toBe(0);
  });

  test('is completed by a new name that comes with the role it leads to, and keeps that name', async () => {
    const { slug, keys } = await begunChange('owner', 'member');
    const change = await decided(tables, { slug, userId: 'usr_1' });
    const outcome = await memberStoreOf(tables, KEYS).put({ ...change, role: 'member', name: 'Ada' });
    expect(outcome).toMatchObject({ kind: 'changed', member: { role: 'member', name: 'Ada' } });
    expect(await rolesOf(keys)).toEqual(['member', 'member', 'member']);
    expect(await memberIn(tables, { slug, userId: 'usr_1' })).toMatchObject({ role: 'member', name: 'Ada' });
    expect(await sweepPendingChanges(finisherAt(tables, NOW + 120))).toBe(0);
  });

  test('is completed by the sweeper, whatever the member was called meanwhile', async () => {
    const { slug, keys } = await begunChange('owner', 'member');
    const before = await readMemberItem(tables, { workspace: slug, userId: 'usr_1' });
    if (before === undefined) throw new Error('The member is gone.');
    await transact(tables.client, { member: nameMemberPart(tables, before, 'Ada') });
    await sweepPendingChanges(finisherAt(tables, NOW + 120));
    expect(await rolesOf(keys)).toEqual(['member', 'member', 'member']);
    const after = await memberIn(tables, { slug, userId: 'usr_1' });
    expect(after).toEqual(expect.objectContaining({ role: 'member', name: 'Ada', version: before.version }));
    expect(after).not.toHaveProperty('pendingRole');
  });

  test('is no removal that a name undoes: somebody who is being removed is named by nobody', async () => {
    const { slug } = await begunChange('member', 'admin');
    const late = await readMemberItem(tables, { workspace: slug, userId: 'usr_1' });
    if (late === undefined) throw new Error('The member is gone.');
    const mortal = mortalProcess(tables);
    mortal.live({ at: 5, moment: 'after' });
    const removal = { ...(await decided(tables, { slug, userId: 'usr_1' })), keys: 'revoke' } as const;
    await memberStoreOf(mortal.tables, KEYS)
      .remove(removal)
      .catch(() => undefined);
    const naming = () => transact(tables.client, { member: nameMemberPart(tables, late, 'Ada') });
    expect(await naming()).toEqual(new Set(['member']));
    await sweepPendingChanges(finisherAt(tables, NOW + 120));
    expect(await naming()).toEqual(new Set(['member']));
    expect(await readMemberItem(tables, { workspace: slug, userId: 'usr_1' })).not.toHaveProperty('name');
  });

  test('is not continued by its own process once another change has replaced it', async () => {
    const { slug, keys } = await begunChange('owner', 'admin');
    const late = await readMemberItem(tables, { workspace: slug, userId: 'usr_1' });
    if (late === undefined) throw new Error('The member is gone.');
    await putRole(tables, { slug, userId: 'usr_1', role: 'member' });
    await propagateMember(finisherAt(tables, NOW), late);
    expect(await rolesOf(keys)).toEqual(['member', 'member', 'member']);
    expect(await memberIn(tables, { slug, userId: 'usr_1' })).toMatchObject({ role: 'member' });
  });
});
