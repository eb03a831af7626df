import { type ApiKey, isExpired, statusOf } from '../../../core/credential/credential.ts';
import type {
  ChangeOutcome,
  IssueOutcome,
  KeyChange,
  KeyRevocation,
  KeyRotation,
  KeyStore,
  NewKey,
  RotateOutcome,
} from '../../../core/management/key-store.ts';
import { isTaken, writeRequest } from './request-store.ts';
import {
  addressOf,
  isInForce,
  isMemberAt,
  type KeyRecord,
  type MemoryWorld,
  pageOf,
  writeEvent,
} from './world.ts';

/** API keys in memory. It keeps the contract of the port, and finishes every change at once. */
export function memoryKeyStore(world: MemoryWorld): KeyStore {
  const find = (workspace: string, id: string) => world.keys.get(addressOf(workspace, id));
  return {
    async issue(asked) {
      const refusal = whyNotIssued(world, asked);
      if (refusal !== undefined) return { kind: refusal };
      const key = newKeyOf(asked);
      world.locators.add(asked.secret.locator);
      const creatorVersion = asked.creator?.version ?? null;
      world.keys.set(addressOf(key.workspace, key.id), { key, creatorVersion, secretEnds: [null] });
      writeEvent(world, asked.event);
      writeRequest(world, asked.request, { madeId: key.id, eventId: asked.event.id });
      return { kind: 'issued', key };
    },
    get: async ({ workspace, id }) => find(workspace, id)?.key,
    async finishPendingChange({ workspace, id }) {
      const record = find(workspace, id);
      return record === undefined ? { kind: 'not_found' } : { kind: 'settled', key: record.key };
    },
    async list({ workspace, limit, after, status, createdBy, externalId, now }) {
      const keys = [...world.keys.values()]
        .map(({ key }) => key)
        .filter((key) => key.workspace === workspace)
        .filter((key) => createdBy === undefined || key.createdBy === createdBy)
        .filter((key) => externalId === undefined || key.externalId === externalId)
        .filter((key) => status === undefined || statusOf(key, now) === status);
      const { found, next } = pageOf(keys, ({ id }) => id, { limit, after, order: 'descending' });
      return { keys: found, next };
    },
    async update({ key, fields, caller, event }) {
      const record = find(key.workspace, key.id);
      if (!isAsDecided(record, key)) return { kind: 'conflict' };
      if (!isInForce(world, caller)) return { kind: 'caller_ended' };
      writeEvent(world, event);
      return change(world, record, { ...record.key, ...fields });
    },
    rotate: async (rotation) => rotate(world, rotation),
    revokePreviousSecret: async (asked) => revokePreviousSecret(world, asked),
    async revoke(revocation) {
      const { workspace, id } = revocation.address;
      const record = find(workspace, id);
      if (record === undefined) return { kind: 'not_found' };
      return { kind: 'revoked', key: revokeRecord(world, record, revocation) };
    },
  };
}

/** Ends a key for good, unless it has ended already. */
export function revokeRecord(
  world: MemoryWorld,
  record: KeyRecord,
  { now, event }: Pick<KeyRevocation, 'now' | 'event'>,
): ApiKey {
  if (record.key.revokedAt !== null) return record.key;
  writeEvent(world, {
    ...event,
    before: { status: statusOf(record.key, now) },
    after: { status: 'revoked' },
  });
  return change(world, record, { ...record.key, revokedAt: now }).key;
}

function newKeyOf({ workspace, id, fields, secret, createdAt, creator, role }: NewKey): ApiKey {
  return {
    ...fields,
    id,
    workspace,
    start: secret.start,
    createdAt,
    createdBy: creator?.userId ?? null,
    role,
    lastUsedAt: null,
    previousSecret: null,
    revokedAt: null,
    version: 1,
  };
}

function whyNotIssued(
  world: MemoryWorld,
  asked: NewKey,
): Exclude<IssueOutcome['kind'], 'issued'> | undefined {
  const { workspace, creator, caller, planVersion, maxActiveKeys, maxMemberKeys, createdAt } = asked;
  const holding = [...world.keys.values()]
    .map(({ key }) => key)
    .filter((key) => key.workspace === workspace)
    .filter((key) => key.revokedAt === null && !isExpired(key.expiresAt, createdAt));
  if (maxActiveKeys !== null && holding.length >= maxActiveKeys) return 'limit_reached';
  if (!isInForce(world, caller)) return 'caller_ended';
  if (isTaken(world, asked.request)) return 'request_taken';
  if (creator !== null && !isMemberAt(world, { workspace, ...creator })) return 'creator_changed';
  if (planVersion !== null && world.workspaces.get(workspace)?.version !== planVersion)
    return 'workspace_changed';
  if (world.locators.has(asked.secret.locator)) return 'secret_taken';
  const own = holding.filter(({ createdBy }) => createdBy !== null && createdBy === creator?.userId);
  return own.length >= maxMemberKeys ? 'member_limit_reached' : undefined;
}

function rotate(world: MemoryWorld, rotation: KeyRotation): RotateOutcome {
  const { key, secret, overlapSeconds, caller, request, now, event } = rotation;
  const record = world.keys.get(addressOf(key.workspace, key.id));
  if (!isAsDecided(record, key)) return { kind: 'conflict' };
  const live = record.secretEnds.filter((end) => !isExpired(end, now));
  if (live.length > 1 && overlapSeconds > 0) return { kind: 'rotation_in_progress' };
  if (!isInForce(world, caller)) return { kind: 'caller_ended' };
  if (world.locators.has(secret.locator) || isTaken(world, request)) return { kind: 'conflict' };
  world.locators.add(secret.locator);
  writeEvent(world, event);
  writeRequest(world, request, { madeId: key.id, eventId: event.id });
  const older = overlapSeconds === 0 ? [] : [now + overlapSeconds];
  const after: KeyRecord = { ...record, secretEnds: [...older, null] };
  const [endsAt] = older;
  const previousSecret =
    endsAt === undefined ? null : { endsAt, replacedAt: now, lastUsedAt: record.key.lastUsedAt };
  return change(world, after, { ...record.key, start: secret.start, previousSecret });
}

function revokePreviousSecret(world: MemoryWorld, { key, caller, event }: KeyChange): ChangeOutcome {
  const record = world.keys.get(addressOf(key.workspace, key.id));
  if (!isAsDecided(record, key)) return { kind: 'conflict' };
  if (!isInForce(world, caller)) return { kind: 'caller_ended' };
  writeEvent(world, event);
  const { previousSecret } = record.key;
  return change(
    world,
    { ...record, secretEnds: [null] },
    { ...record.key, previousSecret: previousSecret && { ...previousSecret, endsAt: 0 } },
  );
}

function isAsDecided(record: KeyRecord | undefined, decidedOn: ApiKey): record is KeyRecord {
  return record !== undefined && record.key.version === decidedOn.version && record.key.revokedAt === null;
}

/** Writes the next version of a key. */
export function change(
  world: MemoryWorld,
  record: KeyRecord,
  after: ApiKey,
): Extract<ChangeOutcome, { kind: 'changed' }> {
  const key = { ...after, version: record.key.version + 1 };
  world.keys.set(addressOf(key.workspace, key.id), { ...record, key });
  return { kind: 'changed', key };
}
