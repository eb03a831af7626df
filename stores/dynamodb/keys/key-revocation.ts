import { statusOf } from '../../../core/credential/credential.ts';
import { Unavailable } from '../../../core/errors/fault.ts';
import type { KeyRevocation, RevokeOutcome } from '../../../core/management/key-store.ts';
import { putEventPart } from '../audit/event-store.ts';
import { revokeSecret } from '../secrets/secret-change.ts';
import { keyKey, type Tables } from '../table/tables.ts';
import { transact } from '../table/transaction.ts';
import { finishKeyChange, freeSlots } from './key-finish.ts';
import { beginKeyChange, requireUndisturbed } from './key-intent.ts';
import type { KeyRecord, PendingChange } from './key-item.ts';
import { readRecord, showKey } from './key-read.ts';

/** The status of the key after a revocation, for the event. Only the store knows the status before. */
const REVOKED = { status: 'revoked' } as const;

export async function revokeKey(tables: Tables, revocation: KeyRevocation): Promise<RevokeOutcome> {
  const revoked = await revokeWithoutLastUse(tables, revocation);
  if (revoked === undefined) return { kind: 'not_found' };
  return { kind: 'revoked', key: await showKey(tables, revoked, revoked.formerlyUsedAt) };
}

/** As {@link revokeKey}, without reading when the key was last used. */
export async function revokeWithoutLastUse(
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
  await Promise.all(record.secrets.map(({ locator }) => revokeSecret(tables, locator, now)));
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
