import { UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import type { Role } from '../../../core/access/role.ts';
import type { KeyAddress } from '../../../core/management/key-store.ts';
import { itemAfter } from '../table/contention.ts';
import { keyKey, type Tables } from '../table/tables.ts';
import { type KeyRecord, readKey, toItem, toValues } from './key-item.ts';
import { alignSecretRole } from './key-secrets.ts';

/** A role, and the version of the membership that it belongs to. */
export interface VersionedRole {
  readonly role: Role;
  readonly version: number;
}

/**
 * Makes a key act with its creator's role: the record first, then each secret that it lists. Repeating it changes nothing,
 * and an older role never overwrites a newer one.
 *
 * The record becomes a version older, so that a change that was decided on the old role is decided again. A rotation writes
 * the role that its record had onto the new secret: begun before, it has listed that secret by now; begun after, it takes the
 * new role; and one that read the record before and writes after meets the version.
 */
export async function alignKeyRole(tables: Tables, address: KeyAddress, own: VersionedRole): Promise<void> {
  const record = await alignRecord(tables, address, own);
  // Another version means that the key was revoked before, or that a newer role has been written.
  if (record?.roleVersion !== own.version) return;
  await Promise.all(record.secrets.map(({ locator }) => alignSecretRole(tables, locator, own)));
}

/** @returns the record as it is now, whether by this write or by an earlier one. */
async function alignRecord(
  { client, records }: Tables,
  { workspace, id }: KeyAddress,
  { role, version }: VersionedRole,
): Promise<KeyRecord | undefined> {
  const item = await itemAfter(() =>
    client.send(
      new UpdateItemCommand({
        TableName: records,
        Key: toItem(keyKey(workspace, id)),
        UpdateExpression: 'SET #role = :role, roleVersion = :version ADD #version :next',
        ConditionExpression:
          'revokedAt = :never AND (attribute_not_exists(roleVersion) OR roleVersion < :version)',
        ExpressionAttributeNames: { '#role': 'role', '#version': 'version' },
        ExpressionAttributeValues: toValues({
          ...{ ':role': role, ':version': version },
          ...{ ':next': 1, ':never': null },
        }),
        ReturnValues: 'ALL_NEW',
        ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
      }),
    ),
  );
  return item && readKey(item);
}
