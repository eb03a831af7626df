import { type ApiKey, KEY_STATUSES, type KeyStatus } from '../api/records.ts';
import type { MemberNames } from '../members/member-names.ts';
import { DAY, daysUntil } from '../text/relative-time.ts';

/** Which keys a list shows. An empty text or `false` asks for nothing. */
export interface KeyFilter {
  /** In the name, the description, the id or the start. */
  readonly search: string;
  readonly status: KeyStatus | '';
  readonly scope: string;
  /** The id of the user in whose name the key was issued. */
  readonly maker: string;
  /** Not used within the last 30 days, though it is at least as old. */
  readonly isUnused: boolean;
  /** Ends within 14 days. */
  readonly isExpiring: boolean;
  /** Its maker is no member any more. */
  readonly isOrphaned: boolean;
}

export const NO_FILTER: KeyFilter = {
  search: '',
  status: '',
  scope: '',
  maker: '',
  isUnused: false,
  isExpiring: false,
  isOrphaned: false,
};

export const UNUSED_DAYS = 30;
export const EXPIRING_DAYS = 14;

export interface FilterContext {
  /** Milliseconds since the Unix epoch. */
  readonly now: number;
  /** `undefined` while the members are not known. */
  readonly members: MemberNames | undefined;
}

export function matchesFilter(key: ApiKey, filter: KeyFilter, { now, members }: FilterContext): boolean {
  if (filter.status !== '' && key.status !== filter.status) return false;
  if (filter.scope !== '' && key.scopes.length > 0 && !key.scopes.includes(filter.scope)) return false;
  if (filter.maker !== '' && key.created_by !== filter.maker) return false;
  if (filter.isUnused && !isUnused(key, now)) return false;
  if (filter.isExpiring && !isExpiring(key, now)) return false;
  if (filter.isOrphaned && !isOrphaned(key, members)) return false;
  return holdsText(key, filter.search);
}

export function isUnused(key: ApiKey, now: number): boolean {
  if (key.status !== 'active') return false;
  return now - Date.parse(key.last_used_at ?? key.created_at) > UNUSED_DAYS * DAY * 1000;
}

export function isExpiring(key: ApiKey, now: number): boolean {
  if (key.expires_at === null || key.status === 'revoked') return false;
  const days = daysUntil(key.expires_at, now);
  return days > 0 && days <= EXPIRING_DAYS;
}

export function isOrphaned(key: ApiKey, members: MemberNames | undefined): boolean {
  return key.created_by !== null && members !== undefined && !members.has(key.created_by);
}

export function isFiltering(filter: KeyFilter): boolean {
  return writeKeyFilter(filter).size > 0;
}

export function readKeyFilter(parameters: URLSearchParams): KeyFilter {
  return {
    search: parameters.get('q') ?? '',
    status: KEY_STATUSES.find((known) => known === parameters.get('status')) ?? '',
    scope: parameters.get('scope') ?? '',
    maker: parameters.get('maker') ?? '',
    isUnused: parameters.has('unused'),
    isExpiring: parameters.has('expiring'),
    isOrphaned: parameters.has('maker-left'),
  };
}

export function writeKeyFilter(filter: KeyFilter): URLSearchParams {
  const parameters = new URLSearchParams();
  if (filter.search !== '') parameters.set('q', filter.search);
  if (filter.status !== '') parameters.set('status', filter.status);
  if (filter.scope !== '') parameters.set('scope', filter.scope);
  if (filter.maker !== '') parameters.set('maker', filter.maker);
  if (filter.isUnused) parameters.set('unused', '30');
  if (filter.isExpiring) parameters.set('expiring', '14');
  if (filter.isOrphaned) parameters.set('maker-left', 'yes');
  return parameters;
}

function holdsText({ name, description, id, start }: ApiKey, search: string): boolean {
  const wanted = search.trim().toLocaleLowerCase();
  return [name, description, id, start].some((text) => text?.toLocaleLowerCase().includes(wanted));
}
