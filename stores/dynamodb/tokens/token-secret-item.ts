import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { ROLES, type Role } from '../../../core/access/role.ts';
import type { PersonalAccessToken } from '../../../core/credential/personal-access-token.ts';
import type { SecretLocator } from '../../../core/credential/secret.ts';
import type { StoredToken } from '../../../core/verification/verify-token.ts';
import { toItem } from '../keys/key-item.ts';
import { deletableAt } from '../keys/key-secrets.ts';
import { type Item, numberOf, readRole, readScopes, scopeSet, textOf } from '../secrets/secret-item.ts';
import { tokenSecretKey, tokenWorkspaceKey } from '../table/tables.ts';

/** What a user was in a workspace when it was read. A later version never gives way to an earlier one. */
export interface Membership {
  readonly slug: string;
  readonly role: Role;
  readonly version: number;
}

/** The item that holds what every workspace shares: whose token it is, and what bounds it wherever it is used. */
export function writeTokenSecret(locator: SecretLocator, token: PersonalAccessToken): Item {
  const { pk, sk } = tokenSecretKey(locator);
  const attributes: Record<string, AttributeValue> = {
    pk: { S: pk },
    sk: { S: sk },
    credentialId: { S: token.id },
    userId: { S: token.userId },
    ceiling: { S: token.ceiling },
    scopes: scopeSet(token.scopes),
    secretState: { S: 'active' },
  };
  if (token.expiresAt !== null) attributes.expiresAt = { N: String(token.expiresAt) };
  return attributes;
}

/**
 * The item that says what the token's user is in one workspace.
 * @param expiresAt of the token, Unix seconds.
 */
export function writeTokenWorkspace(
  locator: SecretLocator,
  { slug, role, version }: Membership,
  expiresAt: number | null,
): Item {
  const deleteAt = deletableWithToken(expiresAt);
  return toItem({ ...tokenWorkspaceKey(locator, slug), role, roleVersion: version, deleteAt });
}

/**
 * When what an expired token was in a workspace may be cleaned up: nothing moves the end of a token. Its own item stays, as an
 * expired key's does: it says that it has expired, and when it was last used.
 */
export function deletableWithToken(expiresAt: number | null): number | undefined {
  return expiresAt === null ? undefined : deletableAt(expiresAt);
}

/**
 * @param workspace the token's item for the workspace that was asked about; absent where there is none.
 * @returns `undefined` for an item that says it is something else. What is written here says nothing: its sort key does.
 */
export function readTokenSecret(token: Item, workspace: Item | undefined): StoredToken | undefined {
  if (token.kind !== undefined && textOf(token.kind) !== 'personal_access_token') return undefined;
  const ceiling = readRole(token.ceiling);
  if (ceiling === null) throw new Error('A stored token has no ceiling.');
  return {
    credentialId: textOf(token.credentialId) ?? '',
    user: textOf(token.userId) ?? '',
    scopes: readScopes(token.scopes?.SS),
    ceiling,
    // Whatever is not known to be in force is not.
    state: textOf(token.secretState) === 'active' ? 'active' : 'revoked',
    expiresAt: numberOf(token.expiresAt),
    lastUsedAt: numberOf(token.lastUsedAt),
    // Whoever has left may still be written down here, with a role that is none.
    membership: ROLES.find((role) => role === workspace?.role?.S) ?? null,
  };
}
