import { digestOf } from '../../../core/credential/secret.ts';
import { COPIED_TABLES, scanTable } from '../../../stores/dynamodb/restore/backup.ts';
import type { OperatorTables } from '../../../stores/dynamodb/table/tables.ts';
import { newId, newSecret, newSlug } from './keys/keys.ts';
import { type PlacedItem, putItems } from './put-items.ts';

/** What tells one thing from another one of its kind. */
interface Names {
  /** Its workspace, its users and its keys, in the order in which they were made. */
  readonly names: readonly string[];
  /** The texts of its secrets. */
  readonly texts: readonly string[];
}

/**
 * Makes something once, and hands out copies of it under other names. A copy is all that is stored of it, put by one or two
 * operations, where making it takes dozens.
 * @param make makes it. What it returns is plain data.
 */
export function copiesOf<Made>(
  tables: OperatorTables,
  make: () => Promise<Made>,
  namesOf: (made: Made) => Names,
): () => Promise<Made> {
  const makeOnce = async () => {
    const made = await make();
    return { made, items: await itemsAbout(tables, namesOf(made).names) };
  };
  let first: ReturnType<typeof makeOnce> | undefined;
  return async () => {
    first ??= makeOnce();
    const { made, items } = await first;
    const names = newNames(namesOf(made));
    await putItems(tables, renamed(items, names));
    return renamed(made, names);
  };
}

/** All stored items in which one of the names occurs. */
export async function itemsAbout(tables: OperatorTables, names: readonly string[]): Promise<PlacedItem[]> {
  const found: PlacedItem[] = [];
  for (const table of COPIED_TABLES)
    for await (const item of scanTable(tables, table)) {
      const text = JSON.stringify(item);
      if (names.some((name) => text.includes(name))) found.push({ table: tables[table], item });
    }
  return found;
}

/** The same data with other names in it. */
export function renamed<Data>(data: Data, names: ReadonlyMap<string, string>): Data {
  let text = JSON.stringify(data);
  for (const [name, other] of names) text = text.replaceAll(name, other);
  return JSON.parse(text);
}

/** A new name for each, and a new secret for each text. */
export function newNames({ names, texts }: Names): Map<string, string> {
  const others = new Map<string, string>();
  for (const name of names) others.set(name, name.startsWith('ws-') ? newSlug() : newId('key'));
  for (const text of texts) {
    const { text: other } = newSecret();
    others.set(text, other).set(digestOf(text), digestOf(other));
  }
  return others;
}
