import { GetItemCommand, QueryCommand, type TransactWriteItem } from '@aws-sdk/client-dynamodb';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import type { AuditEvent } from '../../core/audit-event.ts';
import type { NewSecret } from '../../core/key-store.ts';
import { failedConditions, onceBegun, reading } from './contention.ts';
import { putEvent } from './event-item.ts';
import { toItem, toValues } from './key-item.ts';
import { revokeSecret } from './key-secrets.ts';
import { writeSecret } from './secret-item.ts';
import { type StoredLocator, storedLocator } from './stored-locator.ts';
import { managementKeyKey, type Tables } from './tables.ts';

/** A key of the deployment's operator. Made and ended under AWS credentials only: no function holds code that does it. */
export interface ManagementKey {
  readonly id: string;
  readonly name: string;
  readonly start: string;
  /** Unix seconds. */
  readonly createdAt: number;
  readonly revokedAt: number | null;
}

const UNBOUNDED = {
  scopes: 'all',
  enabled: true,
  expiresAt: null,
  allowedCidrs: [],
  rateLimit: null,
} as const;

export async function issueManagementKey(
  tables: Tables,
  key: ManagementKey,
  secret: NewSecret,
  event: AuditEvent,
): Promise<void> {
  const put = (table: string, item: ReturnType<typeof toItem>) => ({
    Put: { TableName: table, Item: item, ConditionExpression: 'attribute_not_exists(pk)' },
  });
  const owner = {
    kind: 'management_key',
    credentialId: key.id,
    workspace: null,
    user: null,
    role: null,
  } as const;
  const failed = await failedConditions(tables.client, [
    put(
      tables.records,
      toItem({ ...managementKeyKey(key.id), ...key, locator: storedLocator(secret.locator) }),
    ),
    put(tables.secrets, writeSecret(secret, owner, UNBOUNDED, 1)),
    putEvent(tables, event),
  ]);
  if (failed.length > 0) throw new Error('A new management key met one of the same identity.');
}

export async function listManagementKeys({ client, records }: Tables): Promise<ManagementKey[]> {
  const { pk, sk } = managementKeyKey('');
  const { Items = [] } = await reading(() =>
    client.send(
      new QueryCommand({
        TableName: records,
        KeyConditionExpression: 'pk = :pk AND begins_with(sk, :sk)',
        ExpressionAttributeValues: toValues({ ':pk': pk, ':sk': sk }),
        ConsistentRead: true,
      }),
    ),
  );
  return Items.map((item) => {
    const { id, name, start, createdAt, revokedAt } = unmarshall(item) as ManagementKey;
    return { id, name, start, createdAt, revokedAt };
  });
}

/** Ends the secret first: a crash in between leaves a key that is refused and may be revoked again. */
export async function revokeManagementKey(tables: Tables, id: string, event: AuditEvent): Promise<boolean> {
  const { client, records } = tables;
  const key = toItem(managementKeyKey(id));
  const { Item } = await reading(() =>
    client.send(new GetItemCommand({ TableName: records, Key: key, ConsistentRead: true })),
  );
  if (Item === undefined) return false;
  const { locator, revokedAt } = unmarshall(Item) as ManagementKey & { locator: StoredLocator };
  if (revokedAt !== null) return true;
  await revokeSecret(tables, locator, event.at);
  // A condition that fails here means that another caller was faster: the key is revoked, and its event is written.
  const noted: TransactWriteItem[] = [
    {
      Update: {
        TableName: records,
        Key: key,
        UpdateExpression: 'SET revokedAt = :now',
        ConditionExpression: 'revokedAt = :never',
        ExpressionAttributeValues: toValues({ ':now': event.at, ':never': null }),
      },
    },
    putEvent(tables, event),
  ];
  await onceBegun(() => failedConditions(client, noted));
  return true;
}
