import { DeleteCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { alignSecret, carryOverCount, countOf, revokeSecret } from '../secrets/secret-change.ts';
import { writeIfPossible } from '../table/contention.ts';
import { documentClient } from '../table/documents.ts';
import { type Finished, finishChange } from '../table/intent.ts';
import { keyKey, type Tables } from '../table/tables.ts';
import { heldSlots, keepSlotPart, slotDeletion } from './active-key-slots.ts';
import { moveExternalIdParts } from './external-id-entry.ts';
import {
  type KeyRecord,
  type KeyRotating,
  type KeyUpdating,
  type PendingChange,
  secretFieldsOf,
} from './key-item.ts';

/** `finished`: with the record as it is then. `superseded`: another change, or another process, was faster. */
export type FinishedKey =
  | { readonly kind: 'finished'; readonly record: KeyRecord }
  | { readonly kind: 'superseded' };

/** Changes every secret of a key as its intent says, then the record. Any process may do it, and do it again. */
export async function finishKeyChange(
  tables: Tables,
  record: KeyRecord,
  change: PendingChange,
): Promise<FinishedKey> {
  await alignSecrets(tables, record, change);
  const { kind } = await finishRecord(tables, record, change);
  if (kind === 'superseded') return { kind };
  return { kind, record: { ...record, ...finalAttributes(change), pendingChange: null } };
}

/** Makes every secret of a key agree with its intent. */
async function alignSecrets(tables: Tables, record: KeyRecord, change: PendingChange): Promise<void> {
  if (change.kind === 'rotate') return alignRotated(tables, record, change);
  if (change.kind === 'revoke') {
    await Promise.all(record.secrets.map(({ locator }) => revokeSecret(tables, locator)));
    return;
  }
  const { version } = record;
  const { fields, effectiveRateLimit } = change;
  const align = change.secrets.map(({ locator, endsAt }) =>
    alignSecret(tables, {
      locator,
      version,
      fields: secretFieldsOf(fields, effectiveRateLimit, endsAt),
      count: 'keep',
    }),
  );
  await Promise.all([...align, ...change.dropped.map((locator) => revokeSecret(tables, locator))]);
}

/**
 * Ends the older secrets, and lets the new one go on from what they have counted. Nobody knows the new secret before the
 * rotation is answered, so nothing is counted on it in between.
 */
async function alignRotated(
  tables: Tables,
  record: KeyRecord,
  { secrets, added }: KeyRotating,
): Promise<void> {
  const { version, effectiveRateLimit } = record;
  const older = secrets.filter(({ locator }) => locator !== added);
  const isCounted = effectiveRateLimit !== null;
  const items = await Promise.all(
    older.map(({ locator, endsAt }, index) =>
      alignSecret(tables, {
        locator,
        version,
        fields: secretFieldsOf(record, effectiveRateLimit, endsAt),
        count: isCounted && index === older.length - 1 ? 'hand on' : 'keep',
      }),
    ),
  );
  if (!isCounted) return;
  const { windowSeconds } = effectiveRateLimit;
  const count = countOf(items, windowSeconds);
  if (count !== undefined) await carryOverCount(tables, added, { ...count, windowSeconds });
}

/** Slots change only once no secret needs them any more. */
async function finishRecord(tables: Tables, record: KeyRecord, change: PendingChange): Promise<Finished> {
  if (change.kind === 'revoke') await freeSlots(tables, record);
  if (change.kind === 'update' && change.fields.expiresAt !== record.expiresAt)
    await moveSlots(tables, record, change);
  const also = change.kind === 'update' ? moveExternalIdParts(tables, record, change.fields.externalId) : [];
  return finishChange(tables, keyKey(record.workspace, record.id), {
    changeId: change.id,
    attributes: { ...finalAttributes(change), pendingChange: null },
    also,
  });
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

/** Frees the slots of a key that has ended. Skips a slot that another key took after this one expired. */
export async function freeSlots(tables: Tables, record: KeyRecord): Promise<void> {
  for (const key of heldSlots(record)) {
    const command = new DeleteCommand(slotDeletion(tables, key, record.id));
    await writeIfPossible(() => documentClient(tables.client).send(command));
  }
}

/** Moves the end of a key's slots. Skips a slot that another key took after this one expired. */
async function moveSlots(tables: Tables, record: KeyRecord, change: KeyUpdating): Promise<void> {
  const { id: keyId, version } = record;
  const { expiresAt } = change.fields;
  for (const key of heldSlots(record)) {
    const { Update } = keepSlotPart(tables, { key, keyId, expiresAt, version });
    await writeIfPossible(() => documentClient(tables.client).send(new UpdateCommand(Update)));
  }
}
