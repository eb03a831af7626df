import { setTimeout as wait } from 'node:timers/promises';
import { isPassing } from '../../core/errors/fault.ts';
import type { ImportResult } from '../../lambdas/management/answers/import-answers.ts';
import type { ReadRow, SourceRow } from './source-row.ts';

/** How an import goes on. Rows are counted once their outcome is known. */
export interface ImportCounts {
  readonly rows: number;
  readonly imported: number;
  readonly present: number;
  readonly skipped: number;
}

/** A row that was not imported, and why. It holds nothing of the key. */
export interface RowReport extends Pick<ImportResult, 'outcome' | 'id' | 'code' | 'reason'> {
  readonly line: number;
}

export interface ImportRun {
  readonly rows: AsyncGenerator<ReadRow>;
  /**
   * Imports some rows.
   * @returns the result of each, in their order.
   * @throws what `isPassing` when it may work a little later.
   */
  readonly importBatch: (rows: readonly SourceRow['fields'][]) => Promise<readonly ImportResult[]>;
  readonly batch: BatchSize;
  /** How many batches are under way at the same time. */
  readonly width: number;
  /** Is told of every row that was skipped, and of every key that has ended. */
  readonly report: (row: RowReport) => void;
  readonly progress: (counts: ImportCounts) => void;
  /** @default a random time up to these milliseconds */
  readonly pause?: (longestMs: number) => Promise<unknown>;
}

interface BatchSize {
  readonly rows: number;
  /** Of the rows as JSON, in UTF-8. */
  readonly bytes: number;
}

/**
 * Imports all rows, some batches at a time. It holds no more rows than these batches have. Running it again on the same rows
 * imports nothing twice, so a run that was stopped is run again.
 * @throws what a batch met that does not pass by itself.
 */
export async function runImport(run: ImportRun): Promise<ImportCounts> {
  let counts: ImportCounts = { rows: 0, imported: 0, present: 0, skipped: 0 };
  const settle = ({ line }: { readonly line: number }, result: Omit<RowReport, 'line'>) => {
    const { outcome, id, code, reason } = result;
    counts = { ...counts, rows: counts.rows + 1, [outcome]: counts[outcome] + 1 };
    if (outcome === 'skipped' || code === 'already_ended') run.report({ line, outcome, id, code, reason });
  };
  const batches = batchesOf(run, ({ line, sentence }) =>
    settle({ line }, { outcome: 'skipped', id: null, code: 'invalid_row', reason: sentence }),
  );
  const work = async () => {
    for await (const batch of shared(batches)) {
      const results = await importWithPatience(run, batch);
      for (const [index, row] of batch.entries()) settle(row, results[index] ?? NOT_TOLD);
      run.progress(counts);
    }
  };
  // A failure gives the others no further batch, and waits for those that they have.
  const stopping = () => work().catch((error) => batches.return(undefined).then(() => Promise.reject(error)));
  const ended = await Promise.allSettled(Array.from({ length: run.width }, stopping));
  const failed = ended.find(({ status }) => status === 'rejected');
  if (failed?.status === 'rejected') throw failed.reason;
  return counts;
}

const NOT_TOLD = {
  outcome: 'skipped',
  id: null,
  code: 'unavailable',
  reason: 'Nothing was told of the row.',
} as const;

/** Lets several loops take from one generator. The first that ends would close it for the others. */
function shared<T>(generator: AsyncGenerator<T>): AsyncIterable<T> {
  return { [Symbol.asyncIterator]: () => ({ next: () => generator.next() }) };
}

async function* batchesOf(
  { rows, batch }: ImportRun,
  onUnreadable: (row: Extract<ReadRow, { readonly sentence: string }>) => void,
): AsyncGenerator<SourceRow[]> {
  let next: SourceRow[] = [];
  let bytes = 0;
  for await (const row of rows) {
    if ('sentence' in row) {
      onUnreadable(row);
      continue;
    }
    const size = Buffer.byteLength(JSON.stringify(row.fields)) + 1;
    if (size > batch.bytes) {
      onUnreadable({ line: row.line, sentence: `It is longer than ${batch.bytes} bytes.` });
      continue;
    }
    if (next.length === batch.rows || (next.length > 0 && bytes + size > batch.bytes)) {
      yield next;
      next = [];
      bytes = 0;
    }
    next.push(row);
    bytes += size;
  }
  if (next.length > 0) yield next;
}

/** How often a batch is tried that meets passing faults, and how long it waits in between at the most. Milliseconds. */
const ATTEMPTS = 8;
const FIRST_PAUSE_MS = 200;
const LONGEST_PAUSE_MS = 10_000;

const MAY_PASS: ReadonlySet<ImportResult['code']> = new Set(['unavailable', 'conflict']);

/** Imports a batch, and tries rows again that met passing faults. */
async function importWithPatience(
  { importBatch, pause = waitUpTo }: ImportRun,
  batch: readonly SourceRow[],
): Promise<(ImportResult | undefined)[]> {
  const results: (ImportResult | undefined)[] = [];
  let left = [...batch.keys()];
  for (let attempt = 1; ; attempt += 1) {
    const isLast = attempt === ATTEMPTS;
    const sent = left;
    const answered = await importBatch(sent.map((index) => batch[index]?.fields ?? {})).catch((error) => {
      if (isLast || !isPassing(error)) throw error;
      return undefined;
    });
    for (const [at, index] of sent.entries()) if (answered !== undefined) results[index] = answered[at];
    left = answered === undefined ? sent : sent.filter((_, at) => MAY_PASS.has(answered[at]?.code ?? null));
    if (left.length === 0 || isLast) return results;
    await pause(Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** attempt));
  }
}

async function waitUpTo(longestMs: number): Promise<void> {
  await wait(Math.random() * longestMs);
}
