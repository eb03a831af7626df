import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { formatNetwork, parseNetwork } from '../../../core/access/network.ts';
import type { Principal } from '../../../core/access/principal.ts';
import { LIMIT_SOURCES, type OwnLimit, type RateLimit } from '../../../core/access/rate-limit.ts';
import { ROLES, type Role } from '../../../core/access/role.ts';
import type { CredentialKind, Scopes } from '../../../core/access/scope.ts';
import type { NewSecret } from '../../../core/credential/secret.ts';
import type { StoredSecret } from '../../../core/verification/verification-store.ts';
import type { Item } from '../table/tables.ts';
import { secretKey } from './secret-key.ts';

/** Stands for `all` scopes in a stored set. No scope can have this name. An absent set as `all` would be one slip from too much power. */
export const ALL_SCOPES = '*';

/** What a change of a key replaces on each of its secrets. */
export interface SecretFields {
  readonly scopes: Scopes;
  readonly enabled: boolean;
  readonly expiresAt: number | null;
  readonly replacedAt?: StoredSecret['replacedAt'] | undefined;
  readonly allowedCidrs: readonly string[];
  readonly rateLimit: RateLimit | null;
  /** Where the limit comes from: the operator, the plan, or the key that issued this one, whose limit it is. */
  readonly limitFrom: 'operator' | 'plan' | RateLimit;
}

/** The attributes that hold `fields`. An attribute that is `undefined` has to be absent. */
export function secretAttributes(fields: SecretFields) {
  const { scopes, expiresAt, replacedAt, allowedCidrs, rateLimit, limitFrom } = fields;
  const issuerLimit = typeof limitFrom === 'string' ? null : limitFrom;
  return {
    scopes: scopeSet(scopes),
    secretState: { S: fields.enabled ? 'active' : 'disabled' },
    expiresAt: expiresAt === null ? undefined : { N: String(expiresAt) },
    replacedAt: replacedAt === undefined ? undefined : { N: String(replacedAt) },
    allowedCidrs: cidrSet(allowedCidrs),
    rateLimit: rateLimit === null ? undefined : { N: String(rateLimit.limit) },
    windowSeconds: rateLimit === null ? undefined : { N: String(rateLimit.windowSeconds) },
    limitFrom: rateLimit === null ? undefined : { S: issuerLimit === null ? String(limitFrom) : 'issuer' },
    issuerLimit: issuerLimit === null ? undefined : { N: String(issuerLimit.limit) },
    issuerWindow: issuerLimit === null ? undefined : { N: String(issuerLimit.windowSeconds) },
  } satisfies Record<string, AttributeValue | undefined>;
}

export function scopeSet(scopes: Scopes): AttributeValue {
  return { SS: scopes === 'all' ? [ALL_SCOPES] : [...new Set(scopes)] };
}

/**
 * Networks as bytes, the length of the prefix first: eight long networks as text would take a third of the item. They are
 * compared as a set, so each network is stored once, and always in the same form.
 */
export function cidrSet(allowedCidrs: readonly string[]): AttributeValue | undefined {
  if (allowedCidrs.length === 0) return undefined;
  const networks = allowedCidrs.map((cidr) => {
    const network = parseNetwork(cidr);
    // Leaving it out would open the key to more networks, and to all networks if it were the only one.
    if (network === undefined) throw new Error(`Not a network: "${cidr}".`);
    return network;
  });
  const unique = new Map(networks.map((network) => [formatNetwork(network), network]));
  return {
    BS: [...unique.values()].map(({ address, prefixLength }) => Uint8Array.of(prefixLength, ...address)),
  };
}

function readCidrs(networks: readonly Uint8Array[] = []): string[] {
  return networks.map(([prefixLength = 0, ...address]) =>
    formatNetwork({ prefixLength, address: Uint8Array.from(address) }),
  );
}

