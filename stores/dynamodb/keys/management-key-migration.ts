import { DeleteItemCommand, GetItemCommand } from '@aws-sdk/client-dynamodb';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import { Unavailable } from '../../../core/errors/fault.ts';
import type { Item } from '../secrets/secret-item.ts';
import { failedConditions, reading, wasWritten } from '../table/contention.ts';
import { queryAll } from '../table/query-pages.ts';
import { managementKeyKey, type OperatorTables, secretKey } from '../table/tables.ts';
import { toItem, toValues } from './key-item.ts';
import { revokeSecret } from './key-secrets.ts';
import {
  endRecord,
  type ManagementKeyRecord,
  managementSecrets,
  putNew,
  writeManagementSecret,
} from './management-key-store.ts';

/** What became of the management keys that stood among records and secrets, by their ids. */
export interface Migrated {
  /** Moved into their own table by this run. */
  readonly moved: readonly string[];
  /** Of those, the ones that have ended, and stay so. */
  readonly revoked: readonly string[];
  /** Of those, the ones that nothing says have ended, and that have no secret: they are listed, and never work. */
  readonly withoutSecret: readonly string[];
}

/**
 * Moves management keys from before they had a table of their own. A key is copied by one transaction, and only then removed
 * where it was: a run that dies is repeated, and goes on where it stopped. A key that is in its own table is never written there
 * again, so that one which was revoked there stays so.
 * @param now Unix seconds.
 * @throws {Unavailable} when a key is changed in the old place meanwhile, by a command line of an older version.
 */
export async function migrateManagementKeys(tables: OperatorTables, now: () => number): Promise<Migrated> {
  const moved: string[] = [];
  const revoked: string[] = [];
  const withoutSecret: string[] = [];
  const { pk, sk: prefix } = managementKeyKey('');
  const { client, records } = tables;
  for await (const page of queryAll(client, { table: records, pk, prefix, order: 'ascending' })) {
    for (const item of page) {
      const found = await readFound(tables, item);
      const { id } = found.record;
      const isNew = await copy(tables, found);
      if (isNew) moved.push(id);
      if (isNew && found.isOver) revoked.push(id);
      if (isNew && !found.isOver && found.secretState === undefined) withoutSecret.push(id);
      if (!isNew && found.isOver) await endCopy(tables, found.record, now());
      await removeFound(tables, found);
    }
  }
  return { moved, revoked, withoutSecret };
}

/** A management key in its old place. */
interface FoundKey {
  readonly item: Item;
  readonly record: ManagementKeyRecord;
  /** Absent where its secret is gone, or something else stands there. */
  readonly secretState: string | undefined;
  /** Whether its record or its secret says that it was revoked. */
  readonly isOver: boolean;
}

/** Only a record says that there is a key: code of a product can write secrets, and no records. */
async function readFound({ client, secrets }: OperatorTables, item: Item): Promise<FoundKey> {
  const record = unmarshall(item) as ManagementKeyRecord;
  const Key = toItem(secretKey(record.locator));
  const { Item: secret } = await reading(() =>
    client.send(new GetItemCommand({ TableName: secrets, Key, ConsistentRead: true })),
  );
  const isOwn = secret?.kind?.S === 'management_key' && secret.credentialId?.S === record.id;
  const secretState = isOwn ? (secret.secretState?.S ?? '') : undefined;
  const isSecretOver = secretState !== undefined && secretState !== 'active';
  return { item, record, secretState, isOver: record.revokedAt !== null || isSecretOver };
}

/** @returns false where the key is there already: then nothing is written. */
async function copy(tables: OperatorTables, found: FoundKey): Promise<boolean> {
  const { id, locator } = found.record;
  const parts = [putNew(tables, found.item)];
  // A secret that has ended is not copied: what is not there cannot come back.
  if (found.secretState !== undefined && !found.isOver)
    parts.push(putNew(tables, writeManagementSecret(id, { locator, secretHash: null })));
  const [first] = await failedConditions(tables.client, parts);
  if (first === undefined) return true;
  if (first === 0) return false;
  throw new Error(`The secret of the management key ${id} is that of another one.`);
}

/** For a key that was copied before it was revoked in its old place. */
async function endCopy(tables: OperatorTables, record: ManagementKeyRecord, now: number): Promise<void> {
  await revokeSecret(managementSecrets(tables), record.locator, now);
  if (record.revokedAt !== null)
    await failedConditions(tables.client, [endRecord(tables, record.id, record.revokedAt)]);
}

/** The secret first: what is left of a run that dies here is a record, which the next one finds. */
async function removeFound(tables: OperatorTables, { record, secretState }: FoundKey): Promise<void> {
  const { id, locator, revokedAt } = record;
  if (secretState !== undefined)
    await remove(tables, id, {
      TableName: tables.secrets,
      Key: toItem(secretKey(locator)),
      ConditionExpression: 'attribute_not_exists(pk) OR secretState = :seen',
      ExpressionAttributeValues: toValues({ ':seen': secretState }),
    });
  await remove(tables, id, {
    TableName: tables.records,
    Key: toItem(managementKeyKey(id)),
    ConditionExpression: 'attribute_not_exists(pk) OR revokedAt = :seen',
    ExpressionAttributeValues: toValues({ ':seen': revokedAt }),
  });
}

async function remove(
  { client }: OperatorTables,
  id: string,
  deletion: ConstructorParameters<typeof DeleteItemCommand>[0],
): Promise<void> {
  if (!(await wasWritten(() => client.send(new DeleteItemCommand(deletion)))))
    throw new Unavailable(`The management key ${id} was changed meanwhile. Run the command again.`);
}
