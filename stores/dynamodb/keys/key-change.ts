import { type ApiKey, isExpired, statusOf } from '../../../core/credential/credential.ts';
import { Unavailable } from '../../../core/errors/fault.ts';
import type {
  ChangeOutcome,
  KeyChange,
  KeyRevocation,
  KeyRotation,
  KeyUpdate,
  RevokeOutcome,
  RotateOutcome,
} from '../../../core/management/key-store.ts';
import { putEventPart } from '../audit/event-store.ts';
import { revokeSecret } from '../secrets/secret-change.ts';
import { writeSecret } from '../secrets/secret-item.ts';
import { putRequestParts } from '../table/request-item.ts';
import { keyKey, type Tables } from '../table/tables.ts';
import { putNewSecretPart, transact } from '../table/transaction.ts';
import { heldSlots, keepSlotPart } from './active-key-slots.ts';
import { finishKeyChange, freeSlots } from './key-finish.ts';
import { beginKeyChange, requireUndisturbed } from './key-intent.ts';
import { fieldsOf, type KeyRecord, ownerOf, type PendingChange, secretFieldsOf } from './key-item.ts';
import { readRecord, showKey } from './key-read.ts';

export async function updateKey(tables: Tables, update: KeyUpdate): Promise<ChangeOutcome> {
  const record = await readAsDecided(tables, update.key);
  if (record === undefined) return { kind: 'conflict' };
  const { fields, effectiveRateLimit } = update;
  const { secrets } = record;
  const change: PendingChange = {
    kind: 'update',
    id: update.changeId,
    since: update.now,
    fields,
    effectiveRateLimit,
    secrets,
    dropped: [],
  };
  const begun = await beginKeyChange(tables, {
    record,
    change,
    condition: requireUndisturbed(record),
    event: update.event,
    caller: update.caller,
    also: slotsHolding(tables, record, fields.expiresAt),
  });
  if (begun.kind !== 'begun') return begun;
  return complete(tables, begun.record, change, update.key.lastUsedAt);
}

/** While an expiry is being changed, the key holds its slots until the later of both. */
function slotsHolding(tables: Tables, record: KeyRecord, newExpiry: number | null) {
  if (record.expiresAt === newExpiry) return [];
  const expiresAt =
    record.expiresAt === null || newExpiry === null ? null : Math.max(record.expiresAt, newExpiry);
  const { id: keyId } = record;
  const version = record.version + 1;
  return heldSlots(record).map((key) => keepSlotPart(tables, { key, keyId, expiresAt, version }));
}

export async function rotateKey(tables: Tables, rotation: KeyRotation): Promise<RotateOutcome> {
  const record = await readAsDecided(tables, rotation.key);
  if (record === undefined) return { kind: 'conflict' };
  const { now, overlapSeconds, secret, request, event } = rotation;
  const live = record.secrets.filter(({ endsAt }) => !isExpired(endsAt, now));
  if (live.length > 1 && overlapSeconds > 0) return { kind: 'rotation_in_progress' };
  const added = { locator: secret.locator, endsAt: null };
  const newEnd = overlapSeconds === 0 ? 0 : now + overlapSeconds;
  // A secret that has ended by this clock ends for every clock before the key forgets it. No revocation reaches it afterwards.
  const older = record.secrets.map((own) => ({
    ...own,
    endsAt: live.includes(own) ? newEnd : 0,
    replacedAt: own.replacedAt ?? (own.endsAt === null ? now : undefined),
  }));
  const change: PendingChange = {
    kind: 'rotate',
    id: rotation.changeId,
    since: now,
    start: secret.start,
    secrets: [...older, added],
    added: added.locator,
    formerlyUsedAt: rotation.key.lastUsedAt,
    requestId: request?.id,
  };
  // The new secret is listed from the start, so that a revocation that comes in between reaches it too.
  const attributes = { secrets: [...record.secrets, added] };
  const fields = secretFieldsOf(record, record.effectiveRateLimit, null);
  const begun = await beginKeyChange(tables, {
    record,
    change,
    attributes,
    condition: requireUndisturbed(record),
    event,
    caller: rotation.caller,
    also: [
      putNewSecretPart(tables.secrets, writeSecret(secret, ownerOf(record), fields, record.version + 1)),
      ...putRequestParts(tables, request, { madeId: record.id, eventId: event.id }),
    ],
  });
  if (begun.kind !== 'begun') return begun;
  return complete(tables, begun.record, change, rotation.key.lastUsedAt);
}

/**
 * Ends every secret but the newest. The record goes on listing them until the next rotation, which lets its new secret go on from
 * what they have counted: so revoking one resets no limit.
 */
export async function revokePreviousSecret(tables: Tables, asked: KeyChange): Promise<ChangeOutcome> {
  const record = await readAsDecided(tables, asked.key);
  if (record === undefined) return { kind: 'conflict' };
  const change: PendingChange = {
    kind: 'update',
    id: asked.changeId,
    since: asked.now,
    fields: fieldsOf(record),
    effectiveRateLimit: record.effectiveRateLimit,
    secrets: record.secrets.map((own) => (own.endsAt === null ? own : { ...own, endsAt: 0 })),
    dropped: [],
  };
  const begun = await beginKeyChange(tables, {
    record,
    change,
    condition: requireUndisturbed(record),
    event: asked.event,
    caller: asked.caller,
  });
  if (begun.kind !== 'begun') return begun;
  return complete(tables, begun.record, change, asked.key.lastUsedAt);
}

