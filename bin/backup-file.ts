import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { formatTimestamp, parseTimestamp } from '../core/text/timestamp.ts';
import {
  type Backup,
  COPIED_TABLES,
  type CopiedItem,
  copyTables,
} from '../stores/dynamodb/restore/backup.ts';
import type { OperatorTables } from '../stores/dynamodb/table/tables.ts';
import type { Output } from './output.ts';

/** The path that means stdout for writing and stdin for reading. */
const STANDARD = '-';

/**
 * Copies the tables into a file, a line of JSON for each item. Only the owner may read the file: it holds everything that the
 * tables hold. Secrets are not in them.
 * @param path `-` for stdout.
 * @param at the moment that the copy shows, in Unix seconds.
 * @returns how many items each table has.
 * @throws where the file exists, or cannot be written whole.
 */
export async function writeBackup(
  tables: OperatorTables,
  { path, at, output }: { readonly path: string; readonly at: number; readonly output: Output },
): Promise<Record<string, number>> {
  if (path === STANDARD) return writeLines(tables, at, async (line) => output.write(1, line));
  const file = await open(path, 'wx', 0o600);
  try {
    return await writeLines(tables, at, (line) => file.appendFile(line));
  } finally {
    await file.close();
  }
}

async function writeLines(
  tables: OperatorTables,
  at: number,
  append: (line: string) => Promise<void>,
): Promise<Record<string, number>> {
  const counts = Object.fromEntries(COPIED_TABLES.map((table) => [table, 0]));
  await append(lineOf({ keyward_backup: 1, at: formatTimestamp(at) }));
  for await (const copied of copyTables(tables)) {
    counts[copied.table] = (counts[copied.table] ?? 0) + 1;
    await append(lineOf(copied));
  }
  await append(lineOf({ complete: counts }));
  return counts;
}

/**
 * @param path `-` for stdin.
 * @throws for a file that is no backup or not a complete one, before anything is restored. Blank lines at the end are allowed:
 * editors and shells add them.
 */
export async function readBackup(path: string): Promise<Backup> {
  const name = path === STANDARD ? 'on stdin' : path;
  const items: CopiedItem[] = [];
  let at: number | undefined;
  let complete: Readonly<Record<string, unknown>> | undefined;
  let number = 0;
  for await (const line of linesOf(path)) {
    number += 1;
    if (complete !== undefined && line.trim() === '') continue;
    const value = parseLine(line);
    if (number === 1) at = momentOf(name, value);
    else if (complete !== undefined || value === undefined) throw unreadable(name, number);
    else if (isObject(value.complete)) complete = value.complete;
    else if (isCopiedItem(value)) items.push(value);
    else throw unreadable(name, number);
  }
  if (at === undefined) throw notABackup(name);
  if (complete === undefined)
    throw new Error(`The backup ${name} is not complete: its last line is missing.`);
  for (const table of COPIED_TABLES) {
    const count = items.filter((item) => item.table === table).length;
    // Older backups do not count management keys: those had no table of their own then.
    const copied = complete[table] ?? (table === 'managementKeys' ? 0 : 'none');
    if (count !== copied)
      throw new Error(
        `The backup ${name} is not complete: it holds ${count} items of ${table}, and its last line says ${copied}.`,
      );
  }
  return { at, items };
}

/** The moment of a copy, from its first line. A time without a zone would mean another moment on each machine. */
function momentOf(name: string, first: Readonly<Record<string, unknown>> | undefined): number {
  if (first?.keyward_backup !== 1) throw notABackup(name);
  const at = typeof first.at === 'string' ? parseTimestamp(first.at)?.seconds : undefined;
  if (at !== undefined) return at;
  throw new Error(
    `The first line of the backup ${name} has the time ${JSON.stringify(first.at)}, which is no time with a zone such as 2026-11-22T08:00:00Z.`,
  );
}

const notABackup = (name: string) => new Error(`The file ${name} is no backup of Keyward.`);

const unreadable = (name: string, number: number) =>
  new Error(`The backup ${name} cannot be read: line ${number} is not what \`backup\` writes.`);

/** Some editors also break lines at Unicode's line separators. JSON leaves them as they are, so they are escaped here. */
function lineOf(value: object): string {
  const text = JSON.stringify(value, writeBytes).replace(
    /[\u0085\u2028\u2029]/g,
    (separator) => `\\u${separator.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
  return `${text}\n`;
}

/** Writes bytes as DynamoDB's JSON has them. `JSON.stringify` would make an object of them. */
function writeBytes(_name: string, value: unknown): unknown {
  return value instanceof Uint8Array ? Buffer.from(value).toString('base64') : value;
}

/** An attribute may be called `B` as well, but its value is an object. */
function readBytes(name: string, value: unknown): unknown {
  const bytesOf = (text: string) => new Uint8Array(Buffer.from(text, 'base64'));
  if (name === 'B' && typeof value === 'string') return bytesOf(value);
  return name === 'BS' && Array.isArray(value) ? value.map(bytesOf) : value;
}

/** Breaks lines only where `backup` does. JSON ignores a carriage return at the end of a line. */
async function* linesOf(path: string): AsyncGenerator<string> {
  const source =
    path === STANDARD ? createReadStream('', { fd: 0, encoding: 'utf8' }) : createReadStream(path, 'utf8');
  let rest = '';
  for await (const chunk of source) {
    const lines = `${rest}${chunk}`.split('\n');
    rest = lines.pop() ?? '';
    yield* lines;
  }
  if (rest !== '') yield rest;
}

function parseLine(line: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(line.replace(/^\uFEFF/, ''), readBytes);
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}

function isCopiedItem(value: unknown): value is CopiedItem {
  return isObject(value) && COPIED_TABLES.some((table) => table === value.table) && isObject(value.item);
}
