import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { sweepPendingChanges } from '../../../../stores/dynamodb/sweeper/sweep.ts';
import { readMemberItem } from '../../../../stores/dynamodb/workspaces/member-item.ts';
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