/** Reads the record that a change was decided on. @returns `undefined` when it has changed since. */
async function readAsDecided(tables: Tables, key: ApiKey): Promise<KeyRecord | undefined> {
  const record = await readRecord(tables, key);
  return record?.version === key.version && record.pendingChange === null ? record : undefined;
}

/** Finishes a change that this process has begun, unless another process is faster. */
async function complete(
  tables: Tables,
  begun: KeyRecord,
  change: PendingChange,
  lastUsedAt: number | null,
): Promise<ChangeOutcome> {
  const finished = await finishKeyChange(tables, begun, change);
  const current = finished.kind === 'finished' ? finished.record : await readRecord(tables, begun);
  if (current === undefined) return { kind: 'conflict' };
  if (finished.kind === 'superseded' && !wasFinished(current, change)) return { kind: 'conflict' };
  return { kind: 'changed', key: await showKey(tables, current, lastUsedAt) };
}

/**
 * Tells how a change ended that is no longer pending. It was finished, unless it was undone or a revocation overtook it. This
 * very process may have finished it: the SDK sends a write again when the answer is lost, and finds it done.
 */
function wasFinished({ revokedAt, pendingChange, secrets }: KeyRecord, change: PendingChange): boolean {
  if (revokedAt !== null || pendingChange?.kind === 'revoke') return false;
  if (change.kind !== 'rotate') return true;
  const isBeingUndone = pendingChange?.kind === 'update' && pendingChange.dropped.includes(change.added);
  return !isBeingUndone && secrets.some(({ locator }) => locator === change.added);
}

/** The status of the key after a revocation, for the event. Only the store knows the status before. */
const REVOKED = { status: 'revoked' } as const;

export async function revokeKey(tables: Tables, revocation: KeyRevocation): Promise<RevokeOutcome> {
  const revoked = await revokeWithoutLastUse(tables, revocation);
  if (revoked === undefined) return { kind: 'not_found' };
  return { kind: 'revoked', key: await showKey(tables, revoked, revoked.formerlyUsedAt) };
}

/** As {@link revokeKey}, without reading when the key was last used. */
async function revokeWithoutLastUse(
  tables: Tables,
  revocation: KeyRevocation,
): Promise<KeyRecord | undefined> {
  const record = await readRecord(tables, revocation.address);
  if (record === undefined || record.revokedAt !== null) return record;
  const change: PendingChange = { kind: 'revoke', id: revocation.changeId, since: revocation.now };
  // It requires no version: however busy the key is with other changes, its revocation gets through.
  const begun = await beginKeyChange(tables, {
    record,
    change,
    caller: null,
    condition: {
      expression: 'revokedAt = :never AND (attribute_not_exists(pending) OR #pendingChange.kind <> :revoke)',
      values: { ':revoke': 'revoke', ':never': null },
    },
    event: { ...revocation.event, before: { status: statusOf(record, revocation.now) }, after: REVOKED },
  });
  // Read again: a rotation may have added a secret just before the intent was stored. After it, no rotation can.
  const marked = await readRecord(tables, revocation.address);
  if (marked === undefined) return undefined;
  const isOwn = begun.kind === 'begun';
  if (!isOwn && marked.revokedAt !== null) return marked;
  const pending = isOwn ? change : marked.pendingChange;
  if (pending?.kind !== 'revoke') throw new Unavailable('The intent of a revocation is gone.');
  const finished = await finishKeyChange(tables, marked, pending);
  return finished.kind === 'finished' ? finished.record : readRecord(tables, revocation.address);
}

/**
 * Revokes a key as part of a greater change, whose own intent makes sure that it is completed. The secrets and slots end first,
 * then the record with the event. If the process dies in between, the key is refused already, and the next process revokes it
 * again. If another change of the key is under way, the revocation gets an intent of its own.
 */
export async function revokeKeyWithinChange(
  tables: Tables,
  record: KeyRecord,
  revocation: KeyRevocation,
): Promise<void> {
  const { now, event } = revocation;
  await Promise.all(record.secrets.map(({ locator }) => revokeSecret(tables, locator)));
  await freeSlots(tables, record);
  const { expression, values } = requireUndisturbed(record);
  const failed = await transact(tables.client, {
    record: {
      Update: {
        TableName: tables.records,
        Key: keyKey(record.workspace, record.id),
        UpdateExpression: 'SET revokedAt = :now ADD version :next',
        ConditionExpression: expression,
        ExpressionAttributeValues: { ...values, ':now': now, ':next': 1 },
      },
    },
    event: putEventPart(tables, { ...event, before: { status: statusOf(record, now) }, after: REVOKED }),
  });
  if (failed.size > 0) await revokeWithoutLastUse(tables, revocation);
}
