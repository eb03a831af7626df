import { type ApiKey, statusOf } from '../../../core/credential/api-key.ts';
import { isExpired } from '../../../core/credential/credential-type.ts';
import { Unavailable } from '../../../core/errors/fault.ts';
import type {
  ChangeOutcome,
  KeyRevocation,
  KeyRotation,
  KeyUpdate,
  RevokeOutcome,
  RotateOutcome,
} from '../../../core/management/key-store.ts';
import { putEvent } from '../audit/event-item.ts';
import { writeSecret } from '../secrets/secret-item.ts';
import { failedConditions } from '../table/contention.ts';
import { keyKey, type Tables } from '../table/tables.ts';
import { heldSlots, keepSlot } from './active-key-slots.ts';
import { ownerOf } from './key-issue.ts';
import {
  type KeyRecord,
  type PendingChange,
  secretFieldsOf,
  toApiKey,
  toItem,
  toValues,
} from './key-item.ts';
import { readRecord, withLastUse } from './key-read.ts';
import { revokeSecret } from './key-secrets.ts';
import { apply, begin, finish, freeSlots, undisturbed } from './pending-change.ts';

export async function updateKey(tables: Tables, update: KeyUpdate): Promise<ChangeOutcome> {
  const record = await recordAsDecided(tables, update.key);
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
  const begun = await begin(tables, {
    record,
    change,
    condition: undisturbed(record),
    event: update.event,
    caller: update.caller,
    also: slotsHolding(tables, record, fields.expiresAt),
  });
  if (typeof begun === 'string') return { kind: begun };
  return complete(tables, begun, change, update.key.lastUsedAt);
}

/** While an expiry is being changed, the key holds its slots for as long as either expiry says. */
function slotsHolding(tables: Tables, record: KeyRecord, newExpiry: number | null) {
  if (record.expiresAt === newExpiry) return [];
  const expiresAt =
    record.expiresAt === null || newExpiry === null ? null : Math.max(record.expiresAt, newExpiry);
  const { id: keyId } = record;
  const version = record.version + 1;
  return heldSlots(record).map((key) => keepSlot(tables, { key, keyId, expiresAt, version }));
}

export async function rotateKey(tables: Tables, rotation: KeyRotation): Promise<RotateOutcome> {
  const record = await recordAsDecided(tables, rotation.key);
  if (record === undefined) return { kind: 'conflict' };
  const { now, overlapSeconds, secret } = rotation;
  const live = record.secrets.filter(({ endsAt }) => !isExpired(endsAt, now));
  if (live.length > 1 && overlapSeconds > 0) return { kind: 'rotation_in_progress' };
  const added = { locator: secret.locator, endsAt: null };
  const newEnd = overlapSeconds === 0 ? 0 : now + overlapSeconds;
  // What this clock calls ended is ended for every clock before the key forgets it and no revocation reaches it.
  const older = record.secrets.map((own) => ({ ...own, endsAt: live.includes(own) ? newEnd : 0 }));
  const change: PendingChange = {
    kind: 'rotate',
    id: rotation.changeId,
    since: now,
    start: secret.start,
    secrets: [...older, added],
    added: added.locator,
    formerlyUsedAt: rotation.key.lastUsedAt,
  };
  // The new secret is listed from the start, so that a revocation that comes in between reaches it too.
  const attributes = { secrets: [...record.secrets, added] };
  const fields = secretFieldsOf(record, record.effectiveRateLimit, null);
  const begun = await begin(tables, {
    record,
    change,
    attributes,
    condition: undisturbed(record),
    event: rotation.event,
    caller: rotation.caller,
    also: [
      {
        Put: {
          TableName: tables.secrets,
          Item: writeSecret(secret, ownerOf(record), fields, record.version + 1),
          ConditionExpression: 'attribute_not_exists(pk)',
        },
      },
    ],
  });
  if (typeof begun === 'string') return { kind: begun };
  return complete(tables, begun, change, rotation.key.lastUsedAt);
}

/** What the event of a revocation says afterwards; before, only the store knows. */
const REVOKED = { status: 'revoked' } as const;

export async function revokeKey(tables: Tables, revocation: KeyRevocation): Promise<RevokeOutcome> {
  const revoked = await endKey(tables, revocation);
  if (revoked === undefined) return { kind: 'not_found' };
  return { kind: 'revoked', key: await presented(tables, revoked, revoked.formerlyUsedAt) };
}

