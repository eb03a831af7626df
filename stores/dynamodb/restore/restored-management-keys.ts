import { unmarshall } from '@aws-sdk/util-dynamodb';
import { readManagementKey, writeManagementSecret } from '../keys/management-key-store.ts';
import { REVOKED } from '../secrets/secret-change.ts';
import { secretKey } from '../secrets/secret-key.ts';
import { type Item, managementKeyKey } from '../table/tables.ts';
import type { CopiedItem, CopiedTable } from './backup.ts';
import type { EventsSinceBackup } from './events-since-backup.ts';

/** The management keys of a backup as they may be put back. */
export interface RestoredManagementKeys {
  readonly items: readonly Item[];
  /** The ids of keys that the backup holds whole. A key that was issued while the backup was made may lack its secret. */
  readonly ids: ReadonlySet<string>;
  /** The ids of keys in force in the backup that are put back revoked. */
  readonly revoked: readonly string[];
  /** The ids of keys that are revoked in the log and not in the backup. */
  readonly ended: readonly string[];
  /** The ids of keys in force in the backup that are not put back, since they have no record. */
  readonly lost: readonly string[];
}

/** Whether an item is of a management key. In old backups these stand among records and secrets: they had no table of their own. */
export function isOfManagementKey({ table, item }: CopiedItem): boolean {
  return table === 'managementKeys' || isRecord(item) || (table === 'secrets' && isSecret(item));
}

/**
 * Computes the management keys to put back. Writes nothing. Only a record says whose secret an item is, and whether it has
 * ended. So each secret is written anew from its record, and a secret without a record is left out.
 * @param copied in the order of the tables. A key that was being moved into its own table stands there last.
 * @param now Unix seconds.
 */
export function restoreManagementKeys(
  copied: readonly CopiedItem[],
  { revoked }: Pick<EventsSinceBackup, 'revoked'>,
  now: number,
): RestoredManagementKeys {
  const records = copied.flatMap(({ table, item }) =>
    isRecord(item) ? [{ table, item, record: readManagementKey(unmarshall(item)) }] : [],
  );
  const secrets = new Map(
    copied.flatMap(({ table, item }) => (isSecret(item) ? [[placeOf(table, item.pk?.S), item]] : [])),
  );
  const revokedInRecords = records.flatMap(({ record }) => (record.revokedAt === null ? [] : [record.id]));
  const over = new Set([...revokedInRecords, ...revoked]);
  const byId = new Map(records.map((found) => [found.record.id, found]));
  const restored = [...byId.values()].flatMap(({ table, record: { id, locator } }) => {
    const secretTable = table === 'managementKeys' ? table : 'secrets';
    const secret = secrets.get(placeOf(secretTable, secretKey(locator).pk));
    if (secret?.credentialId?.S !== id) return [];
    const wasInForce = isInForce(secret);
    const own = writeManagementSecret(id, { locator, secretHash: null });
    const item: Item = wasInForce && !over.has(id) ? own : { ...own, ...REVOKED };
    return [{ id, wasInForce, item }];
  });
  const ids = new Set([...revokedInRecords, ...restored.map(({ id }) => id)]);
  const hasEnded = ({ record: { id, revokedAt } }: (typeof records)[number]) =>
    revokedAt === null && revoked.has(id);
  const recordItems = [...byId.values()].map(
    (one): Item => (hasEnded(one) ? { ...one.item, revokedAt: { N: String(now) } } : one.item),
  );
  return {
    items: [...recordItems, ...restored.map(({ item }) => item)],
    ids,
    ended: [...byId.values()].filter(hasEnded).map(({ record }) => record.id),
    revoked: restored.filter(({ id, wasInForce }) => wasInForce && over.has(id)).map(({ id }) => id),
    lost: [...secrets.values()].flatMap((secret) => {
      const id = secret.credentialId?.S ?? '';
      return isInForce(secret) && !ids.has(id) ? [id] : [];
    }),
  };
}

const placeOf = (table: CopiedTable, pk = '') => `${table} ${pk}`;

const isInForce = ({ secretState }: Item) => secretState?.S === 'active';

const isRecord = ({ pk }: Item) => pk?.S === managementKeyKey('').pk;

const isSecret = ({ kind }: Item) => kind?.S === 'management_key';
