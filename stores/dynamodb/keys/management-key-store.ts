import { GetItemCommand } from '@aws-sdk/client-dynamodb';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import type { AuditEvent } from '../../../core/audit/audit-event.ts';
import type { NewSecret, SecretLocator } from '../../../core/credential/secret.ts';
import { putEvent } from '../audit/event-item.ts';
import { type Item, writeSecret } from '../secrets/secret-item.ts';
import { failedConditions, onceBegun, reading } from '../table/contention.ts';
import { queryAll } from '../table/query-pages.ts';
import { managementKeyKey, type OperatorTables } from '../table/tables.ts';
import { toItem, toValues } from './key-item.ts';
import { revokeSecret, type SecretTable } from './key-secrets.ts';

/** A key of the deployment's operator. Made and ended under AWS credentials only: no function holds code that does it. */
export interface ManagementKey {
  readonly id: string;
  readonly name: string;
  readonly start: string;
  /** Unix seconds. */
  readonly createdAt: number;
  readonly revokedAt: number | null;
}

/** As it is stored. */
export interface ManagementKeyRecord extends ManagementKey {
  readonly locator: SecretLocator;
}

const UNBOUNDED = {
  scopes: 'all',
  enabled: true,
  expiresAt: null,
  allowedCidrs: [],
  rateLimit: null,
  limitFrom: 'plan',
} as const;

/** Where verification reads management keys: their table in the place of the product's secrets. */
export function managementSecrets({
  client,
  managementKeys,
}: Pick<OperatorTables, 'client' | 'managementKeys'>): SecretTable {
  return { client, secrets: managementKeys };
}

/** The secret of a new management key, as it is stored. */
export function writeManagementSecret(id: string, secret: Pick<NewSecret, 'locator' | 'secretHash'>): Item {
  const kind = 'management_key';
  const owner = { kind, credentialId: id, workspace: null, user: null, role: null } as const;
  return writeSecret(secret, owner, UNBOUNDED, 1);
}

export async function issueManagementKey(
  tables: OperatorTables,
  key: ManagementKey,
  secret: NewSecret,
  event: AuditEvent,
): Promise<void> {
  const record = { ...managementKeyKey(key.id), ...key, locator: secret.locator };
  const failed = await failedConditions(tables.client, [
    putNew(tables, toItem(record)),
    putNew(tables, writeManagementSecret(key.id, secret)),
    putEvent(tables, event),
  ]);
  if (failed.length > 0) throw new Error('A new management key met one of the same identity.');
}

/** The part of a transaction that writes an item where none is. */
export function putNew({ managementKeys }: Pick<OperatorTables, 'managementKeys'>, item: Item) {
  return { Put: { TableName: managementKeys, Item: item, ConditionExpression: 'attribute_not_exists(pk)' } };
}

/** All of them, revoked ones too, in the order in which they were issued. */
export async function listManagementKeys({
  client,
  managementKeys,
}: Pick<OperatorTables, 'client' | 'managementKeys'>): Promise<ManagementKey[]> {
  const { pk, sk: prefix } = managementKeyKey('');
  const keys: ManagementKey[] = [];
  for await (const page of queryAll(client, { table: managementKeys, pk, prefix, order: 'ascending' })) {
    for (const item of page) {
      const { id, name, start, createdAt, revokedAt } = unmarshall(item) as ManagementKey;
      keys.push({ id, name, start, createdAt, revokedAt });
    }
  }
  return keys;
}

/** Ends the secret first: a crash in between leaves a key that is refused and may be revoked again. */
export async function revokeManagementKey(
  tables: OperatorTables,
  id: string,
  event: AuditEvent,
): Promise<boolean> {
  const { client, managementKeys } = tables;
  const key = toItem(managementKeyKey(id));
  const { Item } = await reading(() =>
    client.send(new GetItemCommand({ TableName: managementKeys, Key: key, ConsistentRead: true })),
  );
  if (Item === undefined) return false;
  const { locator, revokedAt } = unmarshall(Item) as ManagementKeyRecord;
  if (revokedAt !== null) return true;
  await revokeSecret(managementSecrets(tables), locator, event.at);
  // A condition that fails here means that another caller was faster: the key is revoked, and its event is written.
  await onceBegun(() => failedConditions(client, [endRecord(tables, id, event.at), putEvent(tables, event)]));
  return true;
}

/** The part of a transaction that says in the record of a key that it was revoked, and when, in Unix seconds. */
export function endRecord(
  { managementKeys }: Pick<OperatorTables, 'managementKeys'>,
  id: string,
  at: number,
) {
  return {
    Update: {
      TableName: managementKeys,
      Key: toItem(managementKeyKey(id)),
      UpdateExpression: 'SET revokedAt = :now',
      ConditionExpression: 'revokedAt = :never',
      ExpressionAttributeValues: toValues({ ':now': at, ':never': null }),
    },
  };
}
