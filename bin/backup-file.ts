import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { createInterface } from 'node:readline/promises';
import { COPIED_TABLES, type CopiedItem, copyOf } from '../stores/dynamodb/backup.ts';
import type { Backup } from '../stores/dynamodb/restore.ts';
import type { Tables } from '../stores/dynamodb/tables.ts';

/**
 * Copies the tables into a file, a line of JSON for each item, which only its owner may read: it tells all that the tables do,
 * apart from secrets, which they do not hold.
 * @param at the moment of which the copy is, in Unix seconds.
 * @returns how many items there are of each table.
 * @throws when the file exists.
 */
export async function writeBackup(
  tables: Tables,
  { path, at }: { readonly path: string; readonly at: number },
): Promise<Record<string, number>> {
  const counts = Object.fromEntries(COPIED_TABLES.map((table) => [table, 0]));
  const file = await open(path, 'wx', 0o600);
  try {
    await file.write(`${JSON.stringify({ keyward_backup: 1, at: new Date(at * 1000).toISOString() })}\n`);
    for await (const copied of copyOf(tables)) {
      counts[copied.table] = (counts[copied.table] ?? 0) + 1;
      await file.write(`${JSON.stringify(copied)}\n`);
    }
    await file.write(`${JSON.stringify({ complete: counts })}\n`);
  } finally {
    await file.close();
  }
  return counts;
}

/**
 * @throws for a file that is no backup, or an incomplete one, before anything is restored from it.
 */
export async function readBackup(path: string): Promise<Backup> {
  const items: CopiedItem[] = [];
  let at = Number.NaN;
  let isComplete = false;
  for await (const line of createInterface({ input: createReadStream(path) })) {
    const value = JSON.parse(line);
    if (value.keyward_backup === 1) at = Date.parse(value.at) / 1000;
    else if (value.complete !== undefined) isComplete = true;
    else items.push(value);
  }
  if (Number.isNaN(at)) throw new Error(`${path} is no backup of Keyward.`);
  if (!isComplete) throw new Error(`The backup ${path} is not complete: its last line is missing.`);
  return { at, items };
}
