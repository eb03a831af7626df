import { DeleteItemCommand } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { isPassing, Unavailable, Unfinished } from '../../../../core/errors/fault.ts';
import { INVITATION_SECONDS, type Invitation } from '../../../../core/management/invitation-store.ts';
import { type AcceptanceOptions, acceptInvitations } from '../../../../lambdas/sign-in.ts';
import { loadProfile } from '../../../../lib/files/profile-file.ts';
import { memberKey, type Tables } from '../../../../stores/dynamodb/table/tables.ts';
import {
  dynamoAcceptanceStore,
  dynamoInvitationStore,
} from '../../../../stores/dynamodb/workspaces/invitation-store.ts';
import { scaled } from '../../../campaigns/campaign.ts';
import { eachDeath, failingTables, mortalProcess } from '../faults.ts';
import { toItem } from '../items.ts';
import { dump, memberStoreOf, NOW, newEvent, newId, partition, workspaceStoreOf } from '../keys/keys.ts';
import { createTables, type TestTables } from '../tables.ts';
import { putRole, remove, workspaceOf } from './members.ts';

const { profile } = loadProfile('standard');
/** Somebody else in each test, who finds no invitation of another one. */
let person = { userId: '', email: '' };

let tables: TestTables;
beforeAll(async () => {
  tables = await createTables();
});
beforeEach(somebodyElse);
function somebodyElse(): void {
  const userId = newId('usr');
  person = { userId, email: `${userId.toLowerCase()}@example.com` };
}
afterAll(() => tables.release());

const newWorkspaceOf = (owner = 'usr_owner') => workspaceOf(tables, owner);

async function invited(workspace: string, over: Partial<Invitation> = {}): Promise<Invitation> {
  const invitation: Invitation = {
    id: newId('inv'),
    workspace,
    email: person.email,
    role: 'member',
    invitedBy: null,
    createdAt: NOW,
    expiresAt: NOW + INVITATION_SECONDS,
    ...over,
  };
  const event = newEvent('invitation.created', workspace, null);
  const outcome = await dynamoInvitationStore(tables).create({ invitation, caller: null, event });
  expect(outcome).toEqual({ kind: 'created' });
  return invitation;
}

/** What a sign-in does, on tables of any kind. */
function accept(on: Tables = tables, over: Partial<AcceptanceOptions> = {}): Promise<void> {
  const workspaces = workspaceStoreOf(on);
  const members = memberStoreOf(on, []);
  const invitations = dynamoAcceptanceStore(on);
  return acceptInvitations(
    { invitations, workspaces, members, profile, newId, now: () => NOW, ...over },
    person,
  );
}

const memberOf = (slug: string) => workspaceStoreOf(tables).getMember(slug, person.userId);
const eventsOf = async (slug: string, type: string) =>
  (await partition(tables, tables.events, `WS#${slug}`)).filter((event) => event.type === type);

/** As whoever removes a member would, at once and without a trace. */
async function removeMember(slug: string): Promise<void> {
  const Key = toItem(memberKey(slug, person.userId));
  await tables.client.send(new DeleteItemCommand({ TableName: tables.records, Key }));
}

describe('a sign-in that dies', () => {
  test('at any store operation is completed by the next sign-in, with one event', async () => {
    const mortal = mortalProcess(tables);
    const operations = await eachDeath(mortal, async () => {
      somebodyElse();
      const slug = await newWorkspaceOf();
      const { id } = await invited(slug);
      await accept(mortal.tables).catch(() => {});
      await accept();
      expect(await memberOf(slug)).toMatchObject({ role: 'member' });
      expect(await eventsOf(slug, 'member.added')).toMatchObject([{ invitationId: id }]);
      expect((await dump(tables, tables.records)).filter((item) => item.id === id)).toEqual([]);
    });
    expect(operations).toBe(7);
  });

  test('at any store operation does not let a member in again who was removed since', async () => {
    const mortal = mortalProcess(tables);
    await eachDeath(mortal, async () => {
      somebodyElse();
      const slug = await newWorkspaceOf();
      await invited(slug);
      await accept(mortal.tables).catch(() => {});
      const hadJoined = (await memberOf(slug)) !== undefined;
      await removeMember(slug);
      await accept();
      expect((await memberOf(slug)) === undefined).toBe(hadJoined);
    });
  });
});

