import { describe, expect, test } from '@jest/globals';
import { type Column, layOutTable } from '../../../bin/print/table.ts';
import { widthOf } from '../../../bin/print/text-width.ts';

interface Row {
  readonly id: string;
  readonly name: string;
  readonly note: string;
}

const COLUMNS: readonly Column<Row>[] = [
  { title: 'ID', cell: ({ id }) => id },
  { title: 'NAME', cell: ({ name }) => name, leastWidth: 6, colour: () => 'green' },
  { title: 'NOTE', cell: ({ note }) => note, leastWidth: 6, dispensable: 1 },
];

const ROWS: readonly Row[] = [
  { id: 'key_1', name: 'short', note: 'a note' },
  { id: 'key_2', name: 'a name that is long enough', note: 'another\nnote, on two lines' },
  { id: 'key_3', name: '名前は日本語です', note: '👩‍👩‍👧 and e\u0301' },
];

const linesAt = (width: number | undefined) => {
  const table = layOutTable(COLUMNS, ROWS, { width, hasColours: false });
  return [table.header, ...ROWS.map(table.format)];
};

describe('a table', () => {
  test.each([200, 80, 40, 24])('is never wider than a terminal of %d columns', (width) => {
    for (const line of linesAt(width)) expect(widthOf(line)).toBeLessThanOrEqual(width);
  });

  test('shows everything, line by line, where there is room', () => {
    expect(linesAt(80)).toEqual([
      'ID     NAME                        NOTE',
      'key_1  short                       a note',
      'key_2  a name that is long enough  another note, on two lines',
      'key_3  名前は日本語です            👩‍👩‍👧 and e\u0301',
    ]);
  });

  test('cuts the widest column first, with an ellipsis, and never an id', () => {
    expect(linesAt(40)).toEqual([
      'ID     NAME             NOTE',
      'key_1  short            a note',
      'key_2  a name that is…  another note, o…',
      'key_3  名前は日本語で…  👩‍👩‍👧 and e\u0301',
    ]);
  });

  test('leaves a column out where not even the shortest texts fit', () => {
    expect(linesAt(15)).toEqual(['ID     NAME', 'key_1  short', 'key_2  a name …', 'key_3  名前は…']);
  });

  test('cuts nothing for a file or a program', () => {
    const long = 'x'.repeat(500);
    const table = layOutTable(COLUMNS, ROWS, { width: undefined, hasColours: false });
    expect(table.format({ id: 'key_4', name: long, note: '' })).toContain(long);
  });

  test('has colours only where they are wanted, and they take no room', () => {
    const { format } = layOutTable(COLUMNS, ROWS, { width: 80, hasColours: true });
    expect(format(ROWS[0] as Row)).toBe('key_1  \u001b[32mshort                     \u001b[0m  a note');
  });
});
