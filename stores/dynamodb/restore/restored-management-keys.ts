import { unmarshall } from '@aws-sdk/util-dynamodb';
import { toItem } from '../keys/key-item.ts';
import { REVOKED } from '../keys/key-secrets.ts';
import { type ManagementKeyRecord, writeManagementSecret } from '../keys/management-key-store.ts';
import { managementKeyKey, secretKey } from '../table/tables.ts';
import type { CopiedItem, CopiedTable, Item } from './backup.ts';
import type { EventsSinceBackup } from './events-since-backup.ts';

/** The management keys of a copy as they may be put back. */
export interface RestoredManagementKeys {
  readonly items: readonly Item[];
  /** The ids of those that the copy holds whole: not of what was issued while it was made. */
  readonly ids: ReadonlySet<string>;
  /** In force in the copy, and put back as revoked; by their ids. */
  readonly revoked: readonly string[];
  /** Not revoked in the copy, and in the log; by their ids. Their records say so again. */
  readonly ended: readonly string[];
  /** In force in the copy, and not put back, since no record knows them; by their ids. */
  readonly lost: readonly string[];
}

/** Whether an item is of a management key. Copies from before these had a table of their own hold them among records and secrets. */
export function isOfManagementKey({ table, item }: CopiedItem): boolean {
  return table === 'managementKeys' || isRecord(item) || (table === 'secrets' && isSecret(item));
}

/**
 * A record says whose secret an item is, and whether it is over: so a secret is written anew from its record, and an item that
 * none knows is left out. It was read at another moment than its record, and may say more or less than that.
 * @param copied in the order of the tables: a key that was being moved into its own table stands there last.
 * @param now Unix seconds.
 */
export function restoredManagementKeys(
  copied: readonly CopiedItem[],
  { revoked: ended }: Pick<EventsSinceBackup, 'revoked'>,
  now: number,
): RestoredManagementKeys {
  const records = copied.flatMap(({ table, item }) =>
    isRecord(item) ? [{ table, item, record: unmarshall(item) as ManagementKeyRecord }] : [],
  );
  const secrets = new Map(
    copied.flatMap(({ table, item }) => (isSecret(item) ? [[placeOf(table, item.pk?.S), item]] : [])),
  );
  const overInRecords = records.flatMap(({ record }) => (record.revokedAt === null ? [] : [record.id]));
  const over = new Set([...overInRecords, ...ended]);
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
  const ids = new Set([...overInRecords, ...restored.map(({ id }) => id)]);
  const hasEnded = ({ record: { id, revokedAt } }: (typeof records)[number]) =>
    revokedAt === null && ended.has(id);
  return {
    items: [
      ...[...byId.values()].map((one) =>
        hasEnded(one) ? { ...one.item, ...toItem({ revokedAt: now }) } : one.item,
      ),
      ...restored.map(({ item }) => item),
    ],
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
