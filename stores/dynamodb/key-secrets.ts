import {
  type AttributeValue,
  BatchGetItemCommand,
  type BatchGetItemCommandOutput,
  ConditionalCheckFailedException,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import type { SecretLocator } from '../../core/secret-locator.ts';
import { Unavailable } from '../../core/unavailable.ts';
import { contend, pause, reading } from './contention.ts';
import { toItem } from './key-item.ts';
import { type SecretFields, secretAttributes } from './secret-item.ts';
import { locatorOf, secretKey, type Tables } from './tables.ts';

type SecretTable = Pick<Tables, 'client' | 'secrets'>;

/** How long a secret that can never work again is kept before DynamoDB may clean it up. Seconds. */
const KEPT_SECONDS = 30 * 86_400;

const BATCH = 100;
const BATCH_ATTEMPTS = 8;

interface SecretChange {
  readonly locator: SecretLocator;
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
export async function revokeSecret(
  { client, secrets }: SecretTable,
  locator: SecretLocator,
  now: number,
): Promise<void> {
  await unlessRefused(() =>
    client.send(
      new UpdateItemCommand({
        TableName: secrets,
        Key: toItem(secretKey(locator)),
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

/** A condition that does not hold means that what was wanted is so already, or that the secret is gone. */
async function unlessRefused(write: () => Promise<unknown>): Promise<void> {
  try {
    await contend(write);
  } catch (error) {
    if (!(error instanceof ConditionalCheckFailedException)) throw error;
  }
}

/** When each secret was last used, in Unix seconds. Strongly consistent; secrets never used are left out. */
export async function lastUses(
  table: SecretTable,
  locators: readonly SecretLocator[],
): Promise<Map<SecretLocator, number>> {
  const uses = new Map<SecretLocator, number>();
  for (let start = 0; start < locators.length; start += BATCH) {
    for (const item of await readBatch(table, locators.slice(start, start + BATCH))) {
      if (typeof item.lastUsedAt === 'number') uses.set(locatorOf(item), item.lastUsedAt);
    }
  }
  return uses;
}

async function readBatch({ client, secrets }: SecretTable, locators: readonly SecretLocator[]) {
  const found = [];
  let wanted: NonNullable<BatchGetItemCommandOutput['UnprocessedKeys']> = {
    [secrets]: {
      Keys: locators.map((locator) => toItem(secretKey(locator))),
      ProjectionExpression: 'pk, sk, lastUsedAt',
      ConsistentRead: true,
    },
  };
  for (let attempt = 1; attempt <= BATCH_ATTEMPTS; attempt += 1) {
    const request = { RequestItems: wanted };
    const { Responses, UnprocessedKeys }: BatchGetItemCommandOutput = await reading(() =>
      client.send(new BatchGetItemCommand(request)),
    );
    found.push(
      ...(Responses?.[secrets] ?? []).map(
        (item) => unmarshall(item) as { pk: string; sk: string; lastUsedAt?: number },
      ),
    );
    if (UnprocessedKeys === undefined || Object.keys(UnprocessedKeys).length === 0) return found;
    wanted = UnprocessedKeys;
    await pause(attempt);
  }
  throw new Unavailable('The store did not answer a whole batch.');
}