describe('an acceptance and a revocation of the same invitation', () => {
  test('have one winner: after an answer that says “revoked”, nobody has joined', async () => {
    for (let round = 0; round < scaled({ few: 4, part: 12, whole: 12 }); round += 1) {
      const slug = await newWorkspaceOf();
      const invitation = await invited(slug);
      const revoke = () =>
        dynamoInvitationStore(tables).revoke(invitation, newEvent('invitation.revoked', slug, null));
      const [{ kind }] = await Promise.all([revoke(), accept()]);
      const revoked = kind === 'revoked';
      expect((await memberOf(slug)) === undefined).toBe(revoked);
      expect(await eventsOf(slug, 'invitation.revoked')).toHaveLength(revoked ? 1 : 0);
      expect(await eventsOf(slug, 'member.added')).toHaveLength(revoked ? 0 : 1);
    }
  });

  test('have one winner even if the revocation comes between the claim and the membership', async () => {
    const slug = await newWorkspaceOf();
    const invitation = await invited(slug);
    let revoked: { readonly kind: string } | undefined;
    const interrupted = {
      async put(change: Parameters<AcceptanceOptions['members']['put']>[0]) {
        const event = newEvent('invitation.revoked', slug, null);
        revoked ??= await dynamoInvitationStore(tables).revoke(invitation, event);
        return memberStoreOf(tables, []).put(change);
      },
      getFormerMembership: async () => ({ removedAt: null, version: 0 }),
    };
    await accept(tables, { members: interrupted });
    expect(revoked).toEqual({ kind: 'revoked' });
    expect(await memberOf(slug)).toBeUndefined();
  });
});

