import type { SecretLocator } from '../../../core/credential/secret.ts';
import { Contended, Unavailable } from '../../../core/errors/fault.ts';
import { fingerprintOf, type ImportOutcome, type KeyToImport } from '../../../core/management/key-import.ts';
import type { Tables } from '../table/tables.ts';
import { type TransactionItem, transact } from '../table/transaction.ts';
import type { KeyRecord } from './key-item.ts';
import { newKeyParts, newRecord } from './new-key.ts';

/** A key to import, and where its items go. */
export interface PlacedKey {
  readonly key: KeyToImport;
  readonly locator: SecretLocator;
  readonly slots: Pick<KeyRecord, 'slot' | 'memberSlot'>;
}

/** A key with its parts of a transaction. */
export interface PackedKey {
  readonly key: KeyToImport;
  readonly record: TransactionItem;
  /** The other items that are put. */
  readonly puts: readonly TransactionItem[];
  /** What must still be as it was when the import was decided. Keys share these parts, which have the same names. */
  readonly checks: Readonly<Record<string, TransactionItem>>;
}

/** DynamoDB takes no more items in one transaction. */
const MOST_ITEMS = 100;

/**
 * Packs as many keys as fit into each transaction.
 * @param alone the ids of keys that get a transaction of their own: they have failed before, and shall hold up no others.
 */
export function packTransactions(
  tables: Tables,
  keys: readonly PlacedKey[],
  alone: ReadonlySet<string>,
): PackedKey[][] {
  const together = packTogether(
    tables,
    keys.filter(({ key }) => !alone.has(key.id)),
  );
  const single = keys.filter(({ key }) => alone.has(key.id)).map((placed) => [packKey(tables, placed)]);
  return [...together, ...single];
}

function packTogether(tables: Tables, keys: readonly PlacedKey[]): PackedKey[][] {
  const transactions: PackedKey[][] = [];
  let items = 0;
  let checked = new Set<string>();
  for (const placed of keys) {
    const packed = packKey(tables, placed);
    const names = Object.keys(packed.checks);
    const added = 1 + packed.puts.length + names.filter((name) => !checked.has(name)).length;
    let last = transactions.at(-1);
    if (last === undefined || items + added > MOST_ITEMS) {
      last = [];
      transactions.push(last);
      items = 0;
      checked = new Set();
    }
    items += 1 + packed.puts.length + names.filter((name) => !checked.has(name)).length;
    for (const name of names) checked.add(name);
    last.push(packed);
  }
  return transactions;
}

const WORKSPACE = 'workspace';

function packKey(tables: Tables, { key, locator, slots }: PlacedKey): PackedKey {
  const { start } = key.secret;
  const secretHash = key.secret.kind === 'by_prefix' ? key.secret.secretHash : null;
  const issued = { ...key, secret: { locator, start, secretHash }, caller: null };
  const record = { ...newRecord(issued, slots), formerlyUsedAt: key.lastUsedAt };
  const parts = newKeyParts(tables, issued, { record, now: key.now });
  const { secret, event, memberKey, externalId, workspaceSlot, memberSlot, workspace, creator } = parts;
  const importedAs = secretHash === null ? undefined : fingerprintOf(secretHash);
  const marked = { Put: { ...secret.Put, Item: { ...secret.Put.Item, importedAs } } };
  const puts = [marked, event, memberKey, externalId, workspaceSlot, memberSlot];
  return {
    key,
    record: parts.record,
    puts: puts.filter((part) => part !== null),
    checks: {
      ...(workspace !== null && { [WORKSPACE]: workspace }),
      ...(creator !== null && { [creatorName(key)]: creator }),
    },
  };
}

function creatorName({ creator }: KeyToImport): string {
  return `creator ${creator?.userId}`;
}

const recordName = (index: number) => `record ${index}`;
const putsName = (index: number) => `key ${index}`;

/**
 * Puts keys in one transaction: all of them, or none.
 * @returns the outcome of each key, in their order. `again`: nothing was found against it. `taken`: its secret or a slot is taken.
 * `known`: its record is there.
 */
export async function putImportedKeys(
  { client }: Tables,
  packed: readonly PackedKey[],
): Promise<(ImportOutcome | 'again' | 'taken' | 'known')[]> {
  const puts = packed.flatMap(({ record, puts: parts }, index) => [
    [recordName(index), record],
    [putsName(index), parts],
  ]);
  const checks = packed.flatMap(({ checks: parts }) => Object.entries(parts));
  const parts: Record<string, TransactionItem | readonly TransactionItem[]> = Object.fromEntries([
    ...puts,
    ...checks,
  ]);
  try {
    const failed = await transact(client, parts);
    return packed.map(({ key }, index) => {
      if (failed.size === 0) return { kind: 'imported', id: key.id };
      if (failed.has(WORKSPACE) || failed.has(creatorName(key))) return { kind: 'changed' };
      if (failed.has(recordName(index))) return 'known';
      return failed.has(putsName(index)) ? 'taken' : 'again';
    });
  } catch (error) {
    if (error instanceof Contended) return packed.map(() => ({ kind: 'changed' }));
    if (error instanceof Unavailable) return packed.map(() => ({ kind: 'unavailable', fault: error }));
    throw error;
  }
}