export function readSecret(item: Item): StoredSecret {
  const rateLimit = numberOf(item.rateLimit);
  const windowSeconds = numberOf(item.windowSeconds) ?? 0;
  const endsAt = numberOf(item.windowEndsAt);
  // A window of another length was opened under an earlier limit.
  const isOwnWindow = endsAt !== null && numberOf(item.windowLength) === windowSeconds;
  const expiresAt = numberOf(item.expiresAt);
  const replacedAt = numberOf(item.replacedAt);
  const secretHash = textOf(item.secretHash);
  const ownLimit = readOwnLimit(item);
  return {
    principal: {
      // Any text may stand there. `matchSecret` compares it with the kind that was presented, before anything is made of it.
      kind: textOf(item.kind) as CredentialKind,
      credentialId: textOf(item.credentialId) ?? '',
      workspace: textOf(item.workspace),
      user: textOf(item.userId),
      role: readRole(item.role),
      scopes: readScopes(item.scopes?.SS),
      constraints: {
        expiresAt,
        allowedCidrs: readCidrs(item.allowedCidrs?.BS),
        ...(ownLimit !== undefined && { ownLimit }),
      },
    },
    state: readState(textOf(item.secretState)),
    expiresAt,
    rateLimit: rateLimit === null ? null : { limit: rateLimit, windowSeconds },
    window: isOwnWindow ? { endsAt, used: numberOf(item.used) ?? 0 } : null,
    lastUsedAt: numberOf(item.lastUsedAt),
    ...(replacedAt !== null && { replacedAt }),
    ...(secretHash !== null && { secretHash }),
  };
}

/** A limit that does not say where it comes from is `unknown`: it is decided where the plan is known. */
function readOwnLimit(item: Item): OwnLimit | undefined {
  const from = item.limitFrom?.S ?? 'unknown';
  if (item.rateLimit === undefined || from === 'plan') return undefined;
  const isIssuers = from === 'issuer';
  const limit = numberOf(isIssuers ? item.issuerLimit : item.rateLimit);
  const windowSeconds = numberOf(isIssuers ? item.issuerWindow : item.windowSeconds);
  const known = LIMIT_SOURCES.find((source) => source === from);
  // Without it, the keys that this key issues would be bound by the plan alone.
  if (known === undefined || limit === null || windowSeconds === null)
    throw new Error(`Stored credential has an unknown limit, from "${from}".`);
  return { from: known, limit, windowSeconds };
}

/** An unknown role is a fault: it must never be taken for a powerful one. */
export function readRole(value: AttributeValue | undefined): Role | null {
  const role = ROLES.find((known) => known === value?.S);
  if (value !== undefined && role === undefined)
    throw new Error(`Stored credential has an unknown role: "${value.S}".`);
  return role ?? null;
}

/** An unknown state is not in force. */
function readState(state: string | null): StoredSecret['state'] {
  return state === 'active' || state === 'disabled' ? state : 'revoked';
}

export function readScopes(names: readonly string[] | undefined): Scopes {
  const [first, ...rest] = names ?? [];
  if (first === undefined) throw new Error('Stored credential has no scopes.');
  return first === ALL_SCOPES ? 'all' : [first, ...rest];
}

export function numberOf(value: AttributeValue | undefined): number | null {
  return value?.N === undefined ? null : Number(value.N);
}

export function textOf(value: AttributeValue | undefined): string | null {
  return value?.S ?? null;
}

/** Whose secret it is, and the role that it acts with. Changes of the key do not touch it: the role changes with the member. */
export interface SecretOwner
  extends Pick<Principal, 'kind' | 'credentialId' | 'workspace' | 'user' | 'role'> {
  /** The version of the membership that the role belongs to; absent where there is no role. */
  readonly roleVersion?: number | undefined;
}

/**
 * The item of a new secret.
 * @param version of the key that `fields` belong to. A secret is never set back to an older version.
 */
export function writeSecret(
  { locator, secretHash }: Pick<NewSecret, 'locator' | 'secretHash'>,
  owner: SecretOwner,
  fields: SecretFields,
  version: number,
): Item {
  const { pk, sk } = secretKey(locator);
  const attributes: Record<string, AttributeValue | undefined> = {
    pk: { S: pk },
    sk: { S: sk },
    secretHash: secretHash === null ? undefined : { S: secretHash },
    kind: { S: owner.kind },
    credentialId: { S: owner.credentialId },
    workspace: owner.workspace === null ? undefined : { S: owner.workspace },
    userId: owner.user === null ? undefined : { S: owner.user },
    role: owner.role === null ? undefined : { S: owner.role },
    roleVersion: owner.roleVersion === undefined ? undefined : { N: String(owner.roleVersion) },
    version: { N: String(version) },
    ...secretAttributes(fields),
  };
  return Object.fromEntries(
    Object.entries(attributes).flatMap(([name, value]) => (value ? [[name, value]] : [])),
  );
}
