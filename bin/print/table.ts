import { fitText, padText, widthOf } from './text-width.ts';

/** A column of a table for people. */
export interface Column<Row> {
  readonly title: string;
  readonly cell: (row: Row) => string;
  /** How wide texts of later rows usually are. @default as those of the first rows */
  readonly usualWidth?: number;
  /** How much of the column must stay when the terminal is narrow. @default all of it */
  readonly leastWidth?: number;
  /** Columns with a higher number are left out first when not even the least widths fit. @default 0, never */
  readonly dispensable?: number;
  /** Which colour a cell has. */
  readonly colour?: (row: Row) => Colour | undefined;
}

export type Colour = 'green' | 'yellow' | 'red' | 'dim';

export interface TableOptions {
  /** Columns of the terminal; `undefined` for a file or a program, which get everything. */
  readonly width: number | undefined;
  readonly hasColours: boolean;
}

/** A table whose columns have their places, so that further pages line up with the first. */
export interface Table<Row> {
  readonly header: string;
  format(row: Row): string;
}

const GAP = '  ';

/** What stays of a text where there is hardly any room: three characters and the ellipsis. */
const SHORTEST_TEXT = 4;

const CODES: Readonly<Record<Colour | 'bold', string>> = {
  bold: '1',
  dim: '2',
  red: '31',
  green: '32',
  yellow: '33',
};

/**
 * Lays a table out by its first rows.
 * @param rows of every page that is known by now. Longer texts of later rows are cut.
 */
export function layOutTable<Row>(
  columns: readonly Column<Row>[],
  rows: readonly Row[],
  options: TableOptions,
): Table<Row> {
  const { width, hasColours } = options;
  const shown = chooseColumns(
    columns.map((column) => {
      const longest = Math.max(0, ...rows.map((row) => widthOf(oneLine(column.cell(row)))));
      return { column, width: Math.max(widthOf(column.title), longest, column.usualWidth ?? 0) };
    }),
    width,
  );
  const line = (
    textOf: (column: Column<Row>) => string,
    colourOf: (column: Column<Row>) => string | undefined,
  ) =>
    shown
      .map(({ column, width: own }, index) => {
        const isLast = index === shown.length - 1;
        // A file has no edge, so nothing there is cut.
        const text = width === undefined ? textOf(column) : fitText(textOf(column), own);
        return paint(isLast ? text : padText(text, own), hasColours ? colourOf(column) : undefined);
      })
      .join(GAP)
      .trimEnd();
  return {
    header: line(
      ({ title }) => title,
      () => CODES.bold,
    ),
    format: (row) =>
      line(
        ({ cell }) => oneLine(cell(row)),
        ({ colour }) => {
          const chosen = colour?.(row);
          return chosen && CODES[chosen];
        },
      ),
  };
}

interface Placed<Row> {
  readonly column: Column<Row>;
  readonly width: number;
}

/** Narrows columns and leaves some out, until they fit. */
function chooseColumns<Row>(
  placed: readonly Placed<Row>[],
  width: number | undefined,
): readonly Placed<Row>[] {
  if (width === undefined) return placed;
  const least = ({ column, width: own }: Placed<Row>) => Math.min(own, column.leastWidth ?? own);
  let shown = placed;
  while (sumOf(shown.map(least), shown.length) > width) {
    const last = Math.max(...shown.map(({ column }) => column.dispensable ?? 0));
    if (last === 0) break;
    shown = shown.filter(({ column }) => column.dispensable !== last);
  }
  const widths = shown.map((each) => each.width);
  const isCramped = sumOf(shown.map(least), shown.length) > width;
  const leasts = shown.map((each) => (isCramped && each.column.leastWidth ? SHORTEST_TEXT : least(each)));
  // The widest column gives way first, column by column.
  for (let excess = sumOf(widths, shown.length) - width; excess > 0; excess -= 1) {
    const spare = widths.map((own, index) => (own > (leasts[index] ?? own) ? own : 0));
    const widest = spare.indexOf(Math.max(...spare));
    if (spare[widest] === 0) break;
    widths[widest] = (widths[widest] ?? 0) - 1;
  }
  return shown.map(({ column }, index) => ({ column, width: widths[index] ?? 0 }));
}

function sumOf(widths: readonly number[], count: number): number {
  return widths.reduce((sum, each) => sum + each, 0) + GAP.length * Math.max(0, count - 1);
}

function oneLine(text: string): string {
  return text.replaceAll(/\s+/g, ' ');
}

function paint(text: string, code: string | undefined): string {
  return code === undefined ? text : `\u001b[${code}m${text}\u001b[0m`;
}
