import { closeSync, openSync, writeSync } from 'node:fs';
import type { ImportCounts, RowReport } from './import-run.ts';

/** Where an import tells how it goes. */
export interface ImportTelling {
  readonly report: (row: RowReport) => void;
  readonly progress: (counts: ImportCounts) => void;
  /** Closes the report. */
  readonly close: () => void;
}

interface Listener {
  /** Writes on stderr. */
  readonly write: (text: string) => void;
  /** Milliseconds. */
  readonly now: () => number;
  /** The file for the rows that were not imported. @default stderr */
  readonly reportPath?: string | undefined;
}

/** How often progress is shown. Milliseconds. */
const EVERY_MS = 1_000;

/**
 * Tells how an import goes: its progress on stderr, and the rows that were not imported.
 * @throws where the file of the report is there already, or cannot be written.
 */
export function tellImport({ write, now, reportPath }: Listener): ImportTelling {
  const file = reportPath === undefined ? undefined : openSync(reportPath, 'wx', 0o600);
  let shownAt = now();
  return {
    report(row) {
      if (file === undefined) write(`line ${row.line}: ${row.reason}\n`);
      else writeSync(file, `${JSON.stringify(row)}\n`);
    },
    progress(counts) {
      if (now() - shownAt < EVERY_MS) return;
      shownAt = now();
      write(`${describeCounts(counts)}\n`);
    },
    close() {
      if (file !== undefined) closeSync(file);
    },
  };
}

export function describeCounts({ rows, imported, present, skipped }: ImportCounts): string {
  const [first, ...others] = [rows, imported, present, skipped].map((count) => count.toLocaleString('en'));
  return `${first} ${rows === 1 ? 'row' : 'rows'}: ${others[0]} imported, ${others[1]} there already, ${others[2]} skipped`;
}
