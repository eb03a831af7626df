import {
  type AttributeValue,
  ConditionalCheckFailedException,
  type DynamoDBClient,
  GetItemCommand,
  QueryCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import { type SecretLocator, slotLocator } from '../../../core/credential/secret.ts';
import { Throttled } from '../../../core/errors/fault.ts';
import type { CountConditions, VerificationStore } from '../../../core/verification/verification-store.ts';
import type { BcryptSecretStore } from '../../../core/verification/verify-bcrypt.ts';
import { readOrUnavailable, toUnavailable } from '../table/contention.ts';
import { failureOf } from '../table/store-failure.ts';
import type { ItemKey, Tables } from '../table/tables.ts';
import { ALL_SCOPES, cidrSet, readSecret } from './secret-item.ts';
import { prefixKey, secretKey, slotOf, wireKey } from './secret-key.ts';

type SecretTable = Pick<Tables, 'client' | 'secrets'>;

/** Verification on DynamoDB. Transactions never contain what is written here, so none can block it. */
export function dynamoVerificationStore({ client, secrets }: SecretTable): VerificationStore {
  return {
    async find(locator) {
      const { Item } = await readOrUnavailable(() =>
        client.send(new GetItemCommand({ TableName: secrets, Key: keyOf(locator), ConsistentRead: true })),
      );
      return Item && readSecret(Item);
    },

    async count(conditions) {
      const { values, condition } = countCondition(conditions);
      try {
        const command = new UpdateItemCommand({
          TableName: secrets,
          Key: keyOf(conditions.locator),
          UpdateExpression: `SET lastUsedAt = :now${counting(conditions, values)}`,
          ConditionExpression: condition,
          ExpressionAttributeValues: values,
          ReturnValues: 'ALL_NEW',
          ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
        });
        giveUpWhenThrottled(command);
        const { Attributes = {} } = await client.send(command);
        return { kind: 'counted', secret: readSecret(Attributes) };
      } catch (error) {
        if (!(error instanceof ConditionalCheckFailedException)) throw asFault(error);
        return { kind: 'not_counted', secret: error.Item && readSecret(error.Item) };
      }
    },

    stamp: (locator, now) => noteUse(client, { table: secrets, key: secretKey(locator) }, now),
  };
}

/**
 * Finds the secrets that have a look-up prefix, each with all that a verdict needs. Their hashes leave the store for the proof of a
 * text and for nothing else.
 */
export function dynamoBcryptSecretStore({ client, secrets }: SecretTable): BcryptSecretStore {
  return {
    async findByPrefix(lookupPrefix) {
      const { Items = [] } = await readOrUnavailable(() =>
        client.send(
          new QueryCommand({
            TableName: secrets,
            KeyConditionExpression: 'pk = :prefix',
            ExpressionAttributeValues: { ':prefix': { S: prefixKey(lookupPrefix) } },
            ConsistentRead: true,
          }),
        ),
      );
      return Items.map((item) => ({
        locator: slotLocator(lookupPrefix, slotOf(item.sk?.S ?? '')),
        secret: readSecret(item),
      }));
    },

    async replaceHash({ locator, secretHash }, replacement) {
      const command = new UpdateItemCommand({
        TableName: secrets,
        Key: keyOf(locator),
        UpdateExpression: 'SET secretHash = :replacement',
        // A secret that has ended keeps what it has. Another instance may have been faster: then this changes nothing.
        ConditionExpression:
          'secretHash IN (:secretHash, :replacement) AND secretState = :active AND (attribute_not_exists(expiresAt) OR expiresAt > :now)',
        ExpressionAttributeValues: {
          ':secretHash': { S: secretHash },
          ':replacement': { S: replacement.secretHash },
          ':active': { S: 'active' },
          ':now': { N: String(replacement.now) },
        },
      });
      giveUpWhenThrottled(command);
      try {
        await client.send(command);
        return 'replaced';
      } catch (error) {
        // Its key was revoked, disabled or rotated out meanwhile.
        if (error instanceof ConditionalCheckFailedException) return 'kept';
        throw toUnavailable(error, 'The store did not replace a hash.');
      }
    },
  };
}

interface UsedItem {
  readonly table: string;
  readonly key: ItemKey;
}

/** Notes when a secret was last used. @param now Unix seconds. */
export async function noteUse(client: DynamoDBClient, { table, key }: UsedItem, now: number): Promise<void> {
  try {
    await client.send(
      new UpdateItemCommand({
        TableName: table,
        Key: wireKey(key),
        UpdateExpression: 'SET lastUsedAt = :now',
        // An update creates an item that it does not find: a secret that was cleaned up must not come back as a stub.
        ConditionExpression:
          'attribute_exists(pk) AND (attribute_not_exists(lastUsedAt) OR lastUsedAt < :now)',
        ExpressionAttributeValues: { ':now': { N: String(now) } },
      }),
    );
  } catch (error) {
    // The secret is gone, or another caller stamped it later.
    if (!(error instanceof ConditionalCheckFailedException))
      throw toUnavailable(error, 'The store did not note a use.');
  }
}

/**
 * The SDK would try a throttled write again after up to a second, and then after up to two. A key that is used too often would
 * hold an environment for each of its calls, until none is left for other keys. The read that replaces the write needs no
 * pause. The SDK sends nothing again that fails with an error of ours.
 */
function giveUpWhenThrottled(command: UpdateItemCommand): void {
  command.middlewareStack.add(
    (next) => (args) =>
      next(args).catch((error) => {
        throw failureOf(error) === 'throttled' ? throttled(error) : error;
      }),
    { step: 'finalizeRequest', priority: 'low' },
  );
}

function asFault(error: unknown): unknown {
  if (error instanceof Throttled) return error;
  if (failureOf(error) === 'throttled') return throttled(error);
  return toUnavailable(error, 'The store did not count a call.');
}

function throttled(cause: unknown): Throttled {
  return new Throttled('The secret is used too often to be counted.', { cause });
}

function keyOf(locator: SecretLocator) {
  return wireKey(secretKey(locator));
}

/** The part of the update that counts. Its values are added to `values`. A new window has handed nothing on to another secret. */
function counting({ window }: CountConditions, values: Record<string, AttributeValue>): string {
  if (window === 'none') return '';
  values[':one'] = { N: '1' };
  if (window !== 'current')
    return ', used = :one, windowEndsAt = :windowEndsAt, windowLength = :windowLength REMOVE handedOn';
  values[':none'] = { N: '0' };
  return ', used = if_not_exists(used, :none) + :one';
}

/** Everything that a verdict requires, as one condition. So the store decides, on its newest state. */
function countCondition(conditions: CountConditions) {
  const { kind, now, secretHash, scopes, workspace, allowedCidrs, window } = conditions;
  const values: Record<string, AttributeValue> = {
    ':now': { N: String(now) },
    ':active': { S: 'active' },
    ':kind': { S: kind },
  };
  const parts = [
    'kind = :kind',
    'secretState = :active',
    '(attribute_not_exists(expiresAt) OR expiresAt > :now)',
  ];
  if (secretHash !== undefined) {
    values[':secretHash'] = { S: secretHash };
    parts.push('secretHash = :secretHash');
  }
  if (scopes !== 'any') {
    const held = [ALL_SCOPES, ...scopes].map((name, index) => {
      values[`:scope${index}`] = { S: name };
      return `contains(scopes, :scope${index})`;
    });
    parts.push(`(${held.join(' OR ')})`);
  }
  if (workspace !== undefined) {
    values[':workspace'] = { S: workspace };
    parts.push('workspace = :workspace');
  }
  const cidrs = cidrSet(allowedCidrs);
  if (cidrs === undefined) {
    parts.push('attribute_not_exists(allowedCidrs)');
  } else {
    values[':cidrs'] = cidrs;
    parts.push('allowedCidrs = :cidrs');
  }
  if (window === 'current') {
    parts.push(
      '(attribute_not_exists(rateLimit) OR (windowEndsAt > :now AND windowLength = windowSeconds AND used < rateLimit))',
    );
  } else if (window !== 'none') {
    values[':windowEndsAt'] = { N: String(window.endsAt) };
    values[':windowLength'] = { N: String(window.windowSeconds) };
    parts.push('windowSeconds = :windowLength');
    parts.push(
      '(attribute_not_exists(windowEndsAt) OR windowEndsAt <= :now OR windowLength <> windowSeconds)',
    );
  }
  return { values, condition: parts.join(' AND ') };
}
