import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import type { RateLimit } from '../../../core/access/rate-limit.ts';
import type { Role } from '../../../core/access/role.ts';
import type { ApiKey, KeyFields } from '../../../core/credential/api-key.ts';
import { UNBOUND } from '../../../core/credential/key-bounds.ts';
import type { SecretLocator } from '../../../core/credential/secret.ts';
import type { SecretFields } from '../secrets/secret-item.ts';
import { keyKey, PENDING } from '../table/tables.ts';

/**
 * A key's record as stored. It is what people see and what every secret of the key is made to agree with; verification
 * never touches it, so it may take part in transactions.
 */
export interface KeyRecord extends KeyFields {
  readonly id: string;
  readonly workspace: string;
  readonly start: string;
  readonly createdAt: number;
  readonly createdBy: string | null;
  /** The role that every secret of the key carries; `null` where keys inherit none. */
  readonly role: Role | null;
  /** The version of the creator's membership that the role belongs to; absent where keys inherit none. */
  readonly roleVersion?: number | undefined;
  readonly revokedAt: number | null;
  readonly version: number;
  readonly effectiveRateLimit: RateLimit | null;
  /** The version of the workspace whose plan the key was last made to agree with; absent where nothing is limited. */
  readonly planVersion?: number | undefined;
  /** When a secret that is no longer listed here was last used; Unix seconds. */
  readonly formerlyUsedAt: number | null;
  readonly secrets: readonly SecretReference[];
  /** The number of the slot it holds in its workspace's limit of active keys. */
  readonly place: number | null;
  /** The number of the slot it holds among its creator's active keys; absent without one. */
  readonly memberPlace?: number | undefined;
  /** What is being done to the key: written before the first secret is changed, gone after the last one is. */
  readonly pendingChange: PendingChange | null;
}

export interface SecretReference {
  readonly locator: SecretLocator;
  /** Unix seconds; when a rotation ends it. 0 for at once, whatever the clocks of others say. */
  readonly endsAt: number | null;
}

/** What a change leads to. It holds all that finishing it needs, since whoever finishes it may not be who began it. */
export type PendingChange = { readonly id: string /** Unix seconds. */; readonly since: number } & (
  | {
      readonly kind: 'update';
      readonly fields: KeyFields;
      readonly effectiveRateLimit: RateLimit | null;
      readonly secrets: readonly SecretReference[];
      /** Secrets that leave the key, being known to nobody. */
      readonly dropped: readonly SecretLocator[];
    }
  | {
      readonly kind: 'rotate';
      readonly start: string;
      readonly secrets: readonly SecretReference[];
      readonly added: SecretLocator;
      readonly formerlyUsedAt: number | null;
    }
  | { readonly kind: 'revoke' }
);

export function writeKey(record: KeyRecord): Record<string, AttributeValue> {
  return toItem({ ...keyKey(record.workspace, record.id), ...record, ...pendingMark(record.pendingChange) });
}

export function readKey(item: Record<string, AttributeValue>): KeyRecord {
  // Records that were written before keys could inherit a role, or a limit, or be bound by others, have none of it.
  return { role: null, issuerLimit: null, bounds: UNBOUND, ...unmarshall(item) } as KeyRecord;
}

/** Attributes that put an item into the index of pending changes. */
export function pendingMark(change: { readonly since: number } | null) {
  return change === null ? {} : { pending: PENDING, pendingSince: change.since };
}

export function toItem(value: object): Record<string, AttributeValue> {
  return marshall(value, { removeUndefinedValues: true });
}

/** Values of an expression, named as the expression names them. */
export function toValues(values: Record<string, unknown>): Record<string, AttributeValue> {
  return toItem(values);
}

/** An update expression that sets and removes attributes by name; names go through placeholders, some being reserved. */
export function assign(attributes: Record<string, unknown>) {
  const entries = Object.entries(attributes);
  const list = (kept: typeof entries, write: (name: string) => string) =>
    kept.map(([name]) => write(name)).join(', ');
  const set = entries.filter(([, value]) => value !== undefined);
  const removed = entries.filter(([, value]) => value === undefined);
  return {
    expression: [
      ...(set.length > 0 ? [`SET ${list(set, (name) => `#${name} = :${name}`)}`] : []),
      ...(removed.length > 0 ? [`REMOVE ${list(removed, (name) => `#${name}`)}`] : []),
    ].join(' '),
    names: Object.fromEntries(entries.map(([name]) => [`#${name}`, name])),
    values: Object.fromEntries(set.map(([name, value]) => [`:${name}`, value])),
  };
}

/** What one secret of a key must say when the key says `fields`. */
export function secretFieldsOf(
  fields: KeyFields,
  effectiveRateLimit: RateLimit | null,
  endsAt: number | null,
): SecretFields {
  const { scopes, enabled, allowedCidrs, rateLimit, issuerLimit } = fields;
  return {
    scopes,
    enabled,
    allowedCidrs,
    rateLimit: effectiveRateLimit,
    limitFrom: rateLimit !== null ? 'operator' : (issuerLimit ?? 'plan'),
    expiresAt: earlier(fields.expiresAt, endsAt),
    ...(endsAt !== null && { replacedAt: endsAt }),
  };
}

export function earlier(one: number | null, other: number | null): number | null {
  if (one === null || other === null) return one ?? other;
  return Math.min(one, other);
}

/** @param lastUsedAt of the secrets that the record lists. */
export function toApiKey(record: KeyRecord, lastUsedAt: number | null): ApiKey {
  const { id, workspace, start, createdAt, createdBy, role, revokedAt, version } = record;
  return {
    id,
    workspace,
    start,
    createdAt,
    createdBy,
    role,
    revokedAt,
    version,
    ...fieldsOf(record),
    lastUsedAt,
  };
}

export function fieldsOf(key: KeyFields): KeyFields {
  const { name, description, scopes, enabled, expiresAt, allowedCidrs, rateLimit, issuerLimit, bounds } = key;
  return { name, description, scopes, enabled, expiresAt, allowedCidrs, rateLimit, issuerLimit, bounds };
}
