import {
  type AttributeValue,
  UpdateItemCommand,
  type UpdateItemCommandInput,
} from '@aws-sdk/client-dynamodb';
import type { Role } from '../../../core/access/role.ts';
import type { SecretLocator } from '../../../core/credential/secret.ts';
import type { RateWindow } from '../../../core/verification/verification-store.ts';
import { readItems } from '../table/batches.ts';
import { updateItem, writeIfPossible } from '../table/contention.ts';
import type { Item, ItemKey, Tables } from '../table/tables.ts';
import { numberOf, type SecretFields, secretAttributes, textOf } from './secret-item.ts';
import { locatorOf, secretKey, wireKey } from './secret-key.ts';

export type SecretTable = Pick<Tables, 'client' | 'secrets'>;

/**
 * The state of a secret that has ended for good. Its item stays: an import would otherwise take the hash for that of a new key.
 * @see docs/decisions/0034-keys-come-in-by-their-hash.md
 */
export const REVOKED = { secretState: { S: 'revoked' } };

interface SecretChange {
  readonly locator: SecretLocator;
  readonly fields: SecretFields;
  readonly version: number;
  /** `hand on`: a newer secret goes on from what this one has counted, and this one notes how much that was. */
  readonly count: 'keep' | 'hand on';
}

/**
 * Makes one secret agree with its key. Repeating it changes nothing, an older version never overwrites a newer one, and a
 * revoked secret stays revoked.
 * @returns the secret right after this change, or as it is if it agreed already or is newer; `undefined` when it is gone.
 */
export async function alignSecret(
  { client, secrets }: SecretTable,
  { locator, fields, version, count }: SecretChange,
): Promise<Item | undefined> {
  const attributes: Record<string, AttributeValue | undefined> = {
    ...secretAttributes(fields),
    version: { N: String(version) },
  };
  const set = Object.entries(attributes).flatMap(([name, value]) => (value ? [[name, value] as const] : []));
  const removed = Object.keys(attributes).filter((name) => attributes[name] === undefined);
  const assignments = set.map(([name]) => `${name} = :${name}`);
  const values = Object.fromEntries(set.map(([name, value]) => [`:${name}`, value]));
  if (count === 'hand on') {
    assignments.push('handedOn = if_not_exists(used, :zero)');
    values[':zero'] = { N: '0' };
  }
  return updateItem(() =>
    client.send(
      new UpdateItemCommand({
        TableName: secrets,
        Key: wireKey(secretKey(locator)),
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

/** Updates an item of the secrets table, if its condition holds. Otherwise nothing is left to do. */
export async function updateIfPossible(
  { client, secrets }: SecretTable,
  key: ItemKey,
  update: Omit<UpdateItemCommandInput, 'TableName' | 'Key'>,
): Promise<void> {
  const command = new UpdateItemCommand({ TableName: secrets, Key: wireKey(key), ...update });
  await writeIfPossible(() => client.send(command));
}

/** Lets an unused secret go on from a count. */
export async function carryOverCount(
  table: SecretTable,
  locator: SecretLocator,
  { endsAt, used, windowSeconds }: RateWindow & { readonly windowSeconds: number },
): Promise<void> {
  await updateIfPossible(table, secretKey(locator), {
    UpdateExpression: 'SET used = :used, windowEndsAt = :endsAt, windowLength = :length',
    ConditionExpression: 'attribute_exists(pk) AND attribute_not_exists(windowEndsAt)',
    ExpressionAttributeValues: {
      ':used': { N: String(used) },
      ':endsAt': { N: String(endsAt) },
      ':length': { N: String(windowSeconds) },
    },
  });
}

/** Ends one secret for good. It requires no version, so no other change can hold it up. */
export async function revokeSecret(table: SecretTable, locator: SecretLocator): Promise<void> {
  await updateIfPossible(table, secretKey(locator), {
    UpdateExpression: 'SET secretState = :revoked',
    ConditionExpression: 'attribute_exists(pk)',
    ExpressionAttributeValues: { ':revoked': { S: 'revoked' } },
  });
}

/**
 * Makes one secret act with its member's role. An older role never overwrites a newer one.
 * @param own.version of the membership that the role belongs to.
 */
export async function alignSecretRole(
  table: SecretTable,
  locator: SecretLocator,
  { role, version }: { readonly role: Role; readonly version: number },
): Promise<void> {
  await updateIfPossible(table, secretKey(locator), {
    UpdateExpression: 'SET #role = :role, roleVersion = :version',
    ConditionExpression:
      'attribute_exists(pk) AND (attribute_not_exists(roleVersion) OR roleVersion < :version)',
    ExpressionAttributeNames: { '#role': 'role' },
    ExpressionAttributeValues: { ':role': { S: role }, ':version': { N: String(version) } },
  });
}

/** Reads when each secret was last used, in Unix seconds, strongly consistent. Unused secrets are left out. */
export async function lastUses(
  { client, secrets }: SecretTable,
  locators: readonly SecretLocator[],
): Promise<Map<SecretLocator, number>> {
  const items = await readItems(client, {
    table: secrets,
    keys: locators.map(secretKey),
    projection: 'pk, sk, lastUsedAt',
  });
  return new Map(
    items.flatMap(({ pk, sk, lastUsedAt }) => {
      const usedAt = numberOf(lastUsedAt);
      const key = { pk: textOf(pk) ?? '', sk: textOf(sk) ?? '' };
      return usedAt === null ? [] : [[locatorOf(key), usedAt] as const];
    }),
  );
}

/**
 * Adds up how many calls the secrets of a key have let through in the newest of their windows. A further secret has to go on
 * from there, so that a rotation does not reset a limit.
 *
 * Each call is counted once. A secret that was replaced has noted how much of its count the next secret went on from
 * (`handedOn`). Opening a window removes that note. The newest secret has noted it a moment ago, when it was replaced.
 *
 * The newest window is not chosen by a clock, since the clocks of verifiers differ. If it is over, the next call opens another.
 * @param items the secrets once the last of them has handed on its count, oldest first; `undefined` for one that is gone.
 * @param windowSeconds of the key's limit. A window of another length was opened under another limit.
 * @returns `undefined` when nothing was counted.
 * @see docs/decisions/0022-faults-and-rotated-limits.md
 */
export function countOf(items: readonly (Item | undefined)[], windowSeconds: number): RateWindow | undefined {
  const own = items.filter((item) => item !== undefined && numberOf(item.windowLength) === windowSeconds);
  const endsAt = Math.max(0, ...own.map(endOf));
  const counts = own.filter((item) => endOf(item) === endsAt).map((item) => shareOf(item, items.at(-1)));
  const used = counts.reduce((sum, count) => sum + count, 0);
  return used > 0 ? { endsAt, used } : undefined;
}

function shareOf(item: Item | undefined, newest: Item | undefined): number {
  const used = numberOf(item?.used) ?? 0;
  const handedOn = numberOf(item?.handedOn);
  // The newest secret may have counted more calls since its note. The next secret does not go on from those.
  return item === newest ? (handedOn ?? used) : Math.max(0, used - (handedOn ?? 0));
}

function endOf(item: Item | undefined): number {
  return numberOf(item?.windowEndsAt) ?? 0;
}
