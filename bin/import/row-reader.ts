import { open } from 'node:fs/promises';
import { extname } from 'node:path';
import type { Readable } from 'node:stream';
import { readCsv } from './csv.ts';
import { readJsonLines } from './json-lines.ts';
import type { ColumnChoices, Format, ReadRow } from './source-row.ts';

/** The path that means stdin. */
const STANDARD = '-';

const EXTENSIONS: Readonly<Record<string, Format>> = { '.csv': 'csv', '.jsonl': 'jsonl', '.ndjson': 'jsonl' };

/**
 * Reads the rows of a file, one after the other: CSV with a header, or JSON Lines, in UTF-8.
 * @param format may be left out where the name of the file tells it.
 * @throws {Error} a sentence, where the file cannot be read at all.
 */
export function readRows(
  path: string,
  choices: ColumnChoices,
  format: Format | undefined = EXTENSIONS[extname(path).toLowerCase()],
): AsyncGenerator<ReadRow> {
  if (format === undefined)
    throw new Error('The name of the file does not tell its format: say --format csv or --format jsonl.');
  return readFile(path, choices, format);
}

/** Opens the file when the first row is asked for, so that nobody misses the failure. */
async function* readFile(path: string, choices: ColumnChoices, format: Format): AsyncGenerator<ReadRow> {
  const stream = path === STANDARD ? process.stdin : (await openFile(path)).createReadStream();
  yield* readStream(stream, choices, format);
}

async function openFile(path: string) {
  try {
    return await open(path);
  } catch (error) {
    throw new Error(`The file ${path} cannot be opened: ${codeOf(error)}.`, { cause: error });
  }
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
}

export function readStream(
  stream: Readable,
  choices: ColumnChoices,
  format: Format,
): AsyncGenerator<ReadRow> {
  return format === 'csv' ? readCsv(stream, choices) : readJsonLines(stream, choices);
}
