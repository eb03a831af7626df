import type { ApiKey, KeyChange, NewKey } from '../api/records.ts';
import type { ConsoleConfig } from '../config.ts';
import type { KeyDraftLink } from '../location/route.ts';
import { formatDay } from '../text/relative-time.ts';
import { dayOf, type ExpiryDraft, expiryTime, readExpiry } from './expiry.ts';
import { describeScopes } from './scope-choice.ts';

/** What the forms for a new key and for a change of one hold. */
export interface KeyDraft {
  readonly name: string;
  readonly description: string;
  readonly scopes: readonly string[];
  readonly expiry: ExpiryDraft;
  /** Networks as typed, one on a line or with commas; empty for every network. */
  readonly networks: string;
}

export function draftOfLink(
  link: KeyDraftLink,
  config: Pick<ConsoleConfig, 'default_expiry_days'>,
): KeyDraft {
  const { name, description, scopes } = link;
  return { name, description, scopes, expiry: readExpiry(link.expires, config), networks: '' };
}

export function draftOfKey(key: ApiKey): KeyDraft {
  return {
    name: key.name ?? '',
    description: key.description ?? '',
    scopes: key.scopes,
    expiry:
      key.expires_at === null
        ? { choice: 'never', date: '' }
        : { choice: 'date', date: dayOf(key.expires_at) },
    networks: key.allowed_cidrs.join('\n'),
  };
}

export type DraftProblems = Partial<Record<'name' | 'scopes' | 'expiry', string>>;

/** What is missing or wrong, as the API would say it. Networks are left to the API. */
export function checkDraft(
  draft: KeyDraft,
  { features, now }: Pick<ConsoleConfig, 'features'> & { readonly now: number },
): DraftProblems {
  const problems: DraftProblems = {};
  if (features.name_required && draft.name.trim() === '') problems.name = 'Give the key a name.';
  if (features.scopes && features.scopes_required && draft.scopes.length === 0)
    problems.scopes = 'Choose at least one scope.';
  if (expiryTime(draft.expiry, now) === undefined) problems.expiry = 'Pick a day in the future.';
  return problems;
}

export function newKeyOf(
  draft: KeyDraft,
  { features, now }: Pick<ConsoleConfig, 'features'> & { readonly now: number },
): NewKey {
  const networks = readNetworks(draft.networks);
  const expiresAt = expiryTime(draft.expiry, now) ?? null;
  return {
    ...(draft.name.trim() === '' ? {} : { name: draft.name.trim() }),
    ...(draft.description.trim() === '' ? {} : { description: draft.description.trim() }),
    ...(features.scopes ? { scopes: draft.scopes } : {}),
    ...(expiresAt === null ? {} : { expires_at: expiresAt }),
    ...(networks.length === 0 ? {} : { allowed_cidrs: networks }),
  };
}

/** Only what differs, so that a change of another person to another field stays. */
export function changeOf(key: ApiKey, draft: KeyDraft, now: number): KeyChange {
  const before = draftOfKey(key);
  const networks = readNetworks(draft.networks);
  const name = draft.name.trim();
  return {
    ...(name === before.name ? {} : { name: name === '' ? null : name }),
    ...(draft.description.trim() === before.description ? {} : { description: draft.description.trim() }),
    ...(isSameSet(draft.scopes, key.scopes) ? {} : { scopes: draft.scopes }),
    ...(isSameExpiry(draft.expiry, before.expiry)
      ? {}
      : { expires_at: expiryTime(draft.expiry, now) ?? null }),
    ...(isSameSet(networks, key.allowed_cidrs) ? {} : { allowed_cidrs: networks }),
  };
}

/** One field of a change, in words. */
export interface Difference {
  readonly field: string;
  readonly before: string;
  readonly after: string;
}

export function describeChange(key: ApiKey, change: KeyChange, config: ConsoleConfig): Difference[] {
  const rows: Difference[] = [];
  const add = (field: string, before: string, after: string) => rows.push({ field, before, after });
  if (change.name !== undefined) add('Name', key.name ?? 'none', change.name ?? 'none');
  if (change.description !== undefined)
    add('Description', key.description ?? 'none', change.description || 'none');
  if (change.scopes !== undefined)
    add('Scopes', describeScopes(key.scopes, config), describeScopes(change.scopes, config));
  if (change.expires_at !== undefined)
    add('Expires', describeExpiry(key.expires_at), describeExpiry(change.expires_at));
  if (change.allowed_cidrs !== undefined)
    add('Networks', describeNetworks(key.allowed_cidrs), describeNetworks(change.allowed_cidrs ?? []));
  return rows;
}

/** One sentence that says what the key will be able to do. */
export function describeDraft(
  draft: KeyDraft,
  {
    config,
    now,
    workspace,
  }: { config: ConsoleConfig; now: number; workspace: { name: string; slug: string } },
): string {
  if (config.features.scopes && config.features.scopes_required && draft.scopes.length === 0)
    return 'Choose what the key may do.';
  const name = draft.name.trim() === '' ? 'This key' : `“${draft.name.trim()}”`;
  const networks = readNetworks(draft.networks);
  const where = networks.length === 0 ? 'from any network' : `only from ${networks.join(', ')}`;
  const expiresAt = expiryTime(draft.expiry, now);
  const until =
    expiresAt === null
      ? 'until someone revokes it'
      : expiresAt === undefined
        ? '…'
        : `until ${formatDay(expiresAt)}`;
  const scopes = describeScopes(draft.scopes, config);
  const word = draft.scopes.length === 0 ? '' : draft.scopes.length === 1 ? 'the scope ' : 'the scopes ';
  return `${name} may use ${word}${scopes}, ${where}, ${until}, for ${workspace.name} (${workspace.slug}).`;
}

export function describeExpiry(time: string | null): string {
  return time === null ? 'never' : formatDay(time);
}

export function describeNetworks(networks: readonly string[]): string {
  return networks.length === 0 ? 'any network' : networks.join(', ');
}

/** The network of one address alone. */
export function networkOf(address: string): string {
  return `${address}/${address.includes(':') ? 128 : 32}`;
}

export function readNetworks(text: string): readonly string[] {
  return text.split(/[\s,]+/).filter((network) => network !== '');
}

function isSameSet(one: readonly string[], other: readonly string[]): boolean {
  return one.length === other.length && one.every((item) => other.includes(item));
}

function isSameExpiry(one: ExpiryDraft, other: ExpiryDraft): boolean {
  return one.choice === other.choice && (one.choice !== 'date' || one.date === other.date);
}
