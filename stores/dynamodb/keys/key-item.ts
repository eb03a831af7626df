import * as v from 'valibot';
import type { RateLimit } from '../../../core/access/rate-limit.ts';
import type { Role } from '../../../core/access/role.ts';
import type { ApiKey, KeyFields } from '../../../core/credential/credential.ts';
import type { SecretLocator } from '../../../core/credential/secret.ts';
import type { SecretFields, SecretOwner } from '../secrets/secret-item.ts';
import {
  addedLater,
  type Document,
  parseItem,
  storedKeyFields,
  storedLimit,
  storedNumber,
  storedRole,
  storedText,
} from '../table/documents.ts';
import { type Intent, pendingMark } from '../table/intent.ts';
import { keyKey } from '../table/tables.ts';

/**
 * An API key's record as it is stored: what people see of the key, and what each of its secrets has to agree with.
 * Verification never touches it, so it may take part in transactions.
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
  /** The version of the workspace with whose plan the key agrees; absent where nothing is limited. */
  readonly planVersion?: number | undefined;
  /** When a secret that is no longer listed here was last used; Unix seconds. */
  readonly formerlyUsedAt: number | null;
  readonly secrets: readonly SecretReference[];
  /** The number of its slot in the workspace's limit of active keys; `null` where there is no limit. */
  readonly slot: number | null;
  /** The number of its slot among its creator's active keys; absent where it holds none. */
  readonly memberSlot?: number | undefined;
  /** The change that is under way: stored before the first secret is changed, and removed after the last. */
  readonly pendingChange: PendingChange | null;
}

export interface SecretReference {
  readonly locator: SecretLocator;
  /** When a rotation ends the secret, in Unix seconds. 0 ends it at once, whatever a verifier's clock says. */
  readonly endsAt: number | null;
  /** When a rotation replaced the secret, in Unix seconds; absent for the newest, and for rotations from before this was kept. */
  readonly replacedAt?: number | undefined;
}

/** The intent of a change. It holds all that another process needs to finish it. */
export type PendingChange = KeyUpdating | KeyRotating | KeyRevoking;

export interface KeyUpdating extends Intent {
  readonly kind: 'update';
  readonly fields: KeyFields;
  readonly effectiveRateLimit: RateLimit | null;
  readonly secrets: readonly SecretReference[];
  /** Secrets that leave the key. Nobody knows their text. */
  readonly dropped: readonly SecretLocator[];
}

export interface KeyRotating extends Intent {
  readonly kind: 'rotate';
  readonly start: string;
  readonly secrets: readonly SecretReference[];
  readonly added: SecretLocator;
  readonly formerlyUsedAt: number | null;
  /** Of the request that asks for it; absent if the request has no `Idempotency-Key`. */
  readonly requestId?: string | undefined;
}

export interface KeyRevoking extends Intent {
  readonly kind: 'revoke';
}

const locator = v.custom<SecretLocator>((value) => typeof value === 'string');

const secrets = v.array(v.object({ locator, endsAt: storedNumber, replacedAt: v.optional(v.number()) }));

const intent = { id: v.string(), since: v.number() };

const pendingChange = v.variant('kind', [
  v.object({
    ...intent,
    kind: v.literal('update'),
    fields: storedKeyFields,
    effectiveRateLimit: v.nullable(storedLimit),
    secrets,
    dropped: v.array(locator),
  }),
  v.object({
    ...intent,
    kind: v.literal('rotate'),
    start: v.string(),
    secrets,
    added: locator,
    formerlyUsedAt: storedNumber,
    requestId: v.optional(v.string()),
  }),
  v.object({ ...intent, kind: v.literal('revoke') }),
]);

const keyItem = v.object({
  ...storedKeyFields.entries,
  id: v.string(),
  workspace: v.string(),
  start: v.string(),
  createdAt: v.number(),
  createdBy: storedText,
  role: addedLater(storedRole),
  roleVersion: v.optional(v.number()),
  revokedAt: storedNumber,
  version: v.number(),
  effectiveRateLimit: v.nullable(storedLimit),
  planVersion: v.optional(v.number()),
  formerlyUsedAt: storedNumber,
  secrets,
  place: storedNumber,
  memberPlace: v.optional(v.number()),
  pendingChange: v.nullable(pendingChange),
});

/** Items call a slot a place, as the first version did. */
const keyRecord = v.pipe(
  keyItem,
  v.transform(({ place: slot, memberPlace: memberSlot, ...rest }) => ({ ...rest, slot, memberSlot })),
);

/** @throws {Error} when the item is not a whole record of a key. */
export function readKey(item: Document): KeyRecord {
  return parseItem(keyRecord, item, 'API key');
}

export function writeKey(record: KeyRecord) {
  const { slot: place, memberSlot: memberPlace, ...rest } = record;
  return {
    ...keyKey(record.workspace, record.id),
    ...rest,
    place,
    memberPlace,
    ...pendingMark(record.pendingChange ?? undefined),
  };
}

/**
 * What one secret of a key has to say.
 * @param endsAt when a rotation ends the secret, in Unix seconds; `null` where none does.
 */
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
    replacedAt: endsAt ?? undefined,
  };
}

export function earlier(one: number | null, other: number | null): number | null {
  if (one === null || other === null) return one ?? other;
  return Math.min(one, other);
}

/** When a key was last used, and when its older secret was. Unix seconds. */
export interface LastUse {
  readonly lastUsedAt: number | null;
  readonly previousUsedAt: number | null;
}

export function toApiKey(record: KeyRecord, { lastUsedAt, previousUsedAt }: LastUse): ApiKey {
  const previous = previousSecretOf(record);
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
    previousSecret:
      previous === undefined
        ? null
        : {
            endsAt: previous.endsAt ?? 0,
            replacedAt: previous.replacedAt ?? null,
            lastUsedAt: previousUsedAt,
          },
  };
}

/** The secret that the last finished rotation replaced. A record lists its secrets from the oldest to the newest. */
export function previousSecretOf({ secrets }: Pick<KeyRecord, 'secrets'>): SecretReference | undefined {
  return secrets.findLast(({ endsAt }) => endsAt !== null);
}

export function fieldsOf(key: KeyFields): KeyFields {
  const { name, description, externalId, scopes, enabled, expiresAt } = key;
  const { allowedCidrs, rateLimit, issuerLimit, bounds } = key;
  return {
    name,
    description,
    externalId,
    scopes,
    enabled,
    expiresAt,
    allowedCidrs,
    rateLimit,
    issuerLimit,
    bounds,
  };
}

/** Whose secrets the secrets of a key are, and the role that they act with. */
export function ownerOf(record: KeyRecord): SecretOwner {
  const { id, workspace, createdBy, role, roleVersion } = record;
  return { kind: 'api_key', credentialId: id, workspace, user: createdBy, role, roleVersion };
}
