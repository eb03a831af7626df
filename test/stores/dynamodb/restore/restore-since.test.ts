import { DeleteItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import type { Role } from '../../../../core/access/role.ts';
import type { ApiKey, KeyFields } from '../../../../core/credential/api-key.ts';
import { INVITATION_SECONDS, type Invitation } from '../../../../core/management/invitation-store.ts';
import { acceptInvitations } from '../../../../lambdas/sign-in/acceptance.ts';
import { loadProfile } from '../../../../lib/profile-file.ts';
import { putEvent } from '../../../../stores/dynamodb/audit/event-item.ts';
import { toItem } from '../../../../stores/dynamodb/keys/key-item.ts';
import { wipe } from '../../../../stores/dynamodb/restore/backup.ts';
import { dynamoAcceptanceStore } from '../../../../stores/dynamodb/workspaces/acceptance-store.ts';
import { dynamoInvitationStore } from '../../../../stores/dynamodb/workspaces/invitation-store.ts';
import { powerOf } from '../keys/agreement.ts';
import {
  anUpdate,
  aRevocation,
  aRotation,
  dump,
  issued,
  keyStoreOf,
  memberStoreOf,
  NOW,
  newEvent,
  newId,
  newKey,
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

/** Somebody invited, by nobody in particular; an acceptance is what a sign-in does. */
async function invited(slug: string, role: Role, createdAt = NOW): Promise<Invitation> {
  const invitation: Invitation = {
    ...{ id: newId('inv'), workspace: slug, email: EMAIL, role, invitedBy: null },
    ...{ createdAt, expiresAt: NOW + INVITATION_SECONDS },
  };
  const event = { ...newEvent('invitation.created', slug, null), invitationId: invitation.id };
  await dynamoInvitationStore(tables).create({ invitation, caller: null, event });
  return invitation;
}

const EMAIL = 'user@example.com';

/** What they are in the workspace once they have signed in. */
async function signIn(slug: string, now = RESTORED_AT): Promise<Role | 'none'> {
  await acceptInvitations(
    {
      ...{ invitations: dynamoAcceptanceStore(tables), workspaces: workspaceStoreOf(tables) },
      ...{ members: memberStoreOf(tables, COPIES), profile: loadProfile('standard').profile },
      ...{ newId, now: () => now },
    },
    { userId: USER, email: EMAIL },
  );
  return (await memberIn(tables, { slug, userId: USER }))?.role ?? 'none';
}

/** Everything that takes power away from a key, and the state in which its secrets come back. */
const TAKING: readonly (readonly [string, string, (key: ApiKey) => Promise<unknown>])[] = [
  ['disabled', 'disabled', (key) => change(key, { enabled: false })],
  ['narrowed to one scope', 'disabled', (key) => change(key, { scopes: ['read'] })],
  ['bound to a network', 'disabled', (key) => change(key, { allowedCidrs: ['192.0.2.0/24'] })],
  ['given an end', 'disabled', (key) => change(key, { expiresAt: NOW + 90 })],
  ['rotated without an overlap', 'revoked', (key) => keyStoreOf(tables).rotate(aRotation(key, 0).rotation)],
  ['revoked', 'revoked', (key) => keyStoreOf(tables).revoke(aRevocation(key))],
];

const change = (key: ApiKey, fields: Partial<KeyFields>) => keyStoreOf(tables).update(anUpdate(key, fields));

test.each(TAKING)(
  'a key that was %s since does not come back, whatever moment the copy says to be of',
  async (_, outcome, take) => {
    const slug = await workspaceOf(tables, USER);
    const { text, key } = await issued(tables, { workspace: slug });
    const copy = await on.copyWhile();
    await take(key);
    const now = NOW + 86_400;
    for (const at of [NOW - 86_400, NOW, NOW + 36_000, now]) {
      expect(await on.tryToPutBack({ ...copy, at }, { now: () => now })).toMatchObject({ lost: [] });
      expect(await outcomeOf(tables, text)).toBe(outcome);
    }
  },
);

test('a key that was changed since has its last settings once it is enabled, and no secret that a rotation has ended', async () => {
  const slug = await workspaceOf(tables, USER);
  const { text, key } = await issued(tables, { workspace: slug });
  const { text: rotatedText, key: rotated } = await issued(tables, { workspace: slug });
  const backup = await on.copyWhile();
  await change(key, { scopes: ['read'], expiresAt: NOW + 500 });
  await keyStoreOf(tables).rotate(aRotation(rotated, 0).rotation);
  const { disabled } = await on.putBack(backup);
  expect([...disabled].sort()).toEqual([key.id, rotated.id].sort());
  for (const { id } of [key, rotated]) {
    const restored = await keyStoreOf(tables).get({ workspace: slug, id });
    if (restored === undefined) throw new Error('The key is gone.');
    // Only the operator enables what the operator has disabled.
    expect(restored.bounds.enabled).toEqual({ operator: false });
    await change(restored, { enabled: true });
  }
  expect(await powerOf(tables, text)).toMatchObject({ scopes: ['read'], expiresAt: NOW + 500 });
  expect(await outcomeOf(tables, rotatedText)).toBe('revoked');
});

test('a key that nobody has changed since comes back as it was, though it was changed a moment before the copy', async () => {
  const slug = await workspaceOf(tables, USER);
  const { text, key } = await issued(tables, { workspace: slug });
  await change(key, { scopes: ['read'] });
  const before = await Promise.all(['records', 'secrets'].map((table) => dump(tables, table)));
  const restored = await on.putBack(await on.copyWhile());
  expect(restored).toMatchObject({ disabled: [], revoked: [], members: [], invitations: [], lost: [] });
  expect(await Promise.all(['records', 'secrets'].map((table) => dump(tables, table)))).toEqual(before);
  expect(await outcomeOf(tables, text)).toBe('allow');
});

test('a change whose event tells no version counts as later from five minutes before the copy', async () => {
  const slug = await workspaceOf(tables, USER);
  const keys = [await issued(tables, { workspace: slug }), await issued(tables, { workspace: slug })];
  const backup = await on.copyWhile();
  for (const [index, { key }] of keys.entries()) {
    const event = { ...newEvent('key.updated', slug, key.id), at: NOW - 300 - index };
    await tables.client.send(new PutItemCommand(putEvent(tables, event).Put));
  }
  await on.putBack(backup);
  expect(await Promise.all(keys.map(({ text }) => outcomeOf(tables, text)))).toEqual(['disabled', 'allow']);
});

test.each([
  [
    'accepted, by somebody who was removed',
    async (slug: string) => {
      await signIn(slug, NOW);
      await on.leave(slug);
    },
  ],
  ['accepted', (slug: string) => signIn(slug, NOW)],
  [
    'taken back',
    async (_: string, invitation: Invitation) => {
      const event = newEvent('invitation.revoked', invitation.workspace, null);
      const told = { ...event, invitationId: invitation.id };
      await dynamoInvitationStore(tables).revoke(invitation, told);
    },
  ],
  [
    'used up by somebody who was a member already',
    async (slug: string) => {
      await on.become(slug, 'member');
      await signIn(slug, NOW);
      await on.leave(slug);
    },
  ],
] as const)('an invitation that was %s since lets nobody in, and is named', async (_, end) => {
  const slug = await workspaceWith(tables);
  const invitation = await invited(slug, 'owner');
  const backup = await on.copyWhile();
  await end(slug, invitation);
  const { invitations } = await on.putBack(backup);
  expect(invitations).toEqual([invitation.id]);
  expect(await signIn(slug)).toBe('none');
  expect((await dump(tables, 'records')).filter(({ id }) => id === invitation.id)).toEqual([]);
});

test('an invitation of somebody who came another way since and was removed lets them in no more', async () => {
  const slug = await workspaceWith(tables);
  await invited(slug, 'owner', NOW - 10);
  const backup = await on.copyWhile();
  await on.become(slug, 'member');
  await on.leave(slug);
  expect((await on.putBack(backup)).invitations).toEqual([]);
  expect(await signIn(slug)).toBe('none');
});

test('an open invitation comes back with the copy', async () => {
  const slug = await workspaceWith(tables);
  await invited(slug, 'member');
  expect((await on.putBack(await on.copyWhile())).invitations).toEqual([]);
  expect(await signIn(slug)).toBe('member');
});

test('the last owner that a copy knows is no owner any more, and another one can be made', async () => {
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

test('somebody who was demoted stays what they were made, however often a copy is put back', async () => {
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

test('a plan that was lowered since holds its keys, and one that was raised since does too', async () => {
  const slug = await workspaceOf(tables, USER);
  const limited = (limit: number) => ({ limit, windowSeconds: 60 });
  const { text } = await issued(tables, {
    ...{ workspace: slug, effectiveRateLimit: limited(600), planVersion: 1 },
  });
  const setPlan = async (plan: string, limit: number) => {
    const workspace = await workspaceStoreOf(tables).get(slug);
    if (workspace === undefined) throw new Error('There is no workspace.');
    await workspaceStoreOf(tables).update({
      ...{ workspace, name: 'Acme', plan, planLimit: limited(limit), changeId: newId('chg'), caller: null },
      ...{ now: NOW, event: { ...newEvent('workspace.updated', slug, null), after: { plan } } },
    });
  };
  await setPlan('pro', 600);
  const backup = await on.copyWhile();
  for (const [plan, limit] of [
    ['free', 60],
    ['enterprise', 6_000],
  ] as const) {
    await setPlan(plan, limit);
    expect((await on.putBack(backup)).plans).toEqual([slug]);
    expect(await workspaceStoreOf(tables).get(slug)).toMatchObject({ plan });
    expect(await powerOf(tables, text)).toMatchObject({ state: 'active', rateLimit: limited(limit) });
  }
});

test('a copy that says to be of a moment to come is refused, but for a minute that clocks may differ', async () => {
  await workspaceOf(tables, USER);
  const backup = await on.copyWhile();
  const before = await on.memory();
  expect(await on.tryToPutBack({ ...backup, at: RESTORED_AT + 61 })).toBe('in_the_future');
  expect(await on.memory()).toEqual(before);
  expect(await on.tryToPutBack({ ...backup, at: RESTORED_AT + 60 })).toMatchObject({ lost: [] });
});

test('a copy is as old as the newest thing in it, whatever moment it says to be of', async () => {
  await workspaceOf(tables, USER);
  const backup = await on.copyWhile();
  const now = NOW + 30 * 86_400;
  const kept = { tables: { ...tables, eventRetention: 30 }, now: () => now };
  expect(await on.tryToPutBack({ ...backup, at: now }, kept)).toBe('log_forgets');
});

test('a log that lacks events of the copy is refused, unless nothing at all was ever there', async () => {
  const slug = await workspaceOf(tables, USER);
  const { text, key } = await issued(tables, { workspace: slug });
  const backup = await on.copyWhile();
  await keyStoreOf(tables).revoke(aRevocation(key));
  for (const { pk, sk } of await dump(tables, 'events'))
    await tables.client.send(new DeleteItemCommand({ TableName: 'events', Key: toItem({ pk, sk }) }));
  expect(await on.tryToPutBack(backup)).toBe('log_lacks');
  expect(await outcomeOf(tables, text)).toBe('revoked');
  await wipe(tables);
  expect(await on.tryToPutBack(backup)).toMatchObject({ lost: [] });
});

test('what a restore has lost is not revived by a newer copy', async () => {
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

test('a place is free again where its key was revoked since, and is held where it was not', async () => {
  const slug = await workspaceOf(tables, USER);
  const limited = { workspace: slug, maxActiveKeys: 2 };
  const { key } = await issued(tables, limited);
  await issued(tables, limited);
  const backup = await on.copyWhile();
  await keyStoreOf(tables).revoke(aRevocation(key));
  await on.putBack(backup);
  await issued(tables, limited);
  expect(await keyStoreOf(tables).issue(newKey(limited).key)).toEqual({ kind: 'limit_reached' });
});

test('a restore that only tells says what one would put back and close, and changes nothing', async () => {
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
