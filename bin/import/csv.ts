import { Readable } from 'node:stream';
import { CsvError, parse } from 'csv-parse';
import { makeRow } from './row-fields.ts';
import { COLUMNS, type ColumnChoices, fieldNames, type ReadRow } from './source-row.ts';
import { decodeUtf8 } from './utf8.ts';

/** No row is longer. A quote that is never closed must not fill the memory. Characters. */
const LONGEST_RECORD = 1_000_000;

/** How csv-parse hands out a record: its cells, and how many lines it has read. */
interface CsvRecord {
  readonly record: readonly string[];
  readonly info: { readonly lines: number };
}

/**
 * Reads CSV with a header (RFC 4180).
 * @throws {Error} a sentence, where the header is not one or a quote is never closed.
 */
export async function* readCsv(stream: Readable, choices: ColumnChoices): AsyncGenerator<ReadRow> {
  const parser = parse({
    info: true,
    record_delimiter: '\n',
    relax_column_count: true,
    skip_empty_lines: true,
    max_record_size: LONGEST_RECORD,
  });
  const text = Readable.from(decodeUtf8(stream));
  text.on('error', (error) => parser.destroy(error));
  text.pipe(parser);
  let header: readonly (string | undefined)[] | undefined;
  let line = 1;
  try {
    for await (const { record, info } of parser as AsyncIterable<CsvRecord>) {
      line = info.lines - countLineFeeds(record);
      if (header === undefined) {
        header = readHeader(record, choices);
      } else if (record.length !== header.length) {
        yield { line, sentence: `It has ${record.length} cells, and the header has ${header.length}.` };
      } else {
        const named = header.flatMap((field, index) =>
          field === undefined ? [] : [[field, record[index]] as const],
        );
        yield makeRow(choices, { line, values: named });
      }
    }
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    // Its own message repeats what stands in the file.
    throw new Error(`The file is no CSV after line ${line}: look at the quotes there.`);
  }
  if (header === undefined) throw new Error('The file is empty: its first line must name the columns.');
}

/** Cells in quotes may have several lines. */
function countLineFeeds(cells: readonly string[]): number {
  return cells.reduce((count, cell) => count + cell.split('\n').length - 1, 0);
}

/** @returns the field of each column; `undefined` for a column that is left out. */
function readHeader(columns: readonly string[], choices: ColumnChoices): (string | undefined)[] {
  const nameOf = fieldNames(choices);
  const fields = columns.map((column) => nameOf(column.trim()));
  for (const [index, field] of fields.entries()) {
    if (field === undefined) continue;
    const where = `Column ${index + 1} of the header${shownName(columns[index])}`;
    if (!COLUMNS.some((known) => known === field))
      throw new Error(
        `${where} is not known. Columns are ${COLUMNS.join(', ')}. Say --column FIELD=NAME for another name, or --ignore NAME.`,
      );
    if (fields.indexOf(field) !== index) throw new Error(`${where} stands there twice.`);
  }
  const missing = Object.values(choices.renamed).find(
    (column) => !columns.some((named) => named.trim() === column),
  );
  if (missing !== undefined) throw new Error(`The header has no column ${missing}, which --column names.`);
  return fields;
}

/** A file without a header has a key in its first line, which must not be shown. No key is so short and without a digit. */
function shownName(column = ''): string {
  return /^[A-Za-z][A-Za-z_ -]{0,18}$/.test(column.trim()) ? ` (${column.trim()})` : '';
}
