import type { AuditEvent } from '../api/records.ts';
import { writeCsv, writeCsvRows } from './event-csv.ts';

export interface EventExport {
  readonly text: string;
  readonly count: number;
  /** The oldest event of the file where it does not hold them all; `null` where it does. */
  readonly stoppedAt: AuditEvent | null;
}

export interface ExportOptions {
  /** So many events go into one file: the browser holds it in memory. */
  readonly most: number;
  readonly onProgress: (count: number) => void;
}

const PROGRESS_STEP = 100;

/** Writes events, newest first, into a file for spreadsheets, and says where it had to stop. */
export async function exportEvents(
  events: AsyncIterable<AuditEvent>,
  { most, onProgress }: ExportOptions,
): Promise<EventExport> {
  const parts = [writeCsv([])];
  let count = 0;
  let last: AuditEvent | null = null;
  for await (const event of events) {
    if (count === most) return { text: parts.join(''), count, stoppedAt: last };
    parts.push(writeCsvRows([event]));
    last = event;
    count++;
    if (count % PROGRESS_STEP === 0) onProgress(count);
  }
  return { text: parts.join(''), count, stoppedAt: null };
}
