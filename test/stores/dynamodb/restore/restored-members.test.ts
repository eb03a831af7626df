import { afterEach, beforeEach, expect, test } from '@jest/globals';
import type { Role } from '../../../../core/access/role.ts';
import { INVITATION_SECONDS, type Invitation } from '../../../../core/management/invitation-store.ts';
import { acceptInvitations } from '../../../../lambdas/sign-in.ts';
import { loadProfile } from '../../../../lib/files/profile-file.ts';
import {
  dynamoAcceptanceStore,
  dynamoInvitationStore,
} from '../../../../stores/dynamodb/workspaces/invitation-store.ts';
import {
  dump,
  issued,
  memberStoreOf,
  NOW,
  newEvent,
  newId,
  outcomeOf,
  workspaceStoreOf,
} from '../keys/keys.ts';
import { createTables, type TestTables } from '../tables.ts';
import { memberIn, ownersOf, putRole, workspaceOf, workspaceWith } from '../workspaces/members.ts';
import { COPIES, RESTORED_AT, Restoring, USER } from './restoring.ts';

let tables: TestTables;
let on: Restoring;
beforeEach(async () => {
  tables = await createTables();
  on = new Restoring(tables);
});
afterEach(() => tables.release());

const EMAIL = 'user@example.com';

async function invited(slug: string, role: Role, createdAt = NOW): Promise<Invitation> {
  const invitation: Invitation = {
    id: newId('inv'),
    workspace: slug,
    email: EMAIL,
    role,
    invitedBy: null,
    createdAt,
    expiresAt: NOW + INVITATION_SECONDS,
  };
  const event = { ...newEvent('invitation.created', slug, null), invitationId: invitation.id };
  await dynamoInvitationStore(tables).create({ invitation, caller: null, event });
  return invitation;
}

/** Signs {@link USER} in, which accepts their invitations. @returns their role in the workspace from then on. */
async function signIn(slug: string, now = RESTORED_AT): Promise<Role | 'none'> {
  const options = {
    invitations: dynamoAcceptanceStore(tables),
    workspaces: workspaceStoreOf(tables),
    members: memberStoreOf(tables, COPIES),
    profile: loadProfile('standard').profile,
    newId,
    now: () => now,
  };
  await acceptInvitations(options, { userId: USER, email: EMAIL });
  return (await memberIn(tables, { slug, userId: USER }))?.role ?? 'none';
}

test.each([
  [
    'accepted, by a user who was removed',
    async (slug: string) => {
      await signIn(slug, NOW);
      await on.leave(slug);
    },
  ],
  ['accepted', (slug: string) => signIn(slug, NOW)],
  [
    'revoked',
    async (_: string, invitation: Invitation) => {
      const event = newEvent('invitation.revoked', invitation.workspace, null);
      const told = { ...event, invitationId: invitation.id };
      await dynamoInvitationStore(tables).revoke(invitation, told);
    },
  ],
  [
    'used up by a user who was a member already',
    async (slug: string) => {
      await on.become(slug, 'member');
      await signIn(slug, NOW);
      await on.leave(slug);
    },
  ],
] as const)('an invitation that was %s after the backup lets nobody in, and is named', async (_, end) => {
  const slug = await workspaceWith(tables);
  const invitation = await invited(slug, 'owner');
  const backup = await on.copyWhile();
  await end(slug, invitation);
  const { invitations } = await on.putBack(backup);
  expect(invitations).toEqual([invitation.id]);
  expect(await signIn(slug)).toBe('none');
  expect((await dump(tables, 'records')).filter(({ id }) => id === invitation.id)).toEqual([]);
});

test('an invitation lets nobody in whose membership began and ended another way after the backup', async () => {
  const slug = await workspaceWith(tables);
  await invited(slug, 'owner', NOW - 10);
  const backup = await on.copyWhile();
  await on.become(slug, 'member');
  await on.leave(slug);
  expect((await on.putBack(backup)).invitations).toEqual([]);
  expect(await signIn(slug)).toBe('none');
});

test('an open invitation comes back with the backup', async () => {
  const slug = await workspaceWith(tables);
  await invited(slug, 'member');
  expect((await on.putBack(await on.copyWhile())).invitations).toEqual([]);
  expect(await signIn(slug)).toBe('member');
});

test('the last owner in the backup does not come back after a removal, and an operator can make another owner', async () => {
  const slug = await workspaceOf(tables, USER);
  const backup = await on.copyWhile();
  const other = { slug, userId: 'usr_2' };
  await putRole(tables, { ...other, role: 'owner', copies: COPIES });
  await on.leave(slug);
  const { owners, members } = await on.putBack(backup);
  expect({ owners, members }).toEqual({ owners: [`${slug}/${USER}`], members: [] });
  expect(await memberIn(tables, { slug, userId: USER })).toBeUndefined();
  await putRole(tables, { ...other, role: 'owner', copies: COPIES });
  expect(await memberIn(tables, other)).toMatchObject({ role: 'owner' });
  expect(await ownersOf(tables, slug)).toBe(1);
});

test('a member who was demoted after the backup stays demoted, however often the backup is restored', async () => {
  const slug = await workspaceWith(tables, { [USER]: 'owner' });
  const { text } = await on.roleKey(slug);
  const backup = await on.copyWhile();
  await on.become(slug, 'admin');
  for (let round = 0; round < 3; round += 1) {
    expect((await on.putBack(backup)).members).toEqual([`${slug}/${USER}`]);
    expect(await memberIn(tables, { slug, userId: USER })).toMatchObject({ role: 'admin' });
    expect(await on.roleOfKey(text)).toBe('admin');
  }
});

test('a member who was only renamed after the backup has their role still, and is called what the backup says', async () => {
  const slug = await workspaceWith(tables, { [USER]: 'admin' });
  await on.rename(slug, 'Ada');
  const backup = await on.copyWhile();
  await on.rename(slug, 'Eve');
  expect((await on.putBack(backup)).members).toEqual([]);
  expect(await memberIn(tables, { slug, userId: USER })).toMatchObject({ role: 'admin', name: 'Ada' });
});

test('a member who was removed after the backup leaves no name behind', async () => {
  const slug = await workspaceWith(tables, { [USER]: 'admin' });
  await on.rename(slug, 'Ada');
  const backup = await on.copyWhile();
  await on.leave(slug);
  await on.putBack(backup);
  const records = (await dump(tables, 'records')).filter(({ userId }) => userId === USER);
  expect(records.map(({ name }) => name)).toEqual(records.map(() => undefined));
  expect(records).not.toEqual([]);
});

test('a newer backup does not revive the keys, members and invitations that a restore has lost', async () => {
  const slug = await workspaceWith(tables);
  const older = await on.copyWhile();
  const { text, key } = await issued(tables, { workspace: slug });
  await on.become(slug, 'admin');
  const invitation = await invited(slug, 'owner');
  const newer = await on.copyWhile();
  expect((await on.putBack(older)).lost).toEqual([key.id]);
  const restored = await on.putBack(newer);
  expect(restored).toMatchObject({ revoked: [key.id], members: [`${slug}/${USER}`], lost: [] });
  expect(restored.invitations).toEqual([invitation.id]);
  expect(await outcomeOf(tables, text)).toBe('revoked');
  expect(await memberIn(tables, { slug, userId: USER })).toBeUndefined();
});