/** As {@link revokeKey}, for whoever does not want to see the key. */
export async function endKey(tables: Tables, revocation: KeyRevocation): Promise<KeyRecord | undefined> {
  const record = await readRecord(tables, revocation.address);
  if (record === undefined || record.revokedAt !== null) return record;
  const change: PendingChange = { kind: 'revoke', id: revocation.changeId, since: revocation.now };
  // It asks for no version: however busy the key is with other changes, its revocation gets through.
  const begun = await begin(tables, {
    record,
    change,
    condition: {
      expression: 'revokedAt = :never AND (attribute_not_exists(pending) OR #pendingChange.kind <> :revoke)',
      values: { ':revoke': 'revoke', ':never': null },
    },
    event: { ...revocation.event, before: { status: statusOf(record, revocation.now) }, after: REVOKED },
  });
  // Read again, since a rotation may have added a secret just before the mark was set; none can after it.
  const marked = await readRecord(tables, revocation.address);
  if (marked === undefined) return undefined;
  if (begun === 'conflict' && marked.revokedAt !== null) return marked;
  const pending = begun === 'conflict' ? marked.pendingChange : change;
  if (pending?.kind !== 'revoke') throw new Unavailable('A revocation lost its mark.');
  await apply(tables, marked, pending);
  const finished = await finish(tables, marked, pending);
  return finished === 'superseded' ? readRecord(tables, revocation.address) : finished;
}

/**
 * Ends a key as part of a greater change, whose own intent makes sure that it is completed: its secrets and slots first, then
 * its record with the event, so that a process that dies in between leaves a key that is refused and will be ended again.
 * A key that others are changing meanwhile is ended by an intent of its own.
 */
export async function endKeyWithin(
  tables: Tables,
  record: KeyRecord,
  revocation: KeyRevocation,
): Promise<void> {
  const { now, event } = revocation;
  await Promise.all(record.secrets.map(({ locator }) => revokeSecret(tables, locator, now)));
  await freeSlots(tables, record);
  const { expression, values } = undisturbed(record);
  const failed = await failedConditions(tables.client, [
    {
      Update: {
        TableName: tables.records,
        Key: toItem(keyKey(record.workspace, record.id)),
        UpdateExpression: 'SET revokedAt = :now ADD version :next',
        ConditionExpression: expression,
        ExpressionAttributeValues: toValues({ ...values, ':now': now, ':next': 1 }),
      },
    },
    putEvent(tables, { ...event, before: { status: statusOf(record, now) }, after: REVOKED }),
  ]);
  if (failed.length > 0) await endKey(tables, revocation);
}

/** The record that a decision was made on; `undefined` once it is another. */
async function recordAsDecided(tables: Tables, key: ApiKey): Promise<KeyRecord | undefined> {
  const record = await readRecord(tables, key);
  return record?.version === key.version && record.pendingChange === null ? record : undefined;
}

/** What is no longer pending was finished all the same, unless it was undone or overtaken by a revocation. */
async function complete(
  tables: Tables,
  begun: KeyRecord,
  change: PendingChange,
  lastUsedAt: number | null,
): Promise<ChangeOutcome> {
  await apply(tables, begun, change);
  const finished = await finish(tables, begun, change);
  if (finished !== 'superseded')
    return { kind: 'changed', key: await presented(tables, finished, lastUsedAt) };
  const current = await readRecord(tables, begun);
  if (current === undefined || !wasFinished(current, change)) return { kind: 'conflict' };
  return { kind: 'changed', key: await presented(tables, current, lastUsedAt) };
}

/**
 * Tells how a change ended that is no longer pending. Whoever finished it may have been this caller: the SDK sends a write
 * again when its answer is lost, and finds it done.
 */
function wasFinished({ revokedAt, pendingChange, secrets }: KeyRecord, change: PendingChange): boolean {
  if (revokedAt !== null || pendingChange?.kind === 'revoke') return false;
  if (change.kind !== 'rotate') return true;
  const isBeingUndone = pendingChange?.kind === 'update' && pendingChange.dropped.includes(change.added);
  return !isBeingUndone && secrets.some(({ locator }) => locator === change.added);
}

/**
 * Shows a key after its change was made. Whatever goes wrong from here on, the change is done and has to be reported: a
 * rotation that seems to have failed would leave a secret that nobody knows.
 * @param lastUsedAt what was known before, for when the newest is not to be had.
 */
async function presented(tables: Tables, record: KeyRecord, lastUsedAt: number | null): Promise<ApiKey> {
  const [key] = await withLastUse(tables, [record]).catch(() => []);
  return key ?? toApiKey(record, lastUsedAt);
}
