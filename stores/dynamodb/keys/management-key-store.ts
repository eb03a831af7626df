import * as v from 'valibot';
import type { AuditEvent } from '../../../core/audit/audit-event.ts';
import type { NewSecret, SecretLocator } from '../../../core/credential/secret.ts';
import { putEventPart } from '../audit/event-store.ts';
import { revokeSecret, type SecretTable } from '../secrets/secret-change.ts';
import { writeSecret } from '../secrets/secret-item.ts';
import { type Document, parseItem, readDocument, storedNumber } from '../table/documents.ts';
import { queryAll } from '../table/query-pages.ts';
import { type Item, managementKeyKey, type OperatorTables } from '../table/tables.ts';
import {
  putNewPart,
  putNewSecretPart,
  type TransactionItem,
  transact,
  writeOnceBegun,
} from '../table/transaction.ts';

/** A key of the deployment's operator. It is made and ended under AWS credentials only: no function can do either. */
export interface ManagementKey {
  readonly id: string;
  readonly name: string;
  readonly start: string;
  /** Unix seconds. */
  readonly createdAt: number;
  readonly revokedAt: number | null;
}

/** A management key as it is stored. */
export interface ManagementKeyRecord extends ManagementKey {
  readonly locator: SecretLocator;
}

const managementKey = v.object({
  id: v.string(),
  name: v.string(),
  start: v.string(),
  createdAt: v.number(),
  revokedAt: storedNumber,
  locator: v.custom<SecretLocator>((value) => typeof value === 'string'),
});

export function readManagementKey(item: Document): ManagementKeyRecord {
  return parseItem(managementKey, item, 'management key');
}

const UNBOUNDED = {
  scopes: 'all',
  enabled: true,
  expiresAt: null,
  allowedCidrs: [],
  rateLimit: null,
  limitFrom: 'plan',
} as const;

/** The table in which verification looks up management keys, in place of the product's secrets. */
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
  const failed = await transact(tables.client, {
    record: putNewPart(tables.managementKeys, record),
    secret: putNewSecretPart(tables.managementKeys, writeManagementSecret(key.id, secret)),
    event: putEventPart(tables, event),
  });
  if (failed.size > 0) throw new Error('A new management key met one of the same identity.');
}

/** Lists all of them, revoked ones too, in the order in which they were issued. */
export async function listManagementKeys({
  client,
  managementKeys,
}: Pick<OperatorTables, 'client' | 'managementKeys'>): Promise<ManagementKey[]> {
  const { pk, sk: prefix } = managementKeyKey('');
  const keys: ManagementKey[] = [];
  for await (const page of queryAll(client, { table: managementKeys, pk, prefix, order: 'ascending' })) {
    for (const item of page) {
      const { id, name, start, createdAt, revokedAt } = readManagementKey(item);
      keys.push({ id, name, start, createdAt, revokedAt });
    }
  }
  return keys;
}

/**
 * Ends the secret first: a crash in between leaves a key that is refused and can be revoked again.
 * @returns false when there is no such key.
 */
export async function revokeManagementKey(
  tables: OperatorTables,
  id: string,
  event: AuditEvent,
): Promise<boolean> {
  const { client, managementKeys } = tables;
  const item = await readDocument(client, managementKeys, managementKeyKey(id));
  if (item === undefined) return false;
  const { locator, revokedAt } = readManagementKey(item);
  if (revokedAt !== null) return true;
  await revokeSecret(managementSecrets(tables), locator);
  // A part fails where another caller was faster: the key is revoked, and its event is written.
  await writeOnceBegun(() =>
    transact(client, {
      record: revocationOfRecord(tables, id, event.at),
      event: putEventPart(tables, event),
    }),
  );
  return true;
}

/** The part of a transaction that says in the record of a key that it was revoked, and when, in Unix seconds. */
export function revocationOfRecord(
  { managementKeys }: Pick<OperatorTables, 'managementKeys'>,
  id: string,
  at: number,
): TransactionItem {
  return {
    Update: {
      TableName: managementKeys,
      Key: managementKeyKey(id),
      UpdateExpression: 'SET revokedAt = :now',
      ConditionExpression: 'revokedAt = :never',
      ExpressionAttributeValues: { ':now': at, ':never': null },
    },
  };
}
