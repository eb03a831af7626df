import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Role } from '../../core/access/role.ts';
import type { AuditEvent, RefusedEvent } from '../../core/audit/audit-event.ts';
import { type ApiKey, livePreviousSecret, statusOf } from '../../core/credential/credential.ts';
import { digestOf } from '../../core/credential/secret.ts';
import type { IdempotentRequest } from '../../core/management/idempotency.ts';
import type { Invitation } from '../../core/management/invitation-store.ts';
import type { KeyToImport } from '../../core/management/key-import.ts';
import type { KeyChange, NewKey } from '../../core/management/key-store.ts';
import type { MemberChange } from '../../core/management/member-store.ts';
import { openSession } from '../../core/management/session.ts';
import { type Member, roleOf } from '../../core/management/workspace-store.ts';
import { dynamoEventStore } from '../../stores/dynamodb/audit/event-store.ts';
import { dynamoKeyImportStore } from '../../stores/dynamodb/keys/key-import.ts';
import { dynamoSessionStore } from '../../stores/dynamodb/sessions/session-store.ts';
import { dynamoRequestStore } from '../../stores/dynamodb/table/request-item.ts';
import { dynamoTokenStore } from '../../stores/dynamodb/tokens/token-store.ts';
import { dynamoInvitationStore } from '../../stores/dynamodb/workspaces/invitation-store.ts';
import {
  anUpdate,
  aRotation,
  FIELDS,
  hashToImport,
  keyStoreOf,
  keyToImport,
  memberStoreOf,
  NOW,
  newEvent,
  newId,
  newKey,
  newSlug,
  workspaceStoreOf,
} from './dynamodb/keys/keys.ts';
import { createTables, type TestTables } from './dynamodb/tables.ts';
import { newToken } from './dynamodb/tokens/tokens.ts';
import { type ManagementStores, memoryStores } from './memory/stores.ts';

/** Both kinds of store keep the same contract, so a test on stores in memory tells what happens on DynamoDB. */
let tables: TestTables;
beforeAll(async () => {
  tables = await createTables();
});
afterAll(() => tables.release());

const COPIES = ['keys'] as const;

function dynamoStores(): ManagementStores {
  return {
    keys: keyStoreOf(tables),
    imports: dynamoKeyImportStore(tables),
    tokens: dynamoTokenStore(tables),
    workspaces: workspaceStoreOf(tables, COPIES),
    members: memberStoreOf(tables, COPIES),
    invitations: dynamoInvitationStore(tables),
    requests: dynamoRequestStore(tables),
    events: dynamoEventStore(tables),
    sessions: dynamoSessionStore(tables),
  };
}

const KINDS = [
  ['memory', () => memoryStores(COPIES)],
  ['DynamoDB', dynamoStores],
] as const;

