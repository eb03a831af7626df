import type { NewKey } from '../../../core/management/key-store.ts';
import { putEventPart } from '../audit/event-store.ts';
import { writeSecret } from '../secrets/secret-item.ts';
import { putRequestParts } from '../table/request-item.ts';
import { type ItemKey, memberKeyKey, type Tables } from '../table/tables.ts';
import { putNewPart, putNewSecretPart, type TransactionItem } from '../table/transaction.ts';
import { slotsOf, takeSlotPart } from './active-key-slots.ts';
import { requireCallerInForce, requireMemberUnchanged, requireWorkspaceUnchanged } from './caller-check.ts';
import { putExternalIdPart } from './external-id-entry.ts';
import { type KeyRecord, ownerOf, secretFieldsOf, writeKey } from './key-item.ts';

/** The record of a new key. */
export function newRecord(key: NewKey, slots: Pick<KeyRecord, 'slot' | 'memberSlot'>): KeyRecord {
  return {
    ...key.fields,
    id: key.id,
    workspace: key.workspace,
    start: key.secret.start,
    createdAt: key.createdAt,
    createdBy: key.creator?.userId ?? null,
    role: key.role,
    roleVersion: key.role === null ? undefined : key.creator?.version,
    revokedAt: null,
    version: 1,
    effectiveRateLimit: key.effectiveRateLimit,
    planVersion: key.planVersion ?? undefined,
    formerlyUsedAt: null,
    secrets: [{ locator: key.secret.locator, endsAt: null }],
    ...slots,
    pendingChange: null,
  };
}

/**
 * The parts of the transaction that puts a new key. `caller`, `creator` and `workspace` only look.
 * @param now Unix seconds; a slot whose key has expired is free.
 */
export function newKeyParts(
  tables: Tables,
  key: NewKey,
  { record, now }: { readonly record: KeyRecord; readonly now: number },
) {
  const { workspace, creator, planVersion, effectiveRateLimit } = key;
  const fields = secretFieldsOf(key.fields, effectiveRateLimit, null);
  const holding = { keyId: key.id, expiresAt: key.fields.expiresAt, version: record.version };
  const { ofWorkspace, ofMember } = slotsOf(record);
  const take = (slot: ItemKey | null) => slot && takeSlotPart(tables, { key: slot, ...holding }, now);
  return {
    record: putNewPart(tables.records, writeKey(record)),
    secret: putNewSecretPart(
      tables.secrets,
      writeSecret(key.secret, ownerOf(record), fields, record.version),
    ),
    event: putEventPart(tables, key.event),
    request: putRequestParts(tables, key.request, { madeId: key.id, eventId: key.event.id }),
    caller: requireCallerInForce(tables, key.caller),
    creator: creator && requireMemberUnchanged(tables, { workspace, ...creator }),
    memberKey: creator && putMemberKey(tables, record, creator),
    externalId: putExternalIdPart(tables, record),
    workspace:
      planVersion === null
        ? null
        : requireWorkspaceUnchanged(tables, { slug: workspace, version: planVersion }),
    workspaceSlot: take(ofWorkspace),
    memberSlot: take(ofMember),
  };
}

/**
 * An entry among a member's keys, with the version that the member had. A removal ends the keys of earlier versions, and none
 * that was issued after the member came back.
 */
function putMemberKey(
  { records }: Tables,
  { workspace, id }: KeyRecord,
  { userId, version }: NonNullable<NewKey['creator']>,
): TransactionItem {
  const entry = { ...memberKeyKey(workspace, userId, id), keyId: id, memberVersion: version };
  return { Put: { TableName: records, Item: entry } };
}
