import * as v from 'valibot';
import type { PersonalAccessToken } from '../../../core/credential/credential.ts';
import type { SecretLocator } from '../../../core/credential/secret.ts';
import {
  addedLater,
  type Document,
  parseItem,
  storedNumber,
  storedRole,
  storedScopes,
} from '../table/documents.ts';
import { tokenKey } from '../table/tables.ts';

/** A token's record as it is stored: what its user sees. Only its secret knows when it was used last. */
export interface TokenRecord extends Omit<PersonalAccessToken, 'lastUsedAt'> {
  /** Where its secret is, and what its user is in each workspace. A change of a membership needs it. */
  readonly locator: SecretLocator;
  /** The number of its slot among its user's active tokens; absent where it was issued before there were any. */
  readonly slot?: number | undefined;
}

const tokenItem = v.object({
  id: v.string(),
  userId: v.string(),
  name: v.string(),
  start: v.string(),
  scopes: storedScopes,
  ceiling: storedRole,
  workspaces: addedLater(v.array(v.string())),
  createdAt: v.number(),
  expiresAt: storedNumber,
  revokedAt: storedNumber,
  locator: v.custom<SecretLocator>((value) => typeof value === 'string'),
  place: v.optional(v.number()),
});

/** Items call a slot a place, as the first version did. */
const tokenRecord = v.pipe(
  tokenItem,
  v.transform(({ place: slot, ...rest }) => ({ ...rest, slot })),
);

export function writeToken(token: PersonalAccessToken & Pick<TokenRecord, 'locator' | 'slot'>) {
  const { lastUsedAt, slot: place, ...record } = token;
  return { ...tokenKey(record.userId, record.id), ...record, place };
}

export function readToken(item: Document): TokenRecord {
  return parseItem(tokenRecord, item, 'personal access token');
}

export function toPersonalAccessToken(
  { locator, slot, ...token }: TokenRecord,
  lastUsedAt: number | null,
): PersonalAccessToken {
  return { ...token, lastUsedAt };
}
