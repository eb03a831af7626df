import type { Principal } from '../../../core/access/principal.ts';
import type { RateLimit } from '../../../core/access/rate-limit.ts';
import type { Scopes } from '../../../core/access/scope.ts';
import type { ChangedFields } from '../../../core/audit/audit-event.ts';
import { formatTimestamp } from '../../../core/text/timestamp.ts';
import type { PrincipalAnswer } from '../answers/caller-answers.ts';

/** How the API shows things: names in snake_case, times in ISO 8601 and UTC, `null` for what is absent. */

export function timeView(unixSeconds: number): string;
export function timeView(unixSeconds: number | null): string | null;
export function timeView(unixSeconds: number | null): string | null {
  return unixSeconds === null ? null : formatTimestamp(unixSeconds);
}

/** An empty list means every scope. */
export function scopesView(scopes: Scopes): readonly string[] {
  return scopes === 'all' ? [] : scopes;
}

export function rateLimitView(limit: RateLimit | null) {
  return limit && { limit: limit.limit, window_seconds: limit.windowSeconds };
}

export function principalView({
  credentialId,
  kind,
  workspace,
  user,
  role,
  scopes,
  constraints,
}: Principal): PrincipalAnswer {
  return {
    credential_id: credentialId,
    kind,
    workspace,
    user,
    role,
    scopes: scopesView(scopes),
    constraints: { expires_at: timeView(constraints.expiresAt), allowed_cidrs: constraints.allowedCidrs },
  };
}

/** The fields that differ, as an audit event shows them. */
export function pickDifferences(
  before: ChangedFields,
  after: ChangedFields,
): { readonly before: ChangedFields; readonly after: ChangedFields } {
  const changed = Object.keys(after).filter(
    (field) => JSON.stringify(before[field]) !== JSON.stringify(after[field]),
  );
  const only = (fields: ChangedFields): ChangedFields =>
    Object.fromEntries(changed.map((field) => [field, fields[field] ?? null]));
  return { before: only(before), after: only(after) };
}
