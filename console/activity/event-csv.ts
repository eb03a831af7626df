import type { AuditEvent } from '../api/records.ts';

const COLUMNS = [
  'at',
  'type',
  'outcome',
  'actor_kind',
  'actor_user',
  'actor_credential',
  'source_address',
  'key_id',
  'user_id',
  'action',
  'code',
  'before',
  'after',
  'id',
] as const;

/** Events as RFC 4180 describes CSV, for spreadsheets. */
export function writeCsv(events: readonly AuditEvent[]): string {
  return writeRow(COLUMNS) + writeCsvRows(events);
}

/** The rows alone, without the names of the columns. */
export function writeCsvRows(events: readonly AuditEvent[]): string {
  return events.map((event) => writeRow(rowOf(event))).join('');
}

function writeRow(cells: readonly string[]): string {
  return `${cells.map(writeCell).join(',')}\r\n`;
}

function rowOf(event: AuditEvent): readonly string[] {
  const { actor } = event;
  // JSON may say a semicolon in another way, so nothing of the value is lost.
  const json = (value: unknown) => (value === null ? '' : JSON.stringify(value).replaceAll(';', '\\u003b'));
  return [
    event.at,
    event.type,
    event.outcome,
    actor.kind,
    actor.user ?? '',
    actor.credential_id ?? '',
    event.source_address ?? '',
    event.key_id ?? '',
    event.user_id ?? '',
    event.action ?? '',
    event.code ?? '',
    json(event.before),
    json(event.after),
    event.id,
  ];
}

/**
 * A text that begins like a formula would run as one in a spreadsheet; names are typed by people. Many spreadsheets begin a cell
 * behind each semicolon.
 */
function writeCell(text: string): string {
  const safe = text.replaceAll(/(^|;)(?=[=+\-@\t\r])/g, "$1'");
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