describe('an invitation', () => {
  test('belongs to the first user who claims it', async () => {
    const slug = await newWorkspaceOf();
    const invitation = await invited(slug);
    const store = dynamoAcceptanceStore(tables);
    expect(await store.claim(invitation, { userId: 'usr_1', eventId: 'evt_1' })).toEqual({
      kind: 'claimed',
      eventId: 'evt_1',
    });
    expect(await store.claim(invitation, { userId: 'usr_1', eventId: 'evt_2' })).toEqual({
      kind: 'claimed',
      eventId: 'evt_1',
    });
    expect(await store.claim(invitation, { userId: 'usr_2', eventId: 'evt_3' })).toEqual({ kind: 'gone' });
  });

  test('is made once even if twenty requests for one address arrive at the same time', async () => {
    const slug = await newWorkspaceOf();
    const outcomes = await Promise.allSettled(Array.from({ length: 20 }, () => invited(slug)));
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    const items = (await dump(tables, tables.records)).filter(
      (item) => item.workspace === slug && item.email,
    );
    expect(items).toHaveLength(2);
  });

  test('is not made if the inviter’s membership has changed since it was decided', async () => {
    const slug = await newWorkspaceOf();
    const invitation: Invitation = {
      id: newId('inv'),
      workspace: slug,
      email: person.email,
      role: 'owner',
      invitedBy: 'usr_owner',
      createdAt: NOW,
      expiresAt: NOW + 1,
    };
    const caller = { kind: 'member', workspace: slug, userId: 'usr_owner', version: 7 } as const;
    const event = newEvent('invitation.created', slug, null);
    expect(await dynamoInvitationStore(tables).create({ invitation, caller, event })).toEqual({
      kind: 'caller_ended',
    });
    expect(
      (await partition(tables, tables.records, `EMAIL#${person.email}`)).some(
        ({ workspace }) => workspace === slug,
      ),
    ).toBe(false);
  });

  test('grants nothing if its inviter is gone', async () => {
    const slug = await newWorkspaceOf();
    await invited(slug, { invitedBy: 'usr_gone' });
    await accept();
    expect(await memberOf(slug)).toBeUndefined();
  });

  test('lets a removed member in again only if it was made after the removal', async () => {
    for (const [createdAt, role] of [
      [NOW - 10, undefined],
      [NOW, 'member'],
    ] as const) {
      const slug = await newWorkspaceOf();
      await putRole(tables, { slug, userId: person.userId, role: 'member', copies: [] });
      const { id } = await invited(slug, { createdAt, role: 'member' });
      await remove(tables, { slug, userId: person.userId, keys: 'keep' });
      await accept();
      expect((await memberOf(slug))?.role).toBe(role);
      expect((await dump(tables, tables.records)).filter((item) => item.id === id)).toEqual([]);
    }
  });

  test('lets nobody in who is removed while accepting it', async () => {
    const slug = await newWorkspaceOf();
    const asked = { slug, userId: person.userId };
    const { id } = await invited(slug, { createdAt: NOW - 10 });
    const store = memberStoreOf(tables, []);
    let wasRemoved = false;
    const interrupted: AcceptanceOptions['members'] = {
      getFormerMembership: (...of) => store.getFormerMembership(...of),
      async put(change) {
        if (!wasRemoved) {
          wasRemoved = true;
          await putRole(tables, { ...asked, role: 'member', copies: [] });
          await remove(tables, { ...asked, keys: 'keep' });
        }
        return store.put(change);
      },
    };
    await accept(tables, { members: interrupted });
    expect(wasRemoved).toBe(true);
    expect(await memberOf(slug)).toBeUndefined();
    expect(await eventsOf(slug, 'member.added')).toEqual([]);
    expect((await dump(tables, tables.records)).filter((item) => item.id === id)).toEqual([]);
  });

  test('is tried even if another one fails, and the failure is reported', async () => {
    const [broken, whole] = [await newWorkspaceOf(), await newWorkspaceOf()];
    await invited(broken);
    await invited(whole);
    const { tables: failing } = failingTables(tables, {
      command: /^UpdateItem/,
      name: 'InternalServerError',
      times: 1,
    });
    await expect(accept(failing)).rejects.toThrow('Some invitations could not be accepted.');
    const joined = [await memberOf(broken), await memberOf(whole)].filter(Boolean);
    expect(joined).toHaveLength(1);
    await accept();
    expect(await memberOf(broken)).toBeDefined();
    expect(await memberOf(whole)).toBeDefined();
  });

  test('is no fault if the new member’s credentials are still being changed, and is deleted by the next sign-in', async () => {
    const slug = await newWorkspaceOf();
    const { id } = await invited(slug);
    const store = memberStoreOf(tables, []);
    const unfinished: AcceptanceOptions['members'] = {
      ...store,
      async put(change) {
        await store.put(change);
        throw new Unfinished({ done: 100, left: 20 });
      },
    };
    await accept(tables, { members: unfinished });
    expect(await memberOf(slug)).toMatchObject({ role: 'member' });
    await accept();
    expect((await dump(tables, tables.records)).filter((item) => item.id === id)).toEqual([]);
    expect(await eventsOf(slug, 'member.added')).toHaveLength(1);
  });

  test('that fails because of a defect is reported before one that only has to wait', async () => {
    await invited(await newWorkspaceOf());
    await invited(await newWorkspaceOf());
    const faults = [new Unavailable('It has to wait.'), new TypeError('It has to be mended.')];
    const workspaces: AcceptanceOptions['workspaces'] = {
      getMember: () => Promise.reject(faults.shift()),
    };
    const failure = await accept(tables, { workspaces }).catch((error: unknown) => error);
    expect(isPassing(failure)).toBe(false);
    expect(failure).toMatchObject({ cause: { message: 'It has to be mended.' } });
  });
});
