import type { Role } from '../access/role.ts';
import type { Scopes } from '../access/scope.ts';
import { type KeyStatus, statusOf } from './api-key.ts';

/**
 * A personal access token as its user sees it. It works in every workspace of its user, or only in those that it names, with
 * the lower of the user's role there and its own ceiling. Times are Unix seconds; absent ones are `null`.
 */
export interface PersonalAccessToken {
  readonly id: string;
  readonly userId: string;
  readonly name: string;
  /** The part of the secret that people may see. */
  readonly start: string;
  readonly scopes: Scopes;
  /** The highest role it acts with. */
  readonly ceiling: Role;
  /**
   * The slugs of the workspaces that it is bound to, at most {@link MOST_TOKEN_WORKSPACES}; `null` for every workspace that its
   * user is in or joins later.
   */
  readonly workspaces: readonly string[] | null;
  readonly createdAt: number;
  readonly expiresAt: number | null;
  readonly lastUsedAt: number | null;
  readonly revokedAt: number | null;
}

/** As many workspaces as one transaction can bind a token to, besides its record, secret, event and user. */
export const MOST_TOKEN_WORKSPACES = 80;

/** A token is active, expired or revoked. Nobody can disable one. @param now Unix seconds. */
export function tokenStatusOf(
  token: Pick<PersonalAccessToken, 'revokedAt' | 'expiresAt'>,
  now: number,
): KeyStatus {
  return statusOf({ ...token, enabled: true }, now);
}
