import type { AuditEvent } from '../audit/audit-event.ts';
import type { KeyStatus } from '../credential/api-key.ts';
import type { NewSecret } from '../credential/new-secret.ts';
import type { PersonalAccessToken } from '../credential/personal-access-token.ts';

/**
 * What managing personal access tokens asks of a store. Reads are strongly consistent.
 * @throws {Unavailable} when the store cannot finish now; nothing has been reported done.
 */
export interface TokenStore {
  /**
   * `no_member`: the user is in no workspace. `not_in_workspace`: not in one that the token names. `too_many_workspaces`: the
   * token names none, and the user is in more than one transaction can bind it to. `too_many_tokens`: as many of their tokens
   * are active as may be.
   */
  issue(
    token: NewToken,
  ): Promise<'issued' | 'no_member' | 'not_in_workspace' | 'too_many_workspaces' | 'too_many_tokens'>;
  /** Newest first; `undefined` for a user who has no tokens and is in no workspace. */
  list(query: TokenQuery): Promise<TokenPage | undefined>;
  /** Final. Revoking what is revoked answers as the first time did; `undefined` when there is no such token. */
  revoke(revocation: TokenRevocation): Promise<PersonalAccessToken | undefined>;
}

export interface NewToken {
  readonly token: PersonalAccessToken;
  readonly secret: NewSecret;
  readonly event: AuditEvent;
}

export interface TokenQuery {
  readonly userId: string;
  readonly limit: number;
  /** The id after which the page starts; absent for the newest. */
  readonly after?: string;
  readonly status?: KeyStatus;
  /** Unix seconds. */
  readonly now: number;
}

export interface TokenPage {
  readonly tokens: readonly PersonalAccessToken[];
  readonly next: string | null;
}

export interface TokenRevocation {
  readonly userId: string;
  readonly id: string;
  /** Unix seconds. */
  readonly now: number;
  readonly event: AuditEvent;
}
