import { covers, type ScopeCatalogue } from '../access/scope.ts';
import { type ApiKey, type KeyStatus, statusOf } from '../credential/credential.ts';

/** Which keys of a workspace are meant. A key has to meet everything that is named. Times are Unix seconds. */
export interface KeyFilter {
  readonly status?: KeyStatus | undefined;
  /** The user in whose name the key was issued. */
  readonly createdBy?: string | undefined;
  readonly externalId?: string | undefined;
  /** A scope that the key holds: it is named on the key, implied by another, or the key holds all scopes. */
  readonly scope?: string | undefined;
  /** The key was used before this time and not since. For a key that was never used, the time of its creation counts. */
  readonly unusedSince?: number | undefined;
  /** The key expires, or has expired, before this time. A key without an expiry does not. */
  readonly expiresBefore?: number | undefined;
  readonly ids?: ReadonlySet<string> | undefined;
}

/**
 * Tells whether a key meets a filter. A revoked key meets only a filter that names its id: nothing else can be done to it.
 * @param at.now Unix seconds.
 */
export function meetsFilter(
  key: ApiKey,
  { ids, createdBy, externalId, status, scope, unusedSince, expiresBefore }: KeyFilter,
  { catalogue, now }: { readonly catalogue: ScopeCatalogue | undefined; readonly now: number },
): boolean {
  if (ids === undefined ? key.revokedAt !== null : !ids.has(key.id)) return false;
  if (createdBy !== undefined && key.createdBy !== createdBy) return false;
  if (externalId !== undefined && key.externalId !== externalId) return false;
  if (status !== undefined && statusOf(key, now) !== status) return false;
  if (scope !== undefined && (catalogue === undefined || !covers(catalogue, key.scopes, [scope])))
    return false;
  if (unusedSince !== undefined && (key.lastUsedAt ?? key.createdAt) >= unusedSince) return false;
  return expiresBefore === undefined || (key.expiresAt !== null && key.expiresAt < expiresBefore);
}
