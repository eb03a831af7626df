import {
  ConditionalCheckFailedException,
  DeleteItemCommand,
  type TransactWriteItem,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import type { AuditEvent } from '../../../core/audit/audit-event.ts';
import type { CallerInForce } from '../../../core/management/key-store.ts';
import { type ChangeEffect, putEvent } from '../audit/event-item.ts';
import { countOf } from '../secrets/rotated-count.ts';
import { contend, failedConditions, unlessRefused } from '../table/contention.ts';
import { keyKey, type Tables } from '../table/tables.ts';
import { freeSlot, heldSlots, keepSlot, type SlotKey } from './active-key-slots.ts';
import { callerInForce } from './caller-check.ts';
import {
  assign,
  type KeyRecord,
  type PendingChange,
  pendingMark,
  secretFieldsOf,
  toItem,
  toValues,
} from './key-item.ts';
import { alignSecret, revokeSecret, startCount } from './key-secrets.ts';

/**
 * How a key is changed. `begin` writes what is going to be done, with its event; `apply` changes every secret; `finish`
 * makes the record say so and takes the mark away. Whoever dies on the way leaves a mark that tells the rest, and each
 * step may be repeated by anybody.
 * @see docs/decisions/0004-intent-first.md
 */
interface Beginning {
  readonly record: KeyRecord;
  readonly change: PendingChange;
  /** Attributes of the record that change with the mark. */
  readonly attributes?: Partial<KeyRecord>;
  readonly condition: { readonly expression: string; readonly values: Record<string, unknown> };
  /** `null` for a part of a greater change, which has written its own. */
  readonly event: AuditEvent | null;
  readonly also?: readonly TransactWriteItem[];
  /** Who asks for the change. */
  readonly caller?: CallerInForce | null;
}

/** @returns the record as it stands now; `conflict` when the condition, or one of `also`, did not hold. */
export async function begin(
  tables: Tables,
  beginning: Beginning,
): Promise<KeyRecord | 'conflict' | 'caller_ended'> {
  const { record, change, condition, event, also = [], caller = null } = beginning;
  const begun = { ...record, ...beginning.attributes, version: record.version + 1, pendingChange: change };
  const update = assign({ ...beginning.attributes, pendingChange: change, ...pendingMark(change) });
  const callerCheck = caller === null ? [] : [callerInForce(tables, caller)];
  const failed = await failedConditions(tables.client, [
    ...callerCheck,
    {
      Update: {
        TableName: tables.records,
        Key: toItem(keyKey(record.workspace, record.id)),
        // Added to rather than set: a revocation asks for no version, and must not set an older one.
        UpdateExpression: `${update.expression} ADD version :next`,
        ConditionExpression: condition.expression,
        ExpressionAttributeNames: update.names,
        ExpressionAttributeValues: toValues({ ...update.values, ...condition.values, ':next': 1 }),
      },
    },
    ...(event === null ? [] : [putEvent(tables, { ...event, effect: effectOf(begun, change) })]),
    ...also,
  ]);
  if (failed.length === 0) return begun;
  return caller !== null && failed.includes(0) ? 'caller_ended' : 'conflict';
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

/** No other change is under way, and the record is as it was when this one was decided; above all it is not revoked. */
export function undisturbed(record: KeyRecord): Beginning['condition'] {
  return {
    expression: 'version = :decidedOn AND attribute_not_exists(pending) AND revokedAt = :never',
    values: { ':decidedOn': record.version, ':never': null },
  };
}

/** Changes every secret of the key as the pending change says. */
export async function apply(tables: Tables, record: KeyRecord, change: PendingChange): Promise<void> {
  if (change.kind === 'revoke') {
    await Promise.all(record.secrets.map(({ locator }) => revokeSecret(tables, locator, change.since)));
    return;
  }
  if (change.kind === 'rotate') return applyRotation(tables, record, change);
  const { version } = record;
  const { fields, effectiveRateLimit, since } = change;
  const align = change.secrets.map(({ locator, endsAt }) =>
    alignSecret(tables, {
      ...{ locator, version, endsAt: wantedUntil(endsAt, since) },
      fields: secretFieldsOf(fields, effectiveRateLimit, endsAt),
    }),
  );
  await Promise.all([...align, ...change.dropped.map((locator) => revokeSecret(tables, locator, since))]);
}

/** A secret that ends at once, whatever the clocks say, was wanted until its change began. */
function wantedUntil(endsAt: number | null, since: number): number | null {
  return endsAt === null ? null : Math.max(endsAt, since);
}

/**
 * Ends the older secrets, and lets the new one go on from what they have counted. Nobody knows the new one before this is
 * answered, so nothing is counted on it in between.
 */
async function applyRotation(
  tables: Tables,
  record: KeyRecord,
  { secrets, added, since }: PendingChange & { readonly kind: 'rotate' },
): Promise<void> {
  const { version, effectiveRateLimit } = record;
  const older = secrets.filter(({ locator }) => locator !== added);
  const isCounted = effectiveRateLimit !== null;
  const items = await Promise.all(
    older.map(({ locator, endsAt }, index) =>
      alignSecret(tables, {
        ...{ locator, version, endsAt: wantedUntil(endsAt, since) },
        fields: secretFieldsOf(record, effectiveRateLimit, endsAt),
        count: isCounted && index === older.length - 1 ? 'hand on' : 'keep',
      }),
    ),
  );
  if (!isCounted) return;
  const { windowSeconds } = effectiveRateLimit;
  const count = countOf(items, windowSeconds);
  if (count !== undefined) await startCount(tables, added, { ...count, windowSeconds });
}

/** @returns the finished record, or `superseded` when this change is no longer the pending one. */
export async function finish(
  tables: Tables,
  record: KeyRecord,
  change: PendingChange,
): Promise<KeyRecord | 'superseded'> {
  if (change.kind === 'revoke') await freeSlots(tables, record);
  else for (const slot of heldSlots(record)) await settleSlot(tables, record, slot, change);
  const attributes = finalAttributes(change);
  const update = assign({ ...attributes, pendingChange: null, pending: undefined, pendingSince: undefined });
  try {
    await contend(() =>
      tables.client.send(
        new UpdateItemCommand({
          TableName: tables.records,
          Key: toItem(keyKey(record.workspace, record.id)),
          UpdateExpression: update.expression,
          ConditionExpression: '#pendingChange.id = :changeId',
          ExpressionAttributeNames: update.names,
          ExpressionAttributeValues: toValues({ ...update.values, ':changeId': change.id }),
        }),
      ),
    );
    return { ...record, ...attributes, pendingChange: null };
  } catch (error) {
    if (error instanceof ConditionalCheckFailedException) return 'superseded';
    throw error;
  }
}

function finalAttributes(change: PendingChange): Partial<KeyRecord> {
  if (change.kind === 'revoke') return { revokedAt: change.since };
  if (change.kind === 'update') {
    const { fields, effectiveRateLimit, secrets } = change;
    return { ...fields, effectiveRateLimit, secrets };
  }
  const { start, secrets, formerlyUsedAt } = change;
  return { start, secrets: secrets.filter(({ endsAt }) => endsAt !== 0), formerlyUsedAt };
}

/** Slots are freed only once no secret works any more. One that has expired may have been taken over meanwhile. */
export async function freeSlots(tables: Tables, record: KeyRecord): Promise<void> {
  for (const key of heldSlots(record)) {
    const slot = freeSlot(tables, key, record.id);
    await unlessRefused(() => tables.client.send(new DeleteItemCommand(slot)));
  }
}

/** The end of a slot is moved only once no secret works beyond it; it may have been taken over meanwhile. */
async function settleSlot(
  tables: Tables,
  record: KeyRecord,
  key: SlotKey,
  change: PendingChange,
): Promise<void> {
  const { client } = tables;
  const { id: keyId, version } = record;
  if (change.kind === 'update' && change.fields.expiresAt !== record.expiresAt) {
    const { Update } = keepSlot(tables, { key, keyId, expiresAt: change.fields.expiresAt, version });
    await unlessRefused(() => client.send(new UpdateItemCommand(Update)));
  }
}
