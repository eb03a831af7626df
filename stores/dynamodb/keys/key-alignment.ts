import { UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { effectiveLimit, isSameLimit, type RateLimit } from '../../../core/access/rate-limit.ts';
import type { Role } from '../../../core/access/role.ts';
import { Unavailable } from '../../../core/errors/fault.ts';
import type { KeyAddress } from '../../../core/management/key-store.ts';
import { alignSecretRole } from '../secrets/secret-change.ts';
import { pause, tryWrite } from '../table/contention.ts';
import { documentClient, updateDocument } from '../table/documents.ts';
import type { ChangeFinisher } from '../table/intent.ts';
import { keyKey, type RecordTable, type Tables } from '../table/tables.ts';
import { finishKeyChange } from './key-finish.ts';
import { beginKeyChange, requireUndisturbed, settleRecord } from './key-intent.ts';
import { fieldsOf, type KeyRecord, type PendingChange, readKey } from './key-item.ts';

/** A role, and the version of the membership that it belongs to. */
export interface VersionedRole {
  readonly role: Role;
  readonly version: number;
}

/**
 * Makes a key act with its creator's role: the record first, then each secret that it lists. Repeating it changes nothing, and
 * an older role never overwrites a newer one.
 *
 * It bumps the version of the record, so that a change that was decided on the old role is decided again. A rotation writes
 * the role that its record had onto the new secret. If it began before, the record lists that secret by now. If it began
 * after, it takes the new role. If it read the record before and writes after, the version stops it.
 */
export async function alignKeyRole(tables: Tables, address: KeyAddress, own: VersionedRole): Promise<void> {
  const record = await alignRecord(tables, address, own);
  // Another version means that the key was revoked before, or that a newer role has been written.
  if (record?.roleVersion !== own.version) return;
  await Promise.all(record.secrets.map(({ locator }) => alignSecretRole(tables, locator, own)));
}

/** @returns the record as it is now, whether by this write or by an earlier one. */
async function alignRecord(
  tables: RecordTable,
  { workspace, id }: KeyAddress,
  { role, version }: VersionedRole,
): Promise<KeyRecord | undefined> {
  const command = new UpdateCommand({
    TableName: tables.records,
    Key: keyKey(workspace, id),
    UpdateExpression: 'SET #role = :role, roleVersion = :version ADD #version :next',
    ConditionExpression:
      'revokedAt = :never AND (attribute_not_exists(roleVersion) OR roleVersion < :version)',
    ExpressionAttributeNames: { '#role': 'role', '#version': 'version' },
    ExpressionAttributeValues: { ':role': role, ':version': version, ':next': 1, ':never': null },
    ReturnValues: 'ALL_NEW',
    ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
  });
  const item = await updateDocument(() => documentClient(tables.client).send(command));
  return item && readKey(item);
}

/** A plan's limit, and the version of the workspace that it belongs to. */
export interface VersionedLimit {
  readonly limit: RateLimit | null;
  readonly version: number;
}

/** How often a key is tried that others are changing at the same time. */
const ATTEMPTS = 10;

/**
 * Makes a key agree with its workspace's plan, by a change like any other update. The record says for which version of the
 * workspace that was done, so it is not done twice, and an older plan never overwrites a newer one.
 * @param listed the key as it was when it was listed.
 */
export async function alignKeyLimit(
  finisher: ChangeFinisher,
  listed: KeyRecord,
  plan: VersionedLimit,
): Promise<void> {
  let record: KeyRecord | undefined = listed;
  for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
    if (attempt > 1 || listed.pendingChange !== null) record = await settleRecord(finisher, listed);
    if (record === undefined || record.revokedAt !== null) return;
    if ((record.planVersion ?? 0) >= plan.version) return;
    const limit = effectiveLimit(plan.limit, record);
    const isDone = isSameLimit(record.effectiveRateLimit, limit)
      ? await noteVersion(finisher.tables, record, plan.version)
      : await changeLimit(finisher, record, { limit, version: plan.version });
    if (isDone) return;
    await pause(attempt);
  }
  throw new Unavailable('A key keeps changing while its plan does.');
}

/** Writes no event of its own: the event of the workspace tells of all its keys. */
async function changeLimit(
  { tables, now, newId }: ChangeFinisher,
  record: KeyRecord,
  { limit, version }: VersionedLimit,
): Promise<boolean> {
  const change: PendingChange = {
    kind: 'update',
    id: newId('chg'),
    since: now(),
    fields: fieldsOf(record),
    effectiveRateLimit: limit,
    secrets: record.secrets,
    dropped: [],
  };
  const begun = await beginKeyChange(tables, {
    record,
    change,
    attributes: { planVersion: version },
    condition: requireUndisturbed(record),
    event: null,
    caller: null,
  });
  if (begun.kind !== 'begun') return false;
  await finishKeyChange(tables, begun.record, change);
  return true;
}

/**
 * Bumps the version of a key that has the limit already, or one of its own. An update that was decided on the old plan, such
 * as one that takes the key's own limit away, is decided again.
 */
function noteVersion({ client, records }: Tables, record: KeyRecord, planVersion: number): Promise<boolean> {
  const { expression, values } = requireUndisturbed(record);
  const command = new UpdateCommand({
    TableName: records,
    Key: keyKey(record.workspace, record.id),
    UpdateExpression: 'SET planVersion = :planVersion ADD version :next',
    ConditionExpression: expression,
    ExpressionAttributeValues: { ...values, ':planVersion': planVersion, ':next': 1 },
  });
  return tryWrite(() => documentClient(client).send(command));
}
