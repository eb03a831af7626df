import type { EventQuery } from '../api/records.ts';

/** The kinds of activity that the page tells apart. An empty one is everything. */
export const ACTIVITY_KINDS = [
  { value: '', label: 'Everything' },
  { value: 'refused', label: 'Refused calls' },
  { value: 'key.issued', label: 'Keys created' },
  { value: 'key.updated', label: 'Keys changed' },
  { value: 'key.rotated', label: 'Keys rotated' },
  { value: 'key.revoked', label: 'Keys revoked' },
  { value: 'member.added', label: 'Members added' },
  { value: 'member.role_changed', label: 'Roles changed' },
  { value: 'member.renamed', label: 'Members renamed' },
  { value: 'member.removed', label: 'Members removed' },
  { value: 'invitation.created', label: 'Invitations' },
] as const;
export type ActivityKind = (typeof ACTIVITY_KINDS)[number]['value'];

/** Which part of the log the page shows. An empty text asks for nothing. */
export interface ActivityFilter {
  readonly kind: ActivityKind;
  /** The id of the user or credential that caused the events. */
  readonly actor: string;
  /** The id of a key. */
  readonly key: string;
  /** The first day, such as `2027-01-31`, where the person is. */
  readonly from: string;
  /** The last day. */
  readonly to: string;
}

export const EVERY_ACTIVITY: ActivityFilter = { kind: '', actor: '', key: '', from: '', to: '' };

export function isNarrowed(filter: ActivityFilter): boolean {
  return writeActivityFilter(filter).size > 0;
}

export function readActivityFilter(parameters: URLSearchParams): ActivityFilter {
  const kind = parameters.get('kind');
  return {
    kind: ACTIVITY_KINDS.find(({ value }) => value === kind)?.value ?? '',
    actor: parameters.get('actor') ?? '',
    key: parameters.get('key') ?? '',
    from: readDay(parameters.get('from')),
    to: readDay(parameters.get('to')),
  };
}

export function writeActivityFilter(filter: ActivityFilter): URLSearchParams {
  const parameters = new URLSearchParams();
  for (const name of ['kind', 'actor', 'key', 'from', 'to'] as const)
    if (filter[name] !== '') parameters.set(name, filter[name]);
  return parameters;
}

/** What to ask the API for. Days begin and end where the person is. */
export function eventQueryOf({ kind, actor, key, from, to }: ActivityFilter): EventQuery {
  const end = nextDay(to);
  return {
    ...(kind === 'refused' ? { outcome: kind } : kind === '' ? {} : { type: kind }),
    ...(actor === '' ? {} : { actor }),
    ...(key === '' ? {} : { key_id: key }),
    ...(from === '' ? {} : { from: startOf(from) }),
    ...(end === undefined ? {} : { to: end }),
  };
}

/** A day that the calendar does not have counts as none. */
function readDay(text: string | null): string {
  const isDay = /^\d{4}-\d\d-\d\d$/.test(text ?? '') && !Number.isNaN(Date.parse(`${text}T00:00:00`));
  return isDay ? (text ?? '') : '';
}

function startOf(day: string): string {
  return new Date(`${day}T00:00:00`).toISOString();
}

function nextDay(day: string): string | undefined {
  if (day === '') return undefined;
  const date = new Date(`${day}T00:00:00`);
  // Not 24 hours later: some days have 23 or 25.
  date.setDate(date.getDate() + 1);
  return date.toISOString();
}
