import { statusOf } from '../../../core/credential/credential.ts';
import type {
  KeysOfRemoved,
  MemberChange,
  MemberFields,
  MemberStore,
  PutMemberOutcome,
  RemoveMemberOutcome,
} from '../../../core/management/member-store.ts';
import type { Member } from '../../../core/management/workspace-store.ts';
import { change, revokeRecord } from './key-store.ts';
import { slugsOf } from './token-store.ts';
import {
  addressOf,
  isMemberAt,
  type KeyRecord,
  type MembershipRecord,
  type MemoryWorld,
  newIdAt,
  pageOf,
  withName,
  writeEvent,
} from './world.ts';

/** Members in memory. It keeps the contract of the port, and reaches a member's keys at once. */
export function memoryMemberStore(world: MemoryWorld): MemberStore {
  return {
    async list({ workspace, limit, after }) {
      const members = [...world.members.values()].flatMap(({ member }) => member ?? []);
      const own = members.filter((member) => member.workspace === workspace);
      const { found, next } = pageOf(own, ({ userId }) => userId, { limit, after, order: 'ascending' });
      return { members: found, next };
    },
    put: async (asked) => put(world, asked),
    remove: async (asked) => remove(world, asked),
    async getFormerMembership(workspace, userId) {
      const record = world.members.get(addressOf(workspace, userId));
      return { removedAt: record?.removedAt ?? null, version: record?.version ?? 0 };
    },
    listWorkspacesOf: async (userId) => slugsOf(world, userId),
  };
}

function put(world: MemoryWorld, asked: MemberChange & MemberFields): PutMemberOutcome {
  const { workspace, userId, role, now } = asked;
  const record = world.members.get(addressOf(workspace, userId));
  if (!isAsDecided(record, asked)) return { kind: 'conflict' };
  const before = record?.member ?? null;
  const name = asked.name === undefined ? (before?.name ?? null) : asked.name;
  const isRoleNew = before?.role !== role;
  if (!isRoleNew && (before.name ?? null) === name) return { kind: 'changed', member: before };
  if (role !== 'owner' && isLastOwner(world, before)) return { kind: 'last_owner' };
  if (!isCallerUnchanged(world, asked)) return { kind: 'conflict' };
  const version = (record?.version ?? 0) + Number(isRoleNew);
  const createdAt = before?.createdAt ?? now;
  const member = withName({ workspace, userId, role, createdAt, version }, name);
  writeEvent(world, asked.event);
  write(world, { workspace, userId, member, version, removedAt: null });
  if (before !== null && isRoleNew && world.copies.includes('keys'))
    for (const own of keysOf(world, asked))
      if (own.key.revokedAt === null) change(world, own, { ...own.key, role });
  return { kind: before === null ? 'added' : 'changed', member };
}

function remove(
  world: MemoryWorld,
  asked: MemberChange & { readonly keys: 'revoke' | 'keep' },
): RemoveMemberOutcome {
  const { workspace, userId, now, event, keys } = asked;
  const record = world.members.get(addressOf(workspace, userId));
  if (!isAsDecided(record, asked)) return { kind: 'conflict' };
  if (record === undefined || record.member === null) return { kind: 'no_member' };
  if (isLastOwner(world, record.member)) return { kind: 'last_owner' };
  if (!isCallerUnchanged(world, asked)) return { kind: 'conflict' };
  writeEvent(world, event);
  const version = record.version + 1;
  write(world, { workspace, userId, member: null, version, removedAt: now });
  const active = keysOf(world, asked).filter(
    ({ key }) => !['revoked', 'expired'].includes(statusOf(key, now)),
  );
  if (keys === 'revoke') for (const own of active) revokeRecord(world, own, revocationBy(asked, own));
  const ids = active.map(({ key }) => key.id);
  const fate: KeysOfRemoved = keys === 'revoke' ? { revoked: ids, kept: [] } : { revoked: [], kept: ids };
  return { kind: 'removed', revoked: fate.revoked, kept: fate.kept };
}

function revocationBy({ now, event }: MemberChange, { key }: KeyRecord) {
  const { actor, sourceAddress, workspace } = event;
  const id = newIdAt('evt', now);
  return {
    now,
    event: {
      id,
      at: now,
      type: 'key.revoked',
      actor,
      sourceAddress,
      workspace,
      keyId: key.id,
      outcome: 'done',
    },
  } as const;
}

/** The keys in a member's name, newest first. */
function keysOf(world: MemoryWorld, { workspace, userId }: MemberChange): KeyRecord[] {
  return [...world.keys.values()]
    .filter(({ key }) => key.workspace === workspace && key.createdBy === userId)
    .sort((one, other) => (one.key.id < other.key.id ? 1 : -1));
}

function write(world: MemoryWorld, record: MembershipRecord): void {
  world.members.set(addressOf(record.workspace, record.userId), record);
}

function isAsDecided(
  record: MembershipRecord | undefined,
  { decidedOn, formerVersion }: MemberChange,
): boolean {
  const isSameFormer = formerVersion === undefined || formerVersion === (record?.version ?? 0);
  const member = record?.member;
  return member?.version === decidedOn?.version && member?.name === decidedOn?.name && isSameFormer;
}

function isCallerUnchanged(world: MemoryWorld, { workspace, caller }: MemberChange): boolean {
  return caller === null || isMemberAt(world, { workspace, ...caller });
}

function isLastOwner({ members }: MemoryWorld, member: Member | null): boolean {
  if (member?.role !== 'owner') return false;
  const owners = [...members.values()].filter(
    (other) => other.workspace === member.workspace && other.member?.role === 'owner',
  );
  return owners.length === 1;
}
