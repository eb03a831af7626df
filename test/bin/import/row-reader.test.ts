import { Readable } from 'node:stream';
import { describe, expect, test } from '@jest/globals';
import { readRows, readStream } from '../../../bin/import/row-reader.ts';
import type { ColumnChoices, Format, ReadRow } from '../../../bin/import/source-row.ts';

const PLAIN: ColumnChoices = { renamed: {}, ignored: new Set(), defaults: {} };

async function rowsOf(
  text: string | Uint8Array,
  {
    format = 'csv',
    pieces = 1_000,
    ...choices
  }: Partial<ColumnChoices> & { format?: Format; pieces?: number } = {},
): Promise<ReadRow[]> {
  const bytes = Buffer.from(text);
  const chunks = Array.from({ length: Math.ceil(bytes.length / pieces) }, (_, index) =>
    bytes.subarray(index * pieces, (index + 1) * pieces),
  );
  const rows = [];
  for await (const row of readStream(Readable.from(chunks), { ...PLAIN, ...choices }, format)) rows.push(row);
  return rows;
}

describe('a CSV file', () => {
  test.each([1, 2, 3, 7, 1_000])(
    'is read row by row with the line of each, in pieces of %i bytes',
    async (pieces) => {
      const text =
        '\uFEFFhash,name,description\r\nab,Ünï,"two\r\nlines, and ""quotes"""\r\n\r\ncd,,\r\nef,x\r\n';
      expect(await rowsOf(text, { pieces })).toEqual([
        { line: 2, fields: { hash: 'ab', name: 'Ünï', description: 'two\nlines, and "quotes"' } },
        { line: 5, fields: { hash: 'cd' } },
        { line: 6, sentence: 'It has 2 cells, and the header has 3.' },
      ]);
    },
  );

  test('may call its columns otherwise, and have columns that are left out', async () => {
    const choices = { renamed: { hash: 'password_hash', name: 'title' }, ignored: new Set(['id']) };
    const text = 'id,password_hash,title,name\n7,ab,ci,somebody\n';
    expect(await rowsOf(text, choices)).toEqual([{ line: 2, fields: { hash: 'ab', name: 'ci' } }]);
  });

  test('gets the values that all its rows have in common, where a row has none of its own', async () => {
    const defaults = { scopes: 'read, write', algorithm: 'sha256' };
    expect(await rowsOf('hash,scopes\nab,\ncd,admin\n', { defaults })).toEqual([
      { line: 2, fields: { hash: 'ab', algorithm: 'sha256', scopes: ['read', 'write'] } },
      { line: 3, fields: { hash: 'cd', algorithm: 'sha256', scopes: ['admin'] } },
    ]);
  });

  test('is refused where its scopes are empty, since the API would take that for all scopes', async () => {
    const refused = { sentence: expect.stringContaining('a key without scopes may do everything') };
    expect(await rowsOf('hash,scopes\nab,\ncd," , "\nef,read\n')).toMatchObject([
      { line: 2, ...refused },
      { line: 3, ...refused },
      { line: 4, fields: { scopes: ['read'] } },
    ]);
    expect(await rowsOf('hash\nab\n')).toEqual([{ line: 2, fields: { hash: 'ab' } }]);
  });

  test.each([
    ['hash,expiry\nab,1\n', 'Column 2 of the header (expiry) is not known.'],
    ['hash,hash\nab,1\n', 'Column 2 of the header (hash) stands there twice.'],
    ['', 'The file is empty'],
    ['hash,name\nab,ci\n"cd,x\n', 'The file is no CSV after line 2'],
    ['hash\nab"c\n', 'The file is no CSV after line 1'],
  ])('%j is refused with a sentence', async (text, sentence) => {
    await expect(rowsOf(text)).rejects.toThrow(sentence);
  });

  test('that has no header is refused, and the sentence repeats no key', async () => {
    const key = 'kw_live_4fTzkP1hVqNw9sYb';
    const failure = await rowsOf(`${key},name\n`).catch((error: Error) => error.message);
    expect(failure).toMatch(/^Column 1 of the header is not known\./);
    expect(failure).not.toContain(key);
  });

  test('that is not UTF-8 is refused', async () => {
    await expect(rowsOf(Buffer.from('name\né\n', 'latin1'))).rejects.toThrow('The file is not UTF-8.');
  });

  test('without the column that an option names is refused', async () => {
    await expect(rowsOf('name\nx\n', { renamed: { hash: 'key_hash' } })).rejects.toThrow(
      'The header has no column key_hash, which --column names.',
    );
  });
});

describe('a file of JSON Lines', () => {
  test('is read line by line, and a line that is no object is told by its number', async () => {
    const text =
      '\uFEFF{"hash":"ab","scopes":["read"],"enabled":false}\r\n\n[1]\n{"hash":\n{"key":"cd","id":5}';
    const choices = { renamed: { hash: 'key' }, ignored: new Set(['id']) };
    expect(await rowsOf(text, { format: 'jsonl', pieces: 3 })).toEqual([
      { line: 1, fields: { hash: 'ab', scopes: ['read'], enabled: false } },
      { line: 3, sentence: 'It is no JSON object.' },
      { line: 4, sentence: 'It is no JSON object.' },
      { line: 5, fields: { key: 'cd', id: 5 } },
    ]);
    expect((await rowsOf(text, { format: 'jsonl', ...choices })).at(-1)).toEqual({
      line: 5,
      fields: { hash: 'cd' },
    });
  });
});

test.each([
  ['created_at', '1700000000', '2023-11-14T22:13:20.000Z'],
  ['created_at', 1_700_000_000_123, '2023-11-14T22:13:20.000Z'],
  ['expires_at', '2024-01-02 03:04:05.678+00', '2024-01-02T03:04:05.678+00:00'],
  ['expires_at', '2024-01-02 03:04:05 +0530', '2024-01-02T03:04:05+05:30'],
  ['last_used_at', '2024-01-02T03:04:05Z', '2024-01-02T03:04:05Z'],
  ['last_used_at', '2024-01-02 03:04:05', '2024-01-02 03:04:05'],
  ['enabled', 't', true],
  ['enabled', 'No', false],
  ['enabled', 'maybe', 'maybe'],
  ['rate_limit', '100/60', { limit: 100, window_seconds: 60 }],
  ['rate_limit', 'many', 'many'],
  ['allowed_cidrs', '10.0.0.0/8; 192.0.2.0/24', ['10.0.0.0/8', '192.0.2.0/24']],
  ['name', '5', '5'],
])('%s may be written as %j', async (field, value, read) => {
  const [row] = await rowsOf(JSON.stringify({ [field]: value }), { format: 'jsonl' });
  expect(row).toEqual({ line: 1, fields: { [field]: read } });
});

test('the name of a file tells its format, and a file without such a name needs an option', () => {
  expect(() => readRows('keys.txt', PLAIN)).toThrow('say --format csv or --format jsonl.');
});

test('a file that is not there is told when its first row is asked for', async () => {
  const rows = readRows('/nowhere/keys.csv', PLAIN);
  await new Promise((resolve) => setImmediate(resolve));
  await expect(rows.next()).rejects.toThrow('The file /nowhere/keys.csv cannot be opened: ENOENT.');
});
