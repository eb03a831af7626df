import * as v from 'valibot';
import type { ImportResult } from '../answers/import-answers.ts';
import { describeMismatch } from '../http/request-body.ts';
import { decideRows, type ImportOptions, type IndexedRow, type RowsToImport } from './import-decision.ts';
import { resultOf, skipRow } from './import-result.ts';
import { rowSchema } from './import-row.ts';

/** How often rows are decided again whose creator or workspace others change in between. */
const ATTEMPTS = 5;

/**
 * Imports keys of one workspace by their hashes. A row that is not valid or not allowed is skipped with a reason, and the others
 * are imported. Only an operator may call this.
 * @returns the result of each row, in their order.
 * @throws {Unavailable} when nothing could be done now.
 */
export async function importRows(options: ImportOptions, asked: RowsToImport): Promise<ImportResult[]> {
  const results: ImportResult[] = [];
  const schema = rowSchema(options.profile, asked.now);
  let left = asked.rows.flatMap((row, index): IndexedRow[] => {
    const parsed = v.safeParse(schema, row, { abortEarly: true });
    if (parsed.success) return [{ index, row: parsed.output }];
    results[index] = skipRow(index, 'invalid_row', describeMismatch(parsed.issues[0], schema));
    return [];
  });
  for (let attempt = 1; left.length > 0 && attempt <= ATTEMPTS; attempt += 1) {
    const decided = await decideRows(options, asked, left);
    const keys = decided.flatMap((one) => (one.kind === 'key' ? one : []));
    for (const one of decided) if (one.kind === 'skipped') results[one.result.index] = one.result;
    const outcomes = await options.imports.importKeys(
      keys.map(({ key }) => key),
      asked.changes,
    );
    for (const [at, { index }] of keys.entries())
      results[index] = resultOf(index, outcomes[at] ?? { kind: 'changed' }, options);
    throwIfNothingWorked(outcomes);
    left = left.filter(({ index }) => results[index]?.code === 'conflict');
  }
  return results;
}

/** A caller whose whole call met a fault is told so. Where a part was done, the results tell it. */
function throwIfNothingWorked(outcomes: readonly { readonly kind: string; readonly fault?: Error }[]): void {
  const [first] = outcomes;
  if (first?.fault !== undefined && outcomes.every(({ kind }) => kind === 'unavailable')) throw first.fault;
}
