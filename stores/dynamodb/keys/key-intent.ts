import type { AuditEvent } from '../../../core/audit/audit-event.ts';
import type { CallerInForce, KeyAddress } from '../../../core/management/key-store.ts';
import { type ChangeEffect, putEventPart } from '../audit/event-store.ts';
import { assign } from '../table/documents.ts';
import { beginChange, type ChangeFinisher, pendingMark, readSettled } from '../table/intent.ts';
import { deleteRequestParts } from '../table/request-item.ts';
import { keyKey, type Tables } from '../table/tables.ts';
import type { TransactionItem } from '../table/transaction.ts';
import { requireCallerInForce } from './caller-check.ts';
import { finishKeyChange } from './key-finish.ts';
import { fieldsOf, type KeyRecord, type KeyRotating, type PendingChange } from './key-item.ts';
import { readRecord } from './key-read.ts';

interface Condition {
  readonly expression: string;
  readonly values: Readonly<Record<string, unknown>>;
}

interface Beginning {
  readonly record: KeyRecord;
  readonly change: PendingChange;
  /** Attributes of the record that change together with the intent. */
  readonly attributes?: Partial<KeyRecord>;
  readonly condition: Condition;
  /** `null` for a part of a greater change, which has written its own event. */
  readonly event: AuditEvent | null;
  /** What else is written in the same transaction. */
  readonly also?: readonly TransactionItem[];
  /** Who asks for the change; `null` where nothing is required of them. */
  readonly caller: CallerInForce | null;
}

/** `begun`: with the record as it stands now. Otherwise nothing was changed. */
export type BegunKey =
  | { readonly kind: 'begun'; readonly record: KeyRecord }
  | { readonly kind: 'conflict' | 'caller_ended' };

/** Stores the intent of a key's change with its event. */
export async function beginKeyChange(tables: Tables, beginning: Beginning): Promise<BegunKey> {
  const { record, change, attributes = {}, condition, event, also = [], caller } = beginning;
  const begun = { ...record, ...attributes, version: record.version + 1, pendingChange: change };
  const update = assign({ ...attributes, pendingChange: change, ...pendingMark(change) });
  const outcome = await beginChange<'also'>(tables, {
    caller: requireCallerInForce(tables, caller),
    intent: {
      Update: {
        TableName: tables.records,
        Key: keyKey(record.workspace, record.id),
        // Added to rather than set: a revocation requires no version, and must not set an older one.
        UpdateExpression: `${update.expression} ADD version :next`,
        ConditionExpression: condition.expression,
        ExpressionAttributeNames: update.names,
        ExpressionAttributeValues: { ...update.values, ...condition.values, ':next': 1 },
      },
    },
    event: event === null ? null : putEventPart(tables, { ...event, effect: effectOf(begun, change) }),
    also,
  });
  return outcome.kind === 'begun' ? { kind: 'begun', record: begun } : { kind: outcome.kind };
}

function effectOf({ version }: KeyRecord, change: PendingChange): ChangeEffect {
  if (change.kind === 'revoke') return { version };
  if (change.kind === 'update') {
    const { fields, effectiveRateLimit } = change;
    return { version, key: { fields, effectiveRateLimit } };
  }
  const older = change.secrets.filter(({ locator }) => locator !== change.added);
  return { version, olderSecretsEndAt: Math.max(0, ...older.map(({ endsAt }) => endsAt ?? 0)) };
}

/** No other change is under way, and the key is as it was when this change was decided. Above all, it is not revoked. */
export function requireUndisturbed(record: KeyRecord): Condition {
  return {
    expression: 'version = :decidedOn AND attribute_not_exists(pending) AND revokedAt = :never',
    values: { ':decidedOn': record.version, ':never': null },
  };
}

/** Reads the record of a key once no change of it is under way. What was left half done is finished or undone first. */
export function settleRecord(finisher: ChangeFinisher, address: KeyAddress): Promise<KeyRecord | undefined> {
  return readSettled({
    read: () => readRecord(finisher.tables, address),
    finish(record) {
      const { pendingChange } = record;
      return pendingChange === null ? undefined : () => settleChange(finisher, record, pendingChange);
    },
  });
}

/** A rotation younger than this may still be under way: no function may run that long. Seconds. */
const ROTATION_LEASE_SECONDS = 30;

/** Finishes a pending change. A rotation whose caller is gone is undone, since nobody knows its new secret. */
export async function settleChange(
  finisher: ChangeFinisher,
  record: KeyRecord,
  change: PendingChange,
): Promise<void> {
  const { tables, now } = finisher;
  if (change.kind !== 'rotate') await finishKeyChange(tables, record, change);
  else if (change.since <= now() - ROTATION_LEASE_SECONDS) await undoRotation(finisher, record, change);
}

async function undoRotation(
  finisher: ChangeFinisher,
  record: KeyRecord,
  rotation: KeyRotating,
): Promise<void> {
  const { tables, now, newId } = finisher;
  const undo: PendingChange = {
    kind: 'update',
    id: newId('chg'),
    since: now(),
    fields: fieldsOf(record),
    effectiveRateLimit: record.effectiveRateLimit,
    secrets: record.secrets.filter(({ locator }) => locator !== rotation.added),
    dropped: [rotation.added],
  };
  const begun = await beginKeyChange(tables, {
    record,
    change: undo,
    condition: { expression: '#pendingChange.id = :abandoned', values: { ':abandoned': rotation.id } },
    event: abandonment(finisher, record, rotation.start),
    caller: null,
    // The caller may ask for the rotation again, with the same `Idempotency-Key`.
    also: deleteRequestParts(tables, rotation.requestId),
  });
  if (begun.kind === 'begun') await finishKeyChange(tables, begun.record, undo);
}

function abandonment(
  { now, newId }: ChangeFinisher,
  { workspace, id, start }: KeyRecord,
  abandonedStart: string,
): AuditEvent {
  return {
    id: newId('evt'),
    at: now(),
    type: 'key.rotation_abandoned',
    actor: { kind: 'sweeper', credentialId: null, user: null },
    sourceAddress: null,
    workspace,
    keyId: id,
    before: { start: abandonedStart },
    after: { start },
    outcome: 'done',
  };
}
