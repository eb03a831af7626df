import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import type { PersonalAccessToken } from '../../../core/credential/personal-access-token.ts';
import type { SecretLocator } from '../../../core/credential/secret.ts';
import { toItem } from '../keys/key-item.ts';
import { tokenKey } from '../table/tables.ts';

/** A token's record as stored: what its user sees. When it was used last, only its secret knows. */
export interface TokenRecord extends Omit<PersonalAccessToken, 'lastUsedAt'> {
  /** Where its secret is, and what its user is in each workspace: whoever changes a membership needs it. */
  readonly locator: SecretLocator;
  /** The number of the slot it holds among its user's active tokens; absent where it was issued before there were any. */
  readonly place?: number | undefined;
}

export function writeToken(token: PersonalAccessToken & Pick<TokenRecord, 'locator' | 'place'>) {
  const { lastUsedAt, ...record } = token;
  return toItem({ ...tokenKey(record.userId, record.id), ...record });
}

export function readToken(item: Record<string, AttributeValue>): TokenRecord {
  const { pk, sk, ...record } = unmarshall(item);
  // Records that were written before a token could name its workspaces name none.
  return { workspaces: null, ...record } as TokenRecord;
}

export function toPersonalAccessToken(
  { locator, place, ...token }: TokenRecord,
  lastUsedAt: number | null,
): PersonalAccessToken {
  return { ...token, lastUsedAt };
}
