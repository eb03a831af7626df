import { type AttributeValue, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import type { Role } from '../../../core/access/role.ts';
import type { SecretLocator } from '../../../core/credential/secret.ts';
import type { RateWindow } from '../../../core/verification/verification-store.ts';
import { type Item, type SecretFields, secretAttributes } from '../secrets/secret-item.ts';
import { readItems } from '../table/batch-read.ts';
import { itemAfter, unlessRefused } from '../table/contention.ts';
import { locatorOf, secretKey, type Tables } from '../table/tables.ts';
import { toItem, toValues } from './key-item.ts';

export type SecretTable = Pick<Tables, 'client' | 'secrets'>;

/** How long a secret that can never work again is kept before DynamoDB may clean it up. Seconds. */
const KEPT_SECONDS = 30 * 86_400;

/** What a secret is that was ended for good. */
export const REVOKED = { secretState: { S: 'revoked' } };

/** @param endedAt Unix seconds; so is what is returned. */
export function deletableAt(endedAt: number): number {
  return endedAt + KEPT_SECONDS;
}

interface SecretChange {
  readonly locator: SecretLocator;
  readonly fields: SecretFields;
  readonly version: number;
  /** When the secret was last sure to be wanted; `null` while it has no end of its own. Unix seconds. */
  readonly endsAt: number | null;
  /**
   * `hand on`: a newer secret goes on from what this one has counted, which is noted as handed on.
   * @default 'keep'
   */
  readonly count?: 'keep' | 'hand on';
}

/**
 * Makes one secret say what its key says. Repeating it changes nothing, an older version never overwrites a newer one,
 * and a revoked secret stays revoked.
 * @returns the secret right after this change, or as it is where it says so already, or says something newer; `undefined`
 * where it is gone.
 */
export async function alignSecret(
  { client, secrets }: SecretTable,
  { locator, fields, version, endsAt, count }: SecretChange,
): Promise<Item | undefined> {
  const attributes: Record<string, AttributeValue | undefined> = {
    ...secretAttributes(fields),
    version: { N: String(version) },
    deleteAt: endsAt === null ? undefined : { N: String(deletableAt(endsAt)) },
  };
  const set = Object.entries(attributes).flatMap(([name, value]) => (value ? [[name, value] as const] : []));
  const removed = Object.keys(attributes).filter((name) => attributes[name] === undefined);
  const assignments = set.map(([name]) => `${name} = :${name}`);
  const values = Object.fromEntries(set.map(([name, value]) => [`:${name}`, value]));
  if (count === 'hand on') {
    assignments.push('handedOn = if_not_exists(used, :zero)');
    values[':zero'] = { N: '0' };
  }
  return itemAfter(() =>
    client.send(
      new UpdateItemCommand({
        TableName: secrets,
        Key: toItem(secretKey(locator)),
        UpdateExpression: `SET ${assignments.join(', ')}${
          removed.length > 0 ? ` REMOVE ${removed.join(', ')}` : ''
        }`,
        ConditionExpression: 'attribute_exists(pk) AND version < :version AND secretState <> :revoked',
        ExpressionAttributeValues: { ...values, ':revoked': { S: 'revoked' } },
        ReturnValues: 'ALL_NEW',
        ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
      }),
    ),
  );
}

/** Lets a secret that nobody has used yet go on from a count. */
export async function startCount(
  { client, secrets }: SecretTable,
  locator: SecretLocator,
  { endsAt, used, windowSeconds }: RateWindow & { readonly windowSeconds: number },
): Promise<void> {
  await unlessRefused(() =>
    client.send(
      new UpdateItemCommand({
        TableName: secrets,
        Key: toItem(secretKey(locator)),
        UpdateExpression: 'SET used = :used, windowEndsAt = :endsAt, windowLength = :length',
        ConditionExpression: 'attribute_exists(pk) AND attribute_not_exists(windowEndsAt)',
        ExpressionAttributeValues: toValues({ ':used': used, ':endsAt': endsAt, ':length': windowSeconds }),
      }),
    ),
  );
}

/**
 * Ends one secret for good. It asks for no version, so no other change can hold it up.
 * @param now Unix seconds.
 */
export function revokeSecret(table: SecretTable, locator: SecretLocator, now: number): Promise<void> {
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
          ':deleteAt': { N: String(deletableAt(now)) },
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
  locator: SecretLocator,
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
  locators: readonly SecretLocator[],
): Promise<Map<SecretLocator, number>> {
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