describe.each(KINDS)('stores in %s', (_, makeStores) => {
  let stores: ManagementStores;
  beforeAll(() => {
    stores = makeStores();
  });

  describe('sessions', () => {
    const link = (slug: string, member: Member) => ({
      ...{ id: newId('ses'), userId: member.userId, workspace: slug, memberSince: member.createdAt },
      ...{ expiresAt: NOW + 60, sessionSeconds: 3_600 },
    });
    const drawn = () => digestOf(`${Math.random()}`);

    async function kept() {
      const slug = await newWorkspace();
      const member = await memberOf(slug, 'usr_owner');
      const [code, secret] = [drawn(), drawn()];
      const made = link(slug, member);
      const event = newEvent('session.created', slug, made.id);
      expect(await stores.sessions.keepLink({ link: made, code, member, event })).toEqual({ kind: 'kept' });
      const entry = { userId: member.userId, workspace: slug, id: made.id };
      const start = (now = NOW) =>
        stores.sessions.start({
          session: openSession(made, NOW),
          ...{ code, secret, member, now },
          event: newEvent('session.started', slug, made.id),
        });
      return { slug, code, secret, link: made, entry, start };
    }

    test('a link is found until it ends, and starts one session', async () => {
      const { code, secret, link: made, start } = await kept();
      expect(await stores.sessions.findLink(code, NOW + 59)).toEqual(made);
      expect(await stores.sessions.findLink(code, NOW + 60)).toBeUndefined();
      expect(await stores.sessions.find(code, NOW)).toBeUndefined();
      expect(await start(NOW + 60)).toEqual({ kind: 'link_ended' });
      expect(await start()).toEqual({ kind: 'started' });
      expect(await start()).toEqual({ kind: 'link_ended' });
      expect(await stores.sessions.findLink(code, NOW)).toBeUndefined();
      expect(await stores.sessions.find(secret, NOW + 899)).toEqual(openSession(made, NOW));
      expect(await stores.sessions.find(secret, NOW + 900)).toBeUndefined();
      expect(await stores.sessions.findLink(secret, NOW)).toBeUndefined();
    });

    test('a link starts nothing once its member has changed', async () => {
      const { slug, start, secret } = await kept();
      await put(slug, 'usr_second', 'owner');
      await put(slug, 'usr_owner', 'member');
      expect(await start()).toEqual({ kind: 'member_changed' });
      expect(await stores.sessions.find(secret, NOW)).toBeUndefined();
    });

    test('a link gives its member a name where the member is called what was read, and the version stays', async () => {
      const slug = await newWorkspace();
      const read = await memberOf(slug, 'usr_owner');
      const keep = (member: Member, name?: string | null) => {
        const made = link(slug, member);
        const event = newEvent('session.created', slug, made.id);
        return stores.sessions.keepLink({ link: made, code: drawn(), member, name, event });
      };
      expect(await keep(read, 'Ada')).toEqual({ kind: 'kept' });
      const named = await memberOf(slug, 'usr_owner');
      expect(named).toEqual({ ...read, name: 'Ada' });
      expect(await keep(read, 'Eve')).toEqual({ kind: 'member_changed' });
      expect(await keep(named)).toEqual({ kind: 'kept' });
      expect(await memberOf(slug, 'usr_owner')).toEqual(named);
      expect(await keep(named, null)).toEqual({ kind: 'kept' });
      expect(await memberOf(slug, 'usr_owner')).toEqual(read);
      await put(slug, 'usr_second', 'owner');
      await stores.members.remove({ ...(await decide(slug, 'usr_owner')), keys: 'keep' });
      expect(await keep(read, 'Ada')).toEqual({ kind: 'member_changed' });
      expect(await stores.workspaces.getMember(slug, 'usr_owner')).toBeUndefined();
    });

    test('a renewal moves the end of a session in force, and brings back none', async () => {
      const { slug, secret, entry, start } = await kept();
      await start();
      await stores.sessions.renew(secret, { expiresAt: NOW + 1_000, now: NOW + 100 });
      expect(await stores.sessions.find(secret, NOW + 999)).toMatchObject({ expiresAt: NOW + 1_000 });
      await stores.sessions.renew(secret, { expiresAt: NOW + 950, now: NOW + 50 });
      await stores.sessions.renew(secret, { expiresAt: NOW + 9_000, now: NOW + 1_000 });
      expect(await stores.sessions.find(secret, NOW + 999)).toMatchObject({ expiresAt: NOW + 1_000 });
      for (const _ of ['ended', 'ended again'])
        await stores.sessions.end({ secret, session: entry, event: newEvent('session.ended', slug, null) });
      await stores.sessions.renew(secret, { expiresAt: NOW + 2_000, now: NOW });
      expect(await stores.sessions.find(secret, NOW)).toBeUndefined();
    });

    describe('of one user end together', () => {
      async function of(userId: string, workspaces: readonly string[]) {
        const made = workspaces.map(async (slug) => {
          const member = { ...(await memberOf(slug, 'usr_owner')), userId };
          const [code, secret] = [drawn(), drawn()];
          const own = { ...link(slug, member), userId };
          const as = await memberOf(slug, 'usr_owner');
          const event = newEvent('session.created', slug, own.id);
          await stores.sessions.keepLink({ link: own, code, member: as, event });
          const session = openSession(own, NOW);
          const start = () =>
            stores.sessions.start({
              ...{ session, code, secret, member: as, now: NOW },
              event: newEvent('session.started', slug, own.id),
            });
          return { slug, id: own.id, code, secret, start };
        });
        return Promise.all(made);
      }
      const endAll = (userId: string, workspace?: string, now = NOW) =>
        stores.sessions.endAll({
          ...{ userId, workspace, now },
          makeEvent: ({ id, workspace: slug }) => newEvent('session.ended', slug, id),
        });
      const idsOf = (ended: readonly { readonly id: string }[]) => ended.map(({ id }) => id).sort();

      test('links and sessions, in one workspace or in all, with an event for each, and no one else’s', async () => {
        const userId = newId('ses');
        const [one, other] = [await newWorkspace(), await newWorkspace()];
        const [linked, opened, elsewhere] = await of(userId, [one, one, other]);
        const [foreign] = await of(newId('ses'), [one]);
        if (!linked || !opened || !elsewhere || !foreign) throw new Error('Nothing was made.');
        for (const { start } of [opened, elsewhere, foreign]) await start();
        expect(idsOf(await endAll(userId, one))).toEqual(idsOf([linked, opened]));
        expect(await stores.sessions.find(opened.secret, NOW)).toBeUndefined();
        expect(await linked.start()).toEqual({ kind: 'link_ended' });
        expect(await stores.sessions.find(elsewhere.secret, NOW)).toBeDefined();
        expect(await endAll(userId, one)).toEqual([]);
        expect(await endAll(userId)).toEqual([{ id: elsewhere.id, workspace: other }]);
        expect(await stores.sessions.find(elsewhere.secret, NOW)).toBeUndefined();
        expect(await stores.sessions.find(foreign.secret, NOW)).toBeDefined();
        const ends = (await eventsIn(one)).filter(({ type }) => type === 'session.ended');
        expect(ends.map(({ keyId }) => keyId).sort()).toEqual(idsOf([linked, opened]));
      });

      test('and those that had ended already are not told again', async () => {
        const userId = newId('ses');
        const [opened] = await of(userId, [await newWorkspace()]);
        await opened?.start();
        expect(await endAll(userId, undefined, NOW + 900)).toEqual([]);
      });

      test('however many there are, and while they are opened', async () => {
        const userId = newId('ses');
        const slug = await newWorkspace();
        const made = await of(userId, Array(30).fill(slug));
        const [ended] = await Promise.all([endAll(userId), ...made.map(({ start }) => start())]);
        expect(idsOf(ended)).toEqual(idsOf(made));
        const found = await Promise.all(made.map(({ secret }) => stores.sessions.find(secret, NOW)));
        expect(found.filter((session) => session !== undefined)).toEqual([]);
      });
    });
  });

  async function memberOf(slug: string, userId: string): Promise<Member> {
    const member = await stores.workspaces.getMember(slug, userId);
    if (member === undefined) throw new Error('There is no such member.');
    return member;
  }

  async function newWorkspace(members: Readonly<Record<string, Role>> = {}): Promise<string> {
    const slug = newSlug();
    const workspace = { slug, name: 'Acme', plan: 'free', createdAt: NOW, version: 1 };
    const event = newEvent('workspace.created', slug, null);
    expect(await stores.workspaces.create({ workspace, ownerId: 'usr_owner', event })).toEqual({
      kind: 'created',
    });
    for (const [userId, role] of Object.entries(members)) await put(slug, userId, role);
    return slug;
  }

  async function decide(workspace: string, userId: string): Promise<MemberChange> {
    return {
      workspace,
      userId,
      decidedOn: (await stores.workspaces.getMember(workspace, userId)) ?? null,
      changeId: newId('chg'),
      caller: null,
      now: NOW,
      event: { ...newEvent('member.role_changed', workspace, null), userId },
    };
  }

  const put = async (workspace: string, userId: string, role: Role) =>
    stores.members.put({ ...(await decide(workspace, userId)), role });

  async function issue(overrides: Partial<NewKey> = {}): Promise<ApiKey> {
    const outcome = await stores.keys.issue(newKey(overrides).key);
    if (outcome.kind !== 'issued') throw new Error(outcome.kind);
    return outcome.key;
  }

  async function issueBy(workspace: string, userId: string): Promise<ApiKey> {
    const member = await stores.workspaces.getMember(workspace, userId);
    if (member === undefined) throw new Error('The creator is not a member.');
    return issue({ workspace, role: roleOf(member), creator: { userId, version: member.version } });
  }

  /** Every event of a log, newest first. */
  async function eventsIn(log: string): Promise<readonly AuditEvent[]> {
    return (await stores.events.list({ log, filter: {}, limit: 100, now: NOW })).events;
  }

  const revocation = ({ workspace, id }: ApiKey, now = NOW) => ({
    address: { workspace, id },
    changeId: newId('chg'),
    now,
    event: newEvent('key.revoked', workspace, id),
  });

  describe('import keys', () => {
    const outcomesOf = async (keys: readonly KeyToImport[], changes: 'make' | 'only_tell' = 'make') =>
      (await stores.imports.importKeys(keys, changes)).map(({ kind }) => kind);

    test('that are shown as the other system had them, and write their event', async () => {
      const fields = { ...FIELDS, enabled: false, externalId: 'customer 1' };
      const { key } = keyToImport({ createdAt: NOW - 9_000, lastUsedAt: NOW - 50, fields });
      expect(await stores.imports.importKeys([key], 'make')).toEqual([{ kind: 'imported', id: key.id }]);
      const shown = await stores.keys.get(key);
      expect(shown).toEqual({
        ...fields,
        id: key.id,
        workspace: key.workspace,
        start: key.secret.start,
        createdAt: NOW - 9_000,
        createdBy: null,
        role: null,
        lastUsedAt: NOW - 50,
        previousSecret: null,
        revokedAt: null,
        version: 1,
      });
      const { workspace } = key;
      const list = await stores.keys.list({ workspace, externalId: 'customer 1', limit: 9, now: NOW });
      expect(list.keys).toEqual([shown]);
      expect(await eventsIn(workspace)).toEqual([key.event]);
    });

    test.each([
      ['digest', () => keyToImport().key],
      ['bcrypt hash', () => hashToImport(randomBytes(20).toString('hex'))],
    ])('once, and revive none, whichever workspace asks for the same %s', async (_, makeKey) => {
      const key = makeKey();
      const { secret, id } = key;
      const again = () => keyToImport({ secret, id, workspace: key.workspace }).key;
      expect(await outcomesOf([key, again()])).toEqual(['imported', 'present']);
      expect(await stores.imports.importKeys([again()], 'make')).toEqual([{ kind: 'present', id }]);
      expect(await outcomesOf([keyToImport({ secret, workspace: newSlug() }).key])).toEqual(['taken']);
      await stores.keys.revoke({
        address: key,
        changeId: newId('chg'),
        now: NOW,
        event: newEvent('key.revoked', key.workspace, id),
      });
      expect(await stores.imports.importKeys([again()], 'make')).toEqual([{ kind: 'ended', id }]);
      expect((await stores.keys.get(key))?.revokedAt).toBe(NOW);
      expect((await eventsIn(key.workspace)).map(({ type }) => type)).toEqual([
        'key.revoked',
        'key.imported',
      ]);
    });

    test('up to the limits of the workspace and of the member, and the others of the same call', async () => {
      const workspace = await newWorkspace();
      const owner = await stores.workspaces.getMember(workspace, 'usr_owner');
      const creator = { userId: 'usr_owner', version: owner?.version ?? 0 };
      const own = () => keyToImport({ workspace, creator, maxMemberKeys: 2 }).key;
      const limited = () => keyToImport({ workspace, maxActiveKeys: 4 }).key;
      expect(await outcomesOf([own(), own(), own()])).toEqual([
        'imported',
        'imported',
        'member_limit_reached',
      ]);
      expect(await outcomesOf([own(), limited()])).toEqual(['member_limit_reached', 'imported']);
    });

    test('that no more than four share a look-up prefix', async () => {
      const workspace = newSlug();
      const lookupPrefix = randomBytes(4).toString('hex');
      const hashes = ['a', 'b', 'c', 'd', 'e'].map((name) => hashToImport(name, { workspace }));
      const keys = hashes.map((key) => ({
        ...key,
        secret: { ...key.secret, lookupPrefix } as typeof key.secret,
      }));
      expect(await outcomesOf(keys)).toEqual([...Array(4).fill('imported'), 'prefix_full']);
    });

    test('only if creator and workspace are as they were when it was decided', async () => {
      const workspace = await newWorkspace();
      const creator = { userId: 'usr_owner', version: 77 };
      expect(await outcomesOf([keyToImport({ workspace, creator }).key])).toEqual(['changed']);
      expect(await outcomesOf([keyToImport({ workspace, planVersion: 77 }).key])).toEqual(['changed']);
      expect((await stores.keys.list({ workspace, limit: 9, now: NOW })).keys).toEqual([]);
    });

    test('and tell what they would do without doing it', async () => {
      const { key } = keyToImport();
      expect(await outcomesOf([key, key], 'only_tell')).toEqual(['imported', 'present']);
      expect(await stores.keys.get(key)).toBeUndefined();
      expect(await eventsIn(key.workspace)).toEqual([]);
      expect(await outcomesOf([key])).toEqual(['imported']);
      expect(await outcomesOf([key], 'only_tell')).toEqual(['present']);
    });
  });

  describe('keep keys', () => {
    test('that are shown as they were issued, and write their event', async () => {
      const { key: asked } = newKey();
      const outcome = await stores.keys.issue(asked);
      const shown = {
        ...FIELDS,
        id: asked.id,
        workspace: asked.workspace,
        start: asked.secret.start,
        createdAt: NOW,
        createdBy: null,
        role: null,
        lastUsedAt: null,
        previousSecret: null,
        revokedAt: null,
        version: 1,
      };
      expect(outcome).toEqual({ kind: 'issued', key: shown });
      expect(await stores.keys.get(asked)).toEqual(shown);
      expect(await stores.keys.finishPendingChange(asked)).toEqual({ kind: 'settled', key: shown });
      expect(await eventsIn(asked.workspace)).toEqual([asked.event]);
    });

    test('and find no key under another workspace or id', async () => {
      const key = await issue();
      for (const address of [
        { workspace: newSlug(), id: key.id },
        { workspace: key.workspace, id: newId('key') },
      ]) {
        expect(await stores.keys.get(address)).toBeUndefined();
        expect(await stores.keys.finishPendingChange(address)).toEqual({ kind: 'not_found' });
        expect(await stores.keys.revoke({ ...revocation(key), address })).toEqual({ kind: 'not_found' });
      }
    });

    test('and list those with one external id, of everybody or of one creator', async () => {
      const workspace = await newWorkspace();
      const fields = { ...FIELDS, externalId: 'customer 42' };
      const owner = await stores.workspaces.getMember(workspace, 'usr_owner');
      const creator = { userId: 'usr_owner', version: owner?.version ?? 0 };
      const first = await issue({ workspace, fields });
      const own = await issue({ workspace, fields, creator });
      await issue({ workspace, fields: { ...fields, externalId: 'customer 43' }, creator });
      await issue({ workspace: newSlug(), fields });
      const idsOf = async (query: { createdBy?: string; limit?: number; after?: string }) => {
        const asked = { workspace, externalId: 'customer 42', limit: 10, now: NOW, ...query };
        const { keys, next } = await stores.keys.list(asked);
        return [keys.map(({ id }) => id), next];
      };
      expect(await idsOf({})).toEqual([[own.id, first.id], null]);
      expect(await idsOf({ createdBy: 'usr_owner' })).toEqual([[own.id], null]);
      expect(await idsOf({ limit: 1 })).toEqual([[own.id], own.id]);
      expect(await idsOf({ limit: 1, after: own.id })).toEqual([[first.id], null]);
    });

    test('up to the limits of the workspace and of the member, and no longer count an ended key', async () => {
      const workspace = await newWorkspace();
      const first = await issue({ workspace, maxActiveKeys: 1 });
      const asked = () => newKey({ workspace, maxActiveKeys: 1 }).key;
      expect(await stores.keys.issue(asked())).toEqual({ kind: 'limit_reached' });
      await stores.keys.revoke(revocation(first));
      expect((await stores.keys.issue(asked())).kind).toBe('issued');
      const creator = { userId: 'usr_owner', version: 1 };
      const own = () => newKey({ workspace, creator, maxMemberKeys: 1 }).key;
      const outcomes = [await stores.keys.issue(own()), await stores.keys.issue(own())];
      expect(outcomes.map(({ kind }) => kind)).toEqual(['issued', 'member_limit_reached']);
      const later = { ...own(), createdAt: NOW };
      const expiring = { ...FIELDS, expiresAt: NOW };
      const other = await newWorkspace();
      await issue({ workspace: other, creator, maxMemberKeys: 1, fields: expiring });
      expect((await stores.keys.issue({ ...later, workspace: other })).kind).toBe('issued');
    });

    test('only while creator, workspace and caller are what they were, and under no secret that is taken', async () => {
      const workspace = await newWorkspace();
      const creator = { userId: 'usr_owner', version: 7 };
      const ended = await issue({ workspace });
      await stores.keys.revoke(revocation(ended));
      const disabled = await issue({ workspace, fields: { ...FIELDS, enabled: false } });
      const taken = newKey({ workspace }).key;
      await stores.keys.issue(taken);
      const callerOf = ({ id }: ApiKey) => ({ kind: 'api_key', address: { workspace, id } }) as const;
      const before = await eventsIn(workspace);
      for (const [overrides, kind] of [
        [{ creator }, 'creator_changed'],
        [{ planVersion: 2 }, 'workspace_changed'],
        [{ caller: callerOf(ended) }, 'caller_ended'],
        [{ caller: callerOf(disabled) }, 'caller_ended'],
        [{ caller: { kind: 'member', workspace, ...creator } }, 'caller_ended'],
        [{ secret: taken.secret }, 'secret_taken'],
      ] as const)
        expect(await stores.keys.issue(newKey({ workspace, ...overrides }).key)).toEqual({ kind });
      expect(await eventsIn(workspace)).toEqual(before);
    });

    test('in pages, newest first, by status and by creator', async () => {
      const workspace = await newWorkspace();
      const creator = { userId: 'usr_owner', version: 1 };
      const keys = [];
      for (let count = 0; count < 5; count += 1)
        keys.unshift(await issue({ workspace, creator: count % 2 === 0 ? creator : null }));
      await stores.keys.revoke(revocation(keys[0] as ApiKey));
      const ids = async (query: object) => {
        const page = await stores.keys.list({ workspace, limit: 2, now: NOW, ...query });
        return { ids: page.keys.map(({ id }) => id), next: page.next };
      };
      const all = keys.map(({ id }) => id);
      expect(await ids({})).toEqual({ ids: all.slice(0, 2), next: all[1] });
      expect(await ids({ after: all[1] })).toEqual({ ids: all.slice(2, 4), next: all[3] });
      expect(await ids({ after: all[3] })).toEqual({ ids: all.slice(4), next: null });
      expect(await ids({ status: 'revoked' })).toEqual({ ids: all.slice(0, 1), next: null });
      expect(await ids({ createdBy: 'usr_owner', limit: 9 })).toEqual({
        ids: [all[0], all[2], all[4]],
        next: null,
      });
      expect(await ids({ createdBy: 'usr_other' })).toEqual({ ids: [], next: null });
    });

    test('whose change holds, and is refused once the key is another one or its caller has ended', async () => {
      const key = await issue();
      const update = anUpdate(key, { name: 'new', enabled: false });
      const outcome = await stores.keys.update(update);
      expect(outcome).toMatchObject({ kind: 'changed', key: { id: key.id, name: 'new', enabled: false } });
      const after = await stores.keys.get(key);
      expect(outcome).toEqual({ kind: 'changed', key: after });
      expect(after?.version).toBeGreaterThan(key.version);
      expect(await stores.keys.update(anUpdate(key, { name: 'late' }))).toEqual({ kind: 'conflict' });
      const caller = { kind: 'api_key', address: key } as const;
      expect(await stores.keys.update(anUpdate(after as ApiKey, { name: 'x' }, { caller }))).toEqual({
        kind: 'caller_ended',
      });
      expect(await stores.keys.get(key)).toEqual(after);
      expect((await eventsIn(key.workspace)).map(({ id }) => id)).toEqual([
        update.event.id,
        expect.any(String),
      ]);
    });

    test('with at most two secrets at a time', async () => {
      const key = await issue();
      const first = aRotation(key, 60).rotation;
      const rotated = await stores.keys.rotate(first);
      if (rotated.kind !== 'changed') throw new Error(rotated.kind);
      expect(rotated.key.start).toBe(first.secret.start);
      expect(await stores.keys.rotate(aRotation(key, 60).rotation)).toEqual({ kind: 'conflict' });
      expect(await stores.keys.rotate(aRotation(rotated.key, 60).rotation)).toEqual({
        kind: 'rotation_in_progress',
      });
      const later = NOW + 60;
      const again = await stores.keys.rotate(aRotation(rotated.key, 60, later).rotation);
      if (again.kind !== 'changed') throw new Error(again.kind);
      expect((await stores.keys.rotate(aRotation(again.key, 0, later).rotation)).kind).toBe('changed');
    });

    test('whose older secret is told until it ends, and ends before its time without the newest', async () => {
      const key = await issue();
      const change = (of: ApiKey, caller: KeyChange['caller'] = null): KeyChange => ({
        key: of,
        changeId: newId('chg'),
        caller,
        now: NOW,
        event: newEvent('key.previous_secret_revoked', of.workspace, of.id),
      });
      const rotated = await stores.keys.rotate(aRotation(key, 60).rotation);
      if (rotated.kind !== 'changed') throw new Error(rotated.kind);
      expect(rotated.key.previousSecret).toEqual({ endsAt: NOW + 60, replacedAt: NOW, lastUsedAt: null });
      expect(await stores.keys.get(key)).toEqual(rotated.key);
      const ended = { kind: 'api_key', address: { workspace: key.workspace, id: newId('key') } } as const;
      expect(await stores.keys.revokePreviousSecret(change(key))).toEqual({ kind: 'conflict' });
      expect(await stores.keys.revokePreviousSecret(change(rotated.key, ended))).toEqual({
        kind: 'caller_ended',
      });
      const asked = change(rotated.key);
      const outcome = await stores.keys.revokePreviousSecret(asked);
      expect(outcome).toMatchObject({
        kind: 'changed',
        key: { start: rotated.key.start, previousSecret: { endsAt: 0, replacedAt: NOW, lastUsedAt: null } },
      });
      if (outcome.kind !== 'changed') throw new Error(outcome.kind);
      expect(livePreviousSecret(outcome.key, NOW)).toBeNull();
      expect(await stores.keys.get(key)).toEqual(outcome.key);
      expect((await eventsIn(key.workspace))[0]).toEqual(asked.event);
      expect((await stores.keys.rotate(aRotation(outcome.key, 60).rotation)).kind).toBe('changed');
    });

    test('that are revoked for good, with one event however often', async () => {
      const key = await issue({ fields: { ...FIELDS, enabled: false } });
      const first = await stores.keys.revoke(revocation(key));
      expect(first).toMatchObject({ kind: 'revoked', key: { id: key.id, revokedAt: NOW } });
      expect(await stores.keys.revoke(revocation(key, NOW + 9))).toEqual(first);
      const events = (await eventsIn(key.workspace)).filter(({ type }) => type === 'key.revoked');
      expect(events).toMatchObject([{ before: { status: 'disabled' }, after: { status: 'revoked' } }]);
      const revoked = (await stores.keys.get(key)) as ApiKey;
      expect(statusOf(revoked, NOW)).toBe('revoked');
    });
  });

  describe('keep workspaces and members', () => {
    test('that come together, once for each slug', async () => {
      const slug = await newWorkspace();
      expect(await stores.workspaces.get(slug)).toEqual({
        slug,
        name: 'Acme',
        plan: 'free',
        createdAt: NOW,
        version: 1,
      });
      expect(await stores.workspaces.getMember(slug, 'usr_owner')).toEqual({
        workspace: slug,
        userId: 'usr_owner',
        role: 'owner',
        createdAt: NOW,
        version: 1,
      });
      const workspace = { slug, name: 'Other', plan: null, createdAt: NOW, version: 1 };
      const event = newEvent('workspace.created', slug, null);
      expect(await stores.workspaces.create({ workspace, ownerId: 'usr_thief', event })).toEqual({
        kind: 'slug_taken',
      });
      expect(await stores.workspaces.getMember(slug, 'usr_thief')).toBeUndefined();
      expect(await stores.workspaces.get(newSlug())).toBeUndefined();
    });

    test('whose names and plans change only from what they were, by a caller who is in force', async () => {
      const slug = await newWorkspace();
      const workspace = await stores.workspaces.get(slug);
      if (workspace === undefined) throw new Error('There is no workspace.');
      const update = (fields: object) =>
        stores.workspaces.update({
          workspace,
          name: 'New',
          plan: 'pro',
          planLimit: null,
          changeId: newId('chg'),
          caller: null,
          now: NOW,
          event: newEvent('workspace.updated', slug, null),
          ...fields,
        });
      const caller = { kind: 'member', workspace: slug, userId: 'usr_owner', version: 7 } as const;
      expect(await update({ caller })).toEqual({ kind: 'conflict' });
      expect(await update({ caller: { ...caller, version: 1 } })).toEqual({
        kind: 'changed',
        workspace: { ...workspace, name: 'New', plan: 'pro', version: 2 },
      });
      expect(await update({})).toEqual({ kind: 'conflict' });
      const current = await stores.workspaces.get(slug);
      expect(await update({ workspace: current })).toEqual({ kind: 'changed', workspace: current });
      expect((await eventsIn(slug)).map(({ type }) => type)).toEqual([
        'workspace.updated',
        'workspace.created',
      ]);
    });

    test('who are added, changed and removed from what they were', async () => {
      const slug = await newWorkspace();
      const added = await put(slug, 'usr_other', 'member');
      expect(added).toMatchObject({ kind: 'added', member: { userId: 'usr_other', role: 'member' } });
      const changed = await put(slug, 'usr_other', 'admin');
      expect(changed).toMatchObject({ kind: 'changed', member: { role: 'admin' } });
      const stale = { ...(await decide(slug, 'usr_other')), decidedOn: null };
      expect(await stores.members.put({ ...stale, role: 'owner' })).toEqual({ kind: 'conflict' });
      const asked = await decide(slug, 'usr_other');
      const caller = { userId: 'usr_owner', version: 7 };
      expect(await stores.members.put({ ...asked, caller, role: 'owner' })).toEqual({ kind: 'conflict' });
      expect(await stores.members.remove({ ...asked, keys: 'keep' })).toEqual({
        kind: 'removed',
        revoked: [],
        kept: [],
      });
      expect(await stores.workspaces.getMember(slug, 'usr_other')).toBeUndefined();
      const former = await stores.members.getFormerMembership(slug, 'usr_other');
      expect(former).toMatchObject({ removedAt: NOW });
      expect(await stores.members.remove({ ...(await decide(slug, 'usr_other')), keys: 'keep' })).toEqual({
        kind: 'no_member',
      });
      const again = await put(slug, 'usr_other', 'member');
      if (again.kind !== 'added') throw new Error(again.kind);
      expect(again.member.version).toBeGreaterThan(former.version);
    });

    test('who are named with and without a new role, from what they were called', async () => {
      const slug = await newWorkspace({ usr_other: 'admin' });
      const decision = await decide(slug, 'usr_other');
      const named = { workspace: slug, userId: 'usr_other', role: 'admin', name: 'Ada', version: 1 };
      expect(await stores.members.put({ ...decision, role: 'admin', name: 'Ada' })).toMatchObject({
        kind: 'changed',
        member: named,
      });
      expect(await stores.workspaces.getMember(slug, 'usr_other')).toMatchObject(named);
      expect((await eventsIn(slug))[0]).toEqual(decision.event);
      // Decided on what the member was called before, and with an event of its own.
      const stale = async () => ({
        ...(await decide(slug, 'usr_other')),
        decidedOn: decision.decidedOn,
      });
      const conflict = { kind: 'conflict' };
      expect(await stores.members.put({ ...(await stale()), role: 'admin', name: 'Eve' })).toEqual(conflict);
      expect(await stores.members.put({ ...(await stale()), role: 'member' })).toEqual(conflict);
      expect(await stores.members.remove({ ...(await stale()), keys: 'keep' })).toEqual(conflict);
      const caller = { userId: 'usr_owner', version: 7 };
      const fresh = await decide(slug, 'usr_other');
      expect(await stores.members.put({ ...fresh, caller, role: 'admin', name: 'Eve' })).toEqual({
        kind: 'conflict',
      });
      expect(await put(slug, 'usr_other', 'admin')).toMatchObject({ member: named });
      expect(await put(slug, 'usr_other', 'member')).toMatchObject({
        member: { ...named, role: 'member', version: 2 },
      });
      const last = await decide(slug, 'usr_other');
      const outcome = await stores.members.put({ ...last, role: 'owner', name: null });
      expect(outcome).toMatchObject({ kind: 'changed', member: { role: 'owner', version: 3 } });
      const { members } = await stores.members.list({ workspace: slug, limit: 10 });
      expect(members.map(({ name }) => name)).toEqual([undefined, undefined]);
      expect(await eventsIn(slug)).toHaveLength(5);
    });

    test('whose name goes with them, and brings back nobody', async () => {
      const slug = await newWorkspace();
      const joining = await decide(slug, 'usr_other');
      const added = await stores.members.put({ ...joining, role: 'member', name: 'Ada' });
      expect(added).toMatchObject({ kind: 'added', member: { name: 'Ada', version: 1 } });
      const late = await decide(slug, 'usr_other');
      await stores.members.remove({ ...(await decide(slug, 'usr_other')), keys: 'keep' });
      expect(await stores.members.put({ ...late, role: 'member', name: 'Eve' })).toEqual({
        kind: 'conflict',
      });
      expect(await stores.workspaces.getMember(slug, 'usr_other')).toBeUndefined();
      const again = await put(slug, 'usr_other', 'member');
      expect(again).toMatchObject({ kind: 'added' });
      expect(again).not.toHaveProperty('member.name');
    });

    test('and never lose the last owner of a workspace', async () => {
      const slug = await newWorkspace();
      expect(await put(slug, 'usr_owner', 'admin')).toEqual({ kind: 'last_owner' });
      const removal = { ...(await decide(slug, 'usr_owner')), keys: 'keep' } as const;
      expect(await stores.members.remove(removal)).toEqual({ kind: 'last_owner' });
      await put(slug, 'usr_other', 'owner');
      expect(await put(slug, 'usr_owner', 'admin')).toMatchObject({ kind: 'changed' });
    });

    test('whose keys act with their role, and end with them where that is asked for', async () => {
      const slug = await newWorkspace({ usr_other: 'admin' });
      const key = await issueBy(slug, 'usr_other');
      const older = await issueBy(slug, 'usr_other');
      await stores.keys.revoke(revocation(older));
      expect(key.role).toBe('admin');
      await put(slug, 'usr_other', 'member');
      expect((await stores.keys.get(key))?.role).toBe('member');
      const removal = { ...(await decide(slug, 'usr_other')), keys: 'revoke' } as const;
      expect(await stores.members.remove({ ...removal, now: NOW + 5 })).toEqual({
        kind: 'removed',
        revoked: [key.id],
        kept: [],
      });
      const ended = (await stores.keys.get(key)) as ApiKey;
      expect(statusOf(ended, NOW + 5)).toBe('revoked');
      const revoked = (await eventsIn(slug)).filter(
        ({ type, keyId }) => type === 'key.revoked' && keyId === key.id,
      );
      expect(revoked).toMatchObject([{ actor: removal.event.actor, after: { status: 'revoked' } }]);
    });

    test('whose keys stay where that is asked for, and are named', async () => {
      const slug = await newWorkspace({ usr_other: 'admin' });
      const keys = [await issueBy(slug, 'usr_other'), await issueBy(slug, 'usr_other')];
      const removal = { ...(await decide(slug, 'usr_other')), keys: 'keep' } as const;
      expect(await stores.members.remove(removal)).toEqual({
        kind: 'removed',
        revoked: [],
        kept: keys.map(({ id }) => id).reverse(),
      });
    });

    test('in pages in the order of their ids, and the workspaces of each', async () => {
      const slug = await newWorkspace({ usr_b: 'member', usr_a: 'admin' });
      const first = await stores.members.list({ workspace: slug, limit: 2 });
      expect(first.members.map(({ userId }) => userId)).toEqual(['usr_a', 'usr_b']);
      expect(first.next).toBe('usr_b');
      const last = await stores.members.list({ workspace: slug, limit: 2, after: 'usr_b' });
      expect([last.members.map(({ userId }) => userId), last.next]).toEqual([['usr_owner'], null]);
      const user = newId('usr');
      const slugs = [await newWorkspace({ [user]: 'member' }), await newWorkspace({ [user]: 'admin' })];
      expect(await stores.members.listWorkspacesOf(user)).toEqual(slugs.sort());
      expect(await stores.members.listWorkspacesOf(newId('usr'))).toEqual([]);
      expect(await stores.members.getFormerMembership(slug, 'usr_nobody')).toEqual({
        removedAt: null,
        version: 0,
      });
    });
  });

  describe('keep tokens', () => {
    test('only of users who are in the workspaces that they name', async () => {
      const user = newId('usr');
      expect(await stores.tokens.issue(newToken(user).asked)).toEqual({ kind: 'no_member' });
      const slug = await newWorkspace({ [user]: 'member' });
      const other = await newWorkspace();
      const outcomes = [];
      for (const workspaces of [null, [slug], [slug, other]])
        outcomes.push((await stores.tokens.issue(newToken(user, { workspaces }).asked)).kind);
      expect(outcomes).toEqual(['issued', 'issued', 'not_in_workspace']);
    });

    test('in pages, newest first, by status; a user of nowhere without one is unknown', async () => {
      const user = newId('usr');
      const list = (query: object = {}) => stores.tokens.list({ userId: user, limit: 2, now: NOW, ...query });
      expect(await list()).toEqual({ kind: 'unknown_user' });
      await newWorkspace({ [user]: 'member' });
      expect(await list()).toEqual({ kind: 'listed', tokens: [], next: null });
      const tokens = [];
      for (let count = 0; count < 3; count += 1) {
        const { asked, token } = newToken(user, count === 0 ? { expiresAt: NOW } : {});
        await stores.tokens.issue(asked);
        tokens.unshift(token);
      }
      expect(await list()).toEqual({ kind: 'listed', tokens: tokens.slice(0, 2), next: tokens[1]?.id });
      expect(await list({ after: tokens[1]?.id })).toEqual({
        kind: 'listed',
        tokens: tokens.slice(2),
        next: null,
      });
      expect(await list({ status: 'expired' })).toEqual({
        kind: 'listed',
        tokens: tokens.slice(2),
        next: null,
      });
    });

    test('that are revoked for good, with one event however often', async () => {
      const user = newId('usr');
      await newWorkspace({ [user]: 'member' });
      const { asked, token } = newToken(user);
      await stores.tokens.issue(asked);
      const revoke = (userId: string, now: number) =>
        stores.tokens.revoke({
          userId,
          id: token.id,
          now,
          event: newEvent('token.revoked', `USER#${user}`, token.id),
        });
      expect(await revoke('usr_thief', NOW)).toEqual({ kind: 'not_found' });
      const first = await revoke(user, NOW + 1);
      expect(first).toEqual({ kind: 'revoked', token: { ...token, revokedAt: NOW + 1 } });
      expect(await revoke(user, NOW + 2)).toEqual(first);
      expect(await eventsIn(`USER#${user}`)).toMatchObject([
        { type: 'token.revoked', before: { status: 'active' }, after: { status: 'revoked' } },
        { type: 'token.issued' },
      ]);
    });
  });

  describe('keep invitations', () => {
    const invite = (workspace: string, overrides: Partial<Invitation> = {}): Invitation => ({
      id: newId('inv'),
      workspace,
      email: 'ada@example.com',
      role: 'member',
      invitedBy: null,
      createdAt: NOW,
      expiresAt: NOW + 10,
      ...overrides,
    });
    const create = (invitation: Invitation, caller: NewKey['caller'] = null) => {
      const event = newEvent('invitation.created', invitation.workspace, null);
      return stores.invitations.create({ invitation, caller, event });
    };

    test('with at most one open invitation for an address', async () => {
      const slug = await newWorkspace();
      const first = invite(slug);
      expect(await create(first)).toEqual({ kind: 'created' });
      expect(await create(invite(slug))).toEqual({ kind: 'exists' });
      expect(await stores.invitations.get(first, NOW)).toEqual(first);
      expect(await stores.invitations.get(first, NOW + 10)).toBeUndefined();
      const event = () => newEvent('invitation.revoked', slug, null);
      expect(await stores.invitations.revoke(first, event())).toEqual({ kind: 'revoked' });
      expect(await stores.invitations.revoke(first, event())).toEqual({ kind: 'gone' });
      expect(await stores.invitations.get(first, NOW)).toBeUndefined();
      const second = invite(slug);
      expect(await create(second)).toEqual({ kind: 'created' });
      const third = invite(slug, { createdAt: NOW + 10, expiresAt: NOW + 20 });
      expect(await create(third)).toEqual({ kind: 'created' });
    });

    test('and make none for an ended caller; the open ones are listed newest first, in pages', async () => {
      const slug = await newWorkspace();
      const caller = { kind: 'member', workspace: slug, userId: 'usr_owner', version: 7 } as const;
      expect(await create(invite(slug), caller)).toEqual({ kind: 'caller_ended' });
      const invitations = [];
      for (const email of ['a@example.com', 'b@example.com', 'c@example.com', 'd@example.com']) {
        const invitation = invite(slug, { email, expiresAt: NOW + (email.startsWith('d') ? 1 : 10) });
        await create(invitation);
        invitations.unshift(invitation);
      }
      const [, third, second, first] = invitations;
      const list = (after?: string) =>
        stores.invitations.list({ workspace: slug, limit: 2, after, now: NOW + 1 });
      expect(await list()).toEqual({ invitations: [third, second], next: second?.id });
      expect(await list(second?.id)).toEqual({ invitations: [first], next: null });
    });
  });

  describe('remember what a request with an Idempotency-Key did', () => {
    const later = (request: IdempotentRequest, seconds: number) => ({ ...request, at: NOW + seconds });

    /** Asks for the same thing again, with another body, and after a day. */
    async function expectOnce(madeId: string, ask: (request: IdempotentRequest) => Promise<string>) {
      const request = { id: newId('chg'), fingerprint: 'asked', at: NOW };
      expect(await stores.requests.find(request)).toEqual({ kind: 'new' });
      expect(await ask(request)).toMatch(/issued|created|changed/);
      const done = { kind: 'done', madeId, eventId: expect.stringMatching(/^evt_/) };
      expect(await stores.requests.find(later(request, 86_399))).toEqual(done);
      expect(await stores.requests.find(later(request, 86_400))).toEqual({ kind: 'new' });
      expect(await stores.requests.find({ ...request, fingerprint: 'other' })).toEqual({ kind: 'other' });
      return request;
    }

    test('with a new key, which is issued once', async () => {
      const workspace = await newWorkspace();
      const id = newId('key');
      const request = await expectOnce(id, async (request) => {
        return (await stores.keys.issue(newKey({ workspace, id, request }).key)).kind;
      });
      const again = (seconds: number) =>
        stores.keys.issue(newKey({ workspace, request: later(request, seconds) }).key);
      expect(await again(86_399)).toEqual({ kind: 'request_taken' });
      expect(await eventsIn(workspace)).toHaveLength(2);
      expect((await again(86_400)).kind).toBe('issued');
    });

    test('with a rotation, which is made once', async () => {
      const key = await issue();
      const request = await expectOnce(key.id, async (request) => {
        return (await stores.keys.rotate({ ...aRotation(key, 0).rotation, request })).kind;
      });
      const rotated = (await stores.keys.get(key)) ?? key;
      const again = { ...aRotation(rotated, 0).rotation, request };
      expect(await stores.keys.rotate(again)).toEqual({ kind: 'conflict' });
      expect(await stores.keys.get(key)).toEqual(rotated);
    });

    test('with tokens, workspaces and invitations, and remember nothing of what was refused', async () => {
      const workspace = await newWorkspace();
      const { asked } = newToken('usr_owner');
      const token = await expectOnce(asked.token.id, async (request) => {
        return (await stores.tokens.issue({ ...asked, request })).kind;
      });
      const refused = { ...token, id: newId('chg') };
      expect(await stores.tokens.issue({ ...newToken('usr_nobody').asked, request: refused })).toEqual({
        kind: 'no_member',
      });
      expect(await stores.requests.find(refused)).toEqual({ kind: 'new' });
      expect(await stores.tokens.issue({ ...newToken('usr_owner').asked, request: token })).toEqual({
        kind: 'request_taken',
      });

      const slug = newSlug();
      const create = async (request: IdempotentRequest, wanted: string) => {
        const made = { slug: wanted, name: 'Acme', plan: null, createdAt: NOW, version: 1 };
        const event = newEvent('workspace.created', wanted, null);
        return (await stores.workspaces.create({ workspace: made, ownerId: 'usr_new', request, event })).kind;
      };
      expect(await create(refused, workspace)).toBe('slug_taken');
      expect(await stores.requests.find(refused)).toEqual({ kind: 'new' });
      const made = await expectOnce(slug, (request) => create(request, slug));
      expect(await create(made, slug)).toBe('request_taken');

      const invite = async (request: IdempotentRequest, id = newId('inv')) => {
        const fields = { email: 'ada@example.com', role: 'member', invitedBy: null } as const;
        const invitation = { id, workspace, ...fields, createdAt: NOW, expiresAt: NOW + 10 };
        const event = newEvent('invitation.created', workspace, null);
        return (await stores.invitations.create({ invitation, caller: null, request, event })).kind;
      };
      const id = newId('inv');
      const invited = await expectOnce(id, (request) => invite(request, id));
      expect(await invite(invited)).toBe('request_taken');
      expect(await invite(refused)).toBe('exists');
      expect(await stores.requests.find(refused)).toEqual({ kind: 'new' });
    });
  });

  describe('keep an audit log', () => {
    test('with one event for one occasion, listed newest first, filtered and in pages', async () => {
      const log = newSlug();
      const event = (overrides: Partial<RefusedEvent>): RefusedEvent => ({
        id: newId('evt'),
        at: NOW,
        actor: { kind: 'person', credentialId: null, user: 'usr_1' },
        sourceAddress: null,
        workspace: log,
        keyId: null,
        type: 'call.refused',
        outcome: 'refused',
        action: 'GET /v1/me',
        code: 'forbidden',
        ...overrides,
      });
      const occasion = { id: newId('chg'), endsAt: NOW + 60 };
      const first = event({});
      await stores.events.appendOnce(first, occasion);
      await stores.events.appendOnce(event({}), occasion);
      const keyId = newId('key');
      const second = event({ keyId });
      await stores.events.appendOnce(second, { ...occasion, id: newId('chg') });
      const list = (query: object) => stores.events.list({ log, filter: {}, limit: 1, now: NOW, ...query });
      expect(await list({})).toEqual({ events: [second], next: second.id });
      expect(await list({ after: second.id })).toEqual({ events: [first], next: null });
      expect(await list({ filter: { keyId } })).toEqual({ events: [second], next: null });
      for (const filter of [
        { actor: 'usr_2' },
        { outcome: 'done' },
        { type: 'key.issued' },
        { from: NOW + 1 },
        { to: NOW },
      ])
        expect(await list({ filter })).toEqual({ events: [], next: null });
      expect((await list({ filter: { actor: 'usr_1', from: NOW, to: NOW + 1 }, limit: 9 })).events).toEqual([
        second,
        first,
      ]);
    });
  });
});
