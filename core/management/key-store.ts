import type { RateLimit } from '../access/rate-limit.ts';
import type { Role } from '../access/role.ts';
import type { AuditEvent } from '../audit/audit-event.ts';
import type { ApiKey, KeyFields, KeyStatus } from '../credential/credential.ts';
import type { NewSecret } from '../credential/secret.ts';
import type { IdempotentRequest } from './idempotency.ts';

/**
 * What managing API keys asks of a store. Every change writes its audit event with it, and reaches every secret of the key
 * before it is answered. It survives a crash at any point: a retry or the sweeper finishes or undoes it.
 * @throws {Unavailable} when the store cannot finish now; nothing has been reported done.
 */
export interface KeyStore {
  issue(key: NewKey): Promise<IssueOutcome>;
  /** Strongly consistent. @returns `undefined` when there is no such key. */
  get(address: KeyAddress): Promise<ApiKey | undefined>;
  /**
   * Finishes or undoes a change of the key that was left half done, and answers the key as it is then. Further changes are
   * decided on that.
   */
  finishPendingChange(address: KeyAddress): Promise<SettleOutcome>;
  list(query: KeyQuery): Promise<KeyPage>;
  update(change: KeyUpdate): Promise<ChangeOutcome>;
  rotate(rotation: KeyRotation): Promise<RotateOutcome>;
  /** Ends the older secret of a rotated key at once. The newest one works on. */
  revokePreviousSecret(change: KeyChange): Promise<ChangeOutcome>;
  /** Final. Revoking a revoked key answers as the first time did. */
  revoke(revocation: KeyRevocation): Promise<RevokeOutcome>;
}

export interface KeyAddress {
  readonly workspace: string;
  readonly id: string;
}

/**
 * Who asks for a change. The store checks it again when it makes the change: a key must be in force, and a member must be as they
 * were when the change was allowed.
 */
export type CallerInForce =
  | { readonly kind: 'api_key'; readonly address: KeyAddress }
  | {
      readonly kind: 'member';
      readonly workspace: string;
      readonly userId: string;
      readonly version: number;
    };

export interface NewKey extends KeyAddress {
  readonly fields: KeyFields;
  readonly secret: NewSecret;
  readonly createdAt: number;
  /** The member in whose name it is issued, as they were when the right to issue was decided. */
  readonly creator: { readonly userId: string; readonly version: number } | null;
  /** Who asks for it; `null` if that is the creator or a management key. */
  readonly caller: CallerInForce | null;
  /** The creator's role, if keys inherit it. */
  readonly role: Role | null;
  readonly effectiveRateLimit: RateLimit | null;
  /** The version of the workspace whose plan sets the limit; `null` if nothing is limited. */
  readonly planVersion: number | null;
  /** How many active keys the workspace may have; `null` for any number. */
  readonly maxActiveKeys: number | null;
  /** How many active keys the creator may have in the workspace. */
  readonly maxMemberKeys: number;
  /** Absent if the call has no `Idempotency-Key`. */
  readonly request?: IdempotentRequest | undefined;
  readonly event: AuditEvent;
}

/**
 * `creator_changed`, `workspace_changed`: the creator's membership, or the workspace with its plan, has changed since the
 * decision; decide again. `caller_ended`: the caller is no longer in force. `secret_taken`: another secret has this one's slot;
 * make another secret. `request_taken`: another call with the same `Idempotency-Key` was faster.
 */
export type IssueOutcome =
  | { readonly kind: 'issued'; readonly key: ApiKey }
  | {
      readonly kind:
        | 'limit_reached'
        | 'member_limit_reached'
        | 'creator_changed'
        | 'workspace_changed'
        | 'caller_ended'
        | 'secret_taken'
        | 'request_taken';
    };

export type SettleOutcome =
  | { readonly kind: 'settled'; readonly key: ApiKey }
  | { readonly kind: 'not_found' };

export type RevokeOutcome =
  | { readonly kind: 'revoked'; readonly key: ApiKey }
  | { readonly kind: 'not_found' };

export interface KeyQuery {
  readonly workspace: string;
  readonly limit: number;
  /** The id after which the page starts; absent for the newest. */
  readonly after?: string | undefined;
  readonly status?: KeyStatus | undefined;
  /** Only the keys that were issued in this user's name. */
  readonly createdBy?: string | undefined;
  /** Only the keys that have this external id. */
  readonly externalId?: string | undefined;
  /** Unix seconds. */
  readonly now: number;
}

/** Newest first. A page is full unless it is the last, or the cost of filling it is too high. */
export interface KeyPage {
  readonly keys: readonly ApiKey[];
  /** The id to continue after; `null` at the end. */
  readonly next: string | null;
}

/** What every change of a key names. */
export interface KeyChange {
  /** The key as it was when the change was decided. */
  readonly key: ApiKey;
  readonly changeId: string;
  /** Who asks for it; `null` for a management key. */
  readonly caller: CallerInForce | null;
  /** Unix seconds. */
  readonly now: number;
  readonly event: AuditEvent;
}

export interface KeyUpdate extends KeyChange {
  readonly fields: KeyFields;
  readonly effectiveRateLimit: RateLimit | null;
}

export interface KeyRotation extends KeyChange {
  readonly secret: NewSecret;
  /** How long the old secret keeps working; 0 ends every older secret at once. */
  readonly overlapSeconds: number;
  /** Absent if the call has no `Idempotency-Key`. */
  readonly request?: IdempotentRequest | undefined;
}

export type KeyRevocation = Omit<KeyChange, 'key' | 'caller'> & { readonly address: KeyAddress };

/**
 * `conflict`: the key has changed since the decision, or another call with the same `Idempotency-Key` was faster; decide again. `caller_ended`: the caller is no longer in force. In both
 * cases nothing was changed.
 */
export type ChangeOutcome =
  | { readonly kind: 'changed'; readonly key: ApiKey }
  | { readonly kind: 'conflict' | 'caller_ended' };

export type RotateOutcome = ChangeOutcome | { readonly kind: 'rotation_in_progress' };

/** Enough for a team's services, and few enough for a change of the member to reach all of them within one call. */
export const DEFAULT_KEYS_PER_MEMBER = 500;

/** The store looks for a free slot among this many at most. */
export const MOST_KEYS_PER_MEMBER = 10_000;

/**
 * Reads how many active keys of one workspace a member may have.
 * @param source the place that the value comes from, as the beginning of a sentence.
 * @throws if it is not a whole number in the range.
 */
export function parseMaxKeysPerMember(value: unknown, source: string): number {
  const count = Number(value);
  if (/^[1-9]\d{0,4}$/.test(String(value)) && count <= MOST_KEYS_PER_MEMBER) return count;
  throw new Error(`${source} must be a whole number from 1 to ${MOST_KEYS_PER_MEMBER}.`);
}
