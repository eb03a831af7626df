import { type AttributeValue, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import type { Role } from '../../core/role.ts';
import { readItems } from './batch-read.ts';
import { unlessRefused } from './contention.ts';
import { toItem } from './key-item.ts';
import { type SecretFields, secretAttributes } from './secret-item.ts';
import type { StoredLocator } from './stored-locator.ts';
import { locatorOf, secretKey, type Tables } from './tables.ts';

export type SecretTable = Pick<Tables, 'client' | 'secrets'>;

/** How long a secret that can never work again is kept before DynamoDB may clean it up. Seconds. */
const KEPT_SECONDS = 30 * 86_400;

/** What a secret is that was ended for good. */
export const REVOKED = { secretState: { S: 'revoked' } };

interface SecretChange {
  readonly locator: StoredLocator;
  readonly fields: SecretFields;
  readonly version: number;
  /** When the secret was last sure to be wanted; `null` while it has no end of its own. Unix seconds. */
  readonly endsAt: number | null;
}

/**
 * Makes one secret say what its key says. Repeating it changes nothing, an older version never overwrites a newer one,
 * and a revoked secret stays revoked.
 */
export async function alignSecret({ client, secrets }: SecretTable, change: SecretChange): Promise<void> {
  const attributes = {
    ...secretAttributes(change.fields),
    version: { N: String(change.version) },
    deleteAt: change.endsAt === null ? undefined : { N: String(change.endsAt + KEPT_SECONDS) },
  };
  const set = Object.entries(attributes).filter(([, value]) => value !== undefined);
  const removed = Object.entries(attributes).filter(([, value]) => value === undefined);
  await unlessRefused(() =>
    client.send(
      new UpdateItemCommand({
        TableName: secrets,
        Key: toItem(secretKey(change.locator)),
        UpdateExpression: `SET ${set.map(([name]) => `${name} = :${name}`).join(', ')}${
          removed.length > 0 ? ` REMOVE ${removed.map(([name]) => name).join(', ')}` : ''
        }`,
        ConditionExpression: 'attribute_exists(pk) AND version < :version AND secretState <> :revoked',
        ExpressionAttributeValues: {
          ...Object.fromEntries(set.map(([name, value]) => [`:${name}`, value as AttributeValue])),
          ':revoked': { S: 'revoked' },
        },
      }),
    ),
  );
}

/**
 * Ends one secret for good. It asks for no version, so no other change can hold it up.
 * @param now Unix seconds.
 */
export function revokeSecret(table: SecretTable, locator: StoredLocator, now: number): Promise<void> {
  return endSecret(table, secretKey(locator), now);
}

/** As {@link revokeSecret}, for a secret of any kind by the key of its item. */
export async function endSecret(
  { client, secrets }: SecretTable,
  key: { readonly pk: string; readonly sk: string },
  now: number,
): Promise<void> {
  await unlessRefused(() =>
    client.send(
      new UpdateItemCommand({
        TableName: secrets,
        Key: toItem(key),
        UpdateExpression: 'SET secretState = :revoked, deleteAt = :deleteAt',
        ConditionExpression: 'attribute_exists(pk)',
        ExpressionAttributeValues: {
          ':revoked': { S: 'revoked' },
          ':deleteAt': { N: String(now + KEPT_SECONDS) },
        },
      }),
    ),
  );
}

/**
 * Makes one secret act with its member's role. An older role never overwrites a newer one.
 * @param version the membership's, which the role belongs to.
 */
export async function alignSecretRole(
  { client, secrets }: SecretTable,
  locator: StoredLocator,
  { role, version }: { readonly role: Role; readonly version: number },
): Promise<void> {
  await unlessRefused(() =>
    client.send(
      new UpdateItemCommand({
        TableName: secrets,
        Key: toItem(secretKey(locator)),
        UpdateExpression: 'SET #role = :role, roleVersion = :version',
        ConditionExpression:
          'attribute_exists(pk) AND (attribute_not_exists(roleVersion) OR roleVersion < :version)',
        ExpressionAttributeNames: { '#role': 'role' },
        ExpressionAttributeValues: { ':role': { S: role }, ':version': { N: String(version) } },
      }),
    ),
  );
}

/** When each secret was last used, in Unix seconds. Strongly consistent; secrets never used are left out. */
export async function lastUses(
  { client, secrets }: SecretTable,
  locators: readonly StoredLocator[],
): Promise<Map<StoredLocator, number>> {
  const items = await readItems(client, {
    table: secrets,
    keys: locators.map(secretKey),
    projection: 'pk, sk, lastUsedAt',
  });
  const found = items.map((item) => unmarshall(item) as { pk: string; sk: string; lastUsedAt?: number });
  return new Map(
    found.flatMap(({ lastUsedAt, ...key }) =>
      lastUsedAt === undefined ? [] : [[locatorOf(key), lastUsedAt] as const],
    ),
  );
}
