import { describe, expect, test } from '@jest/globals';
import { type ImportRun, type RowReport, runImport } from '../../../bin/import/import-run.ts';
import type { ReadRow } from '../../../bin/import/source-row.ts';
import { Unavailable } from '../../../core/errors/fault.ts';
import type { ImportResult } from '../../../lambdas/management/answers/import-answers.ts';

const result = (over: Partial<ImportResult> = {}): ImportResult => ({
  index: 0,
  outcome: 'imported',
  id: 'key_1',
  code: null,
  reason: null,
  ...over,
});

async function* rowsOf(count: number): AsyncGenerator<ReadRow> {
  for (let line = 2; line < count + 2; line += 1) yield { line, fields: { hash: String(line) } };
}

async function run(over: Partial<ImportRun> = {}) {
  const reported: RowReport[] = [];
  const batches: number[] = [];
  const pauses: number[] = [];
  const done = runImport({
    rows: rowsOf(10),
    importBatch: async (rows) => {
      batches.push(rows.length);
      return rows.map(() => result());
    },
    batch: { rows: 4, bytes: 1_000 },
    width: 2,
    report: (row) => reported.push(row),
    progress: () => undefined,
    pause: async (longestMs) => pauses.push(longestMs),
    ...over,
  });
  return { counts: await done, reported, batches, pauses };
}

describe('an import of a file', () => {
  test('sends all rows in batches, and counts what came of them', async () => {
    const { counts, batches } = await run();
    expect(batches.sort()).toEqual([2, 4, 4]);
    expect(counts).toEqual({ rows: 10, imported: 10, present: 0, skipped: 0 });
  });

  test('sends no batch of more bytes, and skips a row that is longer than a batch may be', async () => {
    async function* rows(): AsyncGenerator<ReadRow> {
      yield* rowsOf(2);
      yield { line: 4, fields: { hash: 'x'.repeat(60) } };
    }
    const { batches, counts, reported } = await run({ rows: rows(), batch: { rows: 4, bytes: 20 } });
    expect(batches).toEqual([1, 1]);
    expect(counts).toMatchObject({ rows: 3, imported: 2, skipped: 1 });
    expect(reported).toMatchObject([{ line: 4, reason: 'It is longer than 20 bytes.' }]);
  });

  test('reports rows that were skipped and keys that have ended, by their lines', async () => {
    async function* rows(): AsyncGenerator<ReadRow> {
      yield { line: 7, sentence: 'It is no JSON object.' };
      yield* rowsOf(3);
    }
    const codes = [null, 'already_present', 'already_ended'] as const;
    const importBatch: ImportRun['importBatch'] = async () =>
      codes.map((code) => result(code === null ? {} : { outcome: 'present', code, reason: 'It was there.' }));
    const { counts, reported } = await run({ rows: rows(), importBatch });
    expect(counts).toEqual({ rows: 4, imported: 1, present: 2, skipped: 1 });
    expect(reported.map(({ line, code }) => [line, code])).toEqual([
      [7, 'invalid_row'],
      [4, 'already_ended'],
    ]);
  });

  test('tries rows again that met a passing fault, with longer pauses, and no others', async () => {
    let calls = 0;
    const sent: number[] = [];
    const importBatch: ImportRun['importBatch'] = async (rows) => {
      calls += 1;
      sent.push(rows.length);
      if (calls === 1) throw new Unavailable('The store did not answer.');
      return rows.map((_, at) =>
        calls === 2 && at > 0
          ? result({ outcome: 'skipped', id: null, code: 'unavailable', reason: 'x' })
          : result(),
      );
    };
    const { counts, pauses } = await run({ rows: rowsOf(3), importBatch, width: 1 });
    expect(sent).toEqual([3, 3, 2]);
    expect(counts).toEqual({ rows: 3, imported: 3, present: 0, skipped: 0 });
    expect(pauses).toEqual([400, 800]);
  });

  test('ends with a fault that does not pass, and begins no further batch', async () => {
    const begun: string[] = [];
    const importBatch: ImportRun['importBatch'] = async (rows) => {
      begun.push(String(rows[0]?.hash));
      if (rows[0]?.hash === '2') throw new Error('The table is missing.');
      return rows.map(() => result());
    };
    await expect(run({ rows: rowsOf(100), importBatch })).rejects.toThrow('The table is missing.');
    expect(begun).toEqual(['2', '6']);
  });

  test('gives up after eight attempts', async () => {
    const importBatch = async () => Promise.reject(new Unavailable('down'));
    await expect(run({ importBatch })).rejects.toThrow('down');
  });
});
