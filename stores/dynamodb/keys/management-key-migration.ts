import { DeleteItemCommand, GetItemCommand } from '@aws-sdk/client-dynamodb';
import { DeleteCommand } from '@aws-sdk/lib-dynamodb';
import { Unavailable } from '../../../core/errors/fault.ts';
import { revokeSecret } from '../secrets/secret-change.ts';
import { secretKey, wireKey } from '../secrets/secret-key.ts';
import { readOrUnavailable, tryWrite } from '../table/contention.ts';
import { type Document, documentClient } from '../table/documents.ts';
import { queryAll } from '../table/query-pages.ts';
import { managementKeyKey, type OperatorTables } from '../table/tables.ts';
import { putNewPart, putNewSecretPart, transact } from '../table/transaction.ts';
import {
  type ManagementKeyRecord,
  managementSecrets,
  readManagementKey,
  revocationOfRecord,
  writeManagementSecret,
} from './management-key-store.ts';

/** What happened to the management keys that stood among records and secrets, by their ids. */
export interface Migrated {
  /** Moved into their own table by this run. */
  readonly moved: readonly string[];
  /** Of the moved keys, those that are revoked. They stay revoked. */
  readonly revoked: readonly string[];
  /** Moved keys without a secret that are not revoked. They appear in lists but never work. */
  readonly withoutSecret: readonly string[];
}

/**
 * Moves management keys that were issued before they had a table of their own. One transaction copies a key. The next one
 * removes it from its old place. If a run dies, the next one goes on where it stopped. A key that is in its own table already is
 * never written again, so that a key that was revoked there stays revoked.
 * @throws {Unavailable} when a command line of an older version changes a key in the old place meanwhile.
 */
export async function migrateManagementKeys(tables: OperatorTables): Promise<Migrated> {
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
      if (!isNew && found.isOver) await endCopy(tables, found.record);
      await removeFound(tables, found);
    }
  }
  return { moved, revoked, withoutSecret };
}

/** A management key in its old place. */
interface FoundKey {
  readonly item: Document;
  readonly record: ManagementKeyRecord;
  /** Absent when the secret is gone, or the item there is of another kind. */
  readonly secretState: string | undefined;
  /** Whether its record or its secret says that it was revoked. */
  readonly isOver: boolean;
}

/** Only a record says that there is a key: code of a product can write secrets, but no records. */
async function readFound({ client, secrets }: OperatorTables, item: Document): Promise<FoundKey> {
  const record = readManagementKey(item);
  const Key = wireKey(secretKey(record.locator));
  const { Item: secret } = await readOrUnavailable(() =>
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
  const secret = writeManagementSecret(id, { locator, secretHash: null });
  // A secret that has ended is not copied, so it cannot come back.
  const isCopied = found.secretState !== undefined && !found.isOver;
  const failed = await transact(tables.client, {
    record: putNewPart(tables.managementKeys, found.item),
    secret: isCopied ? putNewSecretPart(tables.managementKeys, secret) : null,
  });
  if (failed.has('record')) return false;
  if (failed.has('secret')) throw new Error(`The secret of the management key ${id} is that of another one.`);
  return true;
}

/** For a key that was copied before it was revoked in its old place. */
async function endCopy(tables: OperatorTables, record: ManagementKeyRecord): Promise<void> {
  await revokeSecret(managementSecrets(tables), record.locator);
  if (record.revokedAt !== null)
    await transact(tables.client, { record: revocationOfRecord(tables, record.id, record.revokedAt) });
}

/** Removes the secret first: a run that dies in between leaves a record, which the next run finds. */
async function removeFound(tables: OperatorTables, { record, secretState }: FoundKey): Promise<void> {
  const { client } = tables;
  const { id, locator, revokedAt } = record;
  if (secretState !== undefined) {
    const command = new DeleteItemCommand({
      TableName: tables.secrets,
      Key: wireKey(secretKey(locator)),
      ConditionExpression: 'attribute_not_exists(pk) OR secretState = :seen',
      ExpressionAttributeValues: { ':seen': { S: secretState } },
    });
    await removeUnchanged(id, () => client.send(command));
  }
  const command = new DeleteCommand({
    TableName: tables.records,
    Key: managementKeyKey(id),
    ConditionExpression: 'attribute_not_exists(pk) OR revokedAt = :seen',
    ExpressionAttributeValues: { ':seen': revokedAt },
  });
  await removeUnchanged(id, () => documentClient(client).send(command));
}

async function removeUnchanged(id: string, remove: () => Promise<unknown>): Promise<void> {
  if (await tryWrite(remove)) return;
  throw new Unavailable(`The management key ${id} was changed meanwhile. Run the command again.`);
}
