import type { ChangedFields } from '../../../core/audit/audit-event.ts';
import type { ApiKey, KeyFields } from '../../../core/credential/api-key.ts';
import type { PersonalAccessToken } from '../../../core/credential/personal-access-token.ts';
import { rateLimitView, scopesView, timeView } from '../http/key-view.ts';

/** What can be changed about a key, as events tell of it. */
export function keyFieldsShown(fields: KeyFields): ChangedFields {
  return {
    name: fields.name,
    description: fields.description,
    scopes: scopesView(fields.scopes),
    enabled: fields.enabled,
    expires_at: timeView(fields.expiresAt),
    allowed_cidrs: fields.allowedCidrs,
    rate_limit: rateLimitView(fields.rateLimit ?? fields.issuerLimit),
  };
}

/** What a key was issued with. */
export function issuedKeyShown(key: KeyFields & Pick<ApiKey, 'start' | 'createdBy' | 'role'>): ChangedFields {
  return { start: key.start, ...keyFieldsShown(key), created_by: key.createdBy, role: key.role };
}

export function issuedTokenShown(token: PersonalAccessToken): ChangedFields {
  const { start, name, scopes, ceiling, workspaces, expiresAt } = token;
  return {
    start,
    name,
    scopes: scopesView(scopes),
    role: ceiling,
    ...(workspaces !== null && { workspaces }),
    expires_at: timeView(expiresAt),
  };
}

/** What shows of the secret, and when the one before ends: by the rotation, or by itself before. */
export function rotationShown(
  { start, expiresAt }: ApiKey,
  rotation: { readonly start: string; readonly overlapSeconds: number; readonly now: number },
): { readonly before: ChangedFields; readonly after: ChangedFields } {
  const { overlapSeconds, now } = rotation;
  const endsAt = Math.min(now + overlapSeconds, expiresAt ?? Number.POSITIVE_INFINITY);
  return {
    before: { start, older_secret_ends_at: timeView(expiresAt) },
    after: {
      start: rotation.start,
      older_secret_ends_at: timeView(endsAt),
      overlap_seconds: overlapSeconds,
    },
  };
}

/** The fields that differ, from and to. */
export function changedFields(
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
