import type { AuditEvent } from '../audit/audit-event.ts';
import type { KeyStatus, PersonalAccessToken } from '../credential/credential.ts';
import type { NewSecret } from '../credential/secret.ts';
import type { IdempotentRequest } from './idempotency.ts';

/**
 * What managing personal access tokens asks of a store. Reads are strongly consistent.
 * @throws {Unavailable} when the store cannot finish now; nothing has been reported done.
 */
export interface TokenStore {
  issue(token: NewToken): Promise<IssueTokenOutcome>;
  /** Newest first. */
  list(query: TokenQuery): Promise<ListTokensOutcome>;
  /** Final. Revoking a revoked token answers as the first time did. */
  revoke(revocation: TokenRevocation): Promise<RevokeTokenOutcome>;
}

/**
 * `no_member`: the user is in no workspace. `not_in_workspace`: the token names a workspace that the user is not in.
 * `too_many_workspaces`: the token names no workspaces, and the user is in more than one transaction can bind it to.
 * `too_many_tokens`: the user has as many active tokens as allowed. `request_taken`: another call with the same `Idempotency-Key` was
 * faster.
 */
export interface IssueTokenOutcome {
  readonly kind:
    | 'issued'
    | 'no_member'
    | 'not_in_workspace'
    | 'too_many_workspaces'
    | 'too_many_tokens'
    | 'request_taken';
}

/** `unknown_user`: the user has no tokens and is in no workspace. */
export type ListTokensOutcome = ({ readonly kind: 'listed' } & TokenPage) | { readonly kind: 'unknown_user' };

export type RevokeTokenOutcome =
  | { readonly kind: 'revoked'; readonly token: PersonalAccessToken }
  | { readonly kind: 'not_found' };

export interface NewToken {
  readonly token: PersonalAccessToken;
  readonly secret: NewSecret;
  /** Absent if the call has no `Idempotency-Key`. */
  readonly request?: IdempotentRequest | undefined;
  readonly event: AuditEvent;
}

export interface TokenQuery {
  readonly userId: string;
  readonly limit: number;
  /** The id after which the page starts; absent for the newest. */
  readonly after?: string | undefined;
  readonly status?: KeyStatus | undefined;
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
