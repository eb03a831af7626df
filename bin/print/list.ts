import { forTerminal, printJson, printUntilClosed } from '../output.ts';
import type { Terminal } from '../terminal.ts';
import { type Column, layOutTable, type Table } from './table.ts';

/** One page of a list of the API. */
export interface Page<Item> {
  readonly items: readonly Item[];
  readonly next: string | null;
}

/** A list of the API, and how to show it. */
export interface Listing<Item> {
  readonly readPage: (query: { readonly limit: number; readonly cursor?: string }) => Promise<Page<Item>>;
  readonly columns: readonly Column<Item>[];
  /** What is listed, as in "There are no keys." */
  readonly noun: string;
}

export interface ListShape {
  readonly json?: true;
  readonly limit?: number;
  readonly all?: true;
}

/** As many as the API puts on a page if nobody says otherwise, and the most that it does. */
const USUAL_COUNT = 50;
const LARGEST_PAGE = 100;

/**
 * Prints a list page by page, as it comes: people see the first page while the second is fetched. People get the first 50 unless they
 * say otherwise, and programs get all.
 */
export function printList<Item extends object>(
  listing: Listing<Item>,
  shape: ListShape,
  terminal: Terminal,
): Promise<void> {
  return printUntilClosed(() => printPages(listing, shape, terminal));
}

async function printPages<Item extends object>(
  { readPage, columns, noun }: Listing<Item>,
  { json, limit, all }: ListShape,
  terminal: Terminal,
): Promise<void> {
  const count = limit ?? (all || json ? Number.POSITIVE_INFINITY : USUAL_COUNT);
  let table: Table<Item> | undefined;
  let printed = 0;
  // The client is loaded by now, and no earlier.
  const { createCursorCheck } = await import('../../client/pages.ts');
  const checkCursor = createCursorCheck();
  let cursor: string | null | undefined;
  do {
    const pageLimit = Math.min(count - printed, printed === 0 ? USUAL_COUNT : LARGEST_PAGE);
    const page = await readPage({ limit: pageLimit, ...(cursor && { cursor }) });
    // An API that gives more than it was asked for must not make a list longer.
    const items = page.items.slice(0, count - printed);
    if (json) for (const item of items) printJson(terminal, item);
    else if (items.length > 0) {
      const isFirst = table === undefined;
      table ??= layOutTable(columns, items, { width: terminal.columns, hasColours: terminal.hasColours });
      const rows = items.map(table.format);
      terminal.write(1, `${(isFirst ? [table.header, ...rows] : rows).join('\n')}\n`);
    }
    printed += items.length;
    cursor = checkCursor(page.next);
  } while (cursor !== null && printed < count);
  if (json) return;
  if (printed === 0) terminal.write(2, `There are no ${noun}.\n`);
  else if (cursor !== null)
    terminal.write(2, `There are more ${noun}: --all shows all of them, --limit N the first N.\n`);
}

/** Prints one thing for people, a field a line. Further lines of a value stand below its first, so that none looks like a field. */
export function printFields(
  terminal: Terminal,
  fields: readonly (readonly [name: string, value: string])[],
): void {
  const width = Math.max(...fields.map(([name]) => name.length));
  const below = `\n${' '.repeat(width + 2)}`;
  const lines = fields.map(
    ([name, value]) => `${name.padEnd(width)}  ${forTerminal(value).replaceAll('\n', below)}`,
  );
  terminal.write(1, `${lines.join('\n')}\n`);
}

/** Prints a sentence for people. What the API has said in it cannot steer the terminal. */
export function printSentence(terminal: Terminal, sentence: string): void {
  terminal.write(1, `${forTerminal(sentence)}\n`);
}
