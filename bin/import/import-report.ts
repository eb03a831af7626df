import { closeSync, openSync, writeSync } from 'node:fs';
import { optionFor } from './import-options.ts';
import type { ImportCounts, RowReport } from './import-run.ts';

/** Where an import tells how it goes. */
export interface ImportTelling {
  readonly report: (row: RowReport) => void;
  readonly progress: (counts: ImportCounts) => void;
  /** Tells on stderr, once all rows are through, why rows were not imported: each reason once. */
  readonly tellReasons: () => void;
  /** Closes the report. */
  readonly close: () => void;
}

interface Listener {
  /** Writes on stderr. */
  readonly write: (text: string) => void;
  /** Milliseconds. */
  readonly now: () => number;
  /** Whether the import only tells what it would do. */
  readonly dryRun: boolean;
  /** The file for the rows that were not imported. @default stderr */
  readonly reportPath?: string | undefined;
}

/** How often progress is shown. Milliseconds. */
const EVERY_MS = 1_000;

/**
 * Tells how an import goes: its progress on stderr, and the rows that were not imported.
 * @throws where the file of the report is there already, or cannot be written.
 */
export function tellImport({ write, now, dryRun, reportPath }: Listener): ImportTelling {
  const file = reportPath === undefined ? undefined : openSync(reportPath, 'wx', 0o600);
  const reasons = new Map<string, { readonly line: number; rows: number }>();
  let shownAt = now();
  let held = '';
  return {
    report(row) {
      if (file !== undefined) {
        writeSync(file, `${JSON.stringify(row)}\n`);
        return;
      }
      const reason = nameOption(row.reason ?? '');
      const told = reasons.get(reason);
      if (told === undefined) reasons.set(reason, { line: row.line, rows: 1 });
      else told.rows += 1;
    },
    progress(counts) {
      // One is held back until the next comes: the last counts are told at the end anyway.
      if (held !== '') write(held);
      held = '';
      if (now() - shownAt < EVERY_MS) return;
      shownAt = now();
      held = `${dryRun ? 'Would be so far: ' : ''}${describeCounts(counts)}\n`;
    },
    tellReasons() {
      for (const [reason, { line, rows }] of reasons)
        write(`line ${line}${rows === 1 ? '' : ` and ${(rows - 1).toLocaleString('en')} more`}: ${reason}\n`);
    },
    close() {
      if (file !== undefined) closeSync(file);
    },
  };
}

/** Adds the option that says for all rows what one of them lacks. */
function nameOption(reason: string): string {
  const [, field = ''] = /^(\w+) must be given\.$/.exec(reason) ?? [];
  const option = optionFor(field);
  return option === undefined ? reason : `${field} must be given, in the row or for all rows with ${option}.`;
}

export function describeCounts({ rows, imported, present, skipped }: ImportCounts): string {
  const [first, ...others] = [rows, imported, present, skipped].map((count) => count.toLocaleString('en'));
  return `${first} ${rows === 1 ? 'row' : 'rows'}: ${others[0]} imported, ${others[1]} there already, ${others[2]} skipped`;
}
