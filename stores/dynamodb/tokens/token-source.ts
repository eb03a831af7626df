import { ROLES, type Role } from '../../../core/access/role.ts';
import type { PersonalAccessToken } from '../../../core/credential/credential.ts';
import type { SecretLocator } from '../../../core/credential/secret.ts';
import type { StoredToken, TokenSource } from '../../../core/verification/verify-token.ts';
import { numberOf, readRole, readScopes, scopeSet, textOf } from '../secrets/secret-item.ts';
import { tokenSecretKey, tokenWorkspaceKey, wireKey } from '../secrets/secret-key.ts';
import { noteUse } from '../secrets/verification-store.ts';
import { readItems } from '../table/batches.ts';
import type { Item, Tables } from '../table/tables.ts';

/** Verification of tokens on DynamoDB: one strongly consistent batch of at most two items. */
export function dynamoTokenSource({ client, secrets }: Pick<Tables, 'client' | 'secrets'>): TokenSource {
  return {
    async find(locator, slug) {
      const stored = locator;
      const tokenKey = tokenSecretKey(stored);
      const workspaceKeys = slug === null ? [] : [tokenWorkspaceKey(stored, slug)];
      const items = await readItems(client, { table: secrets, keys: [tokenKey, ...workspaceKeys] });
      const token = items.find(({ sk }) => sk?.S === tokenKey.sk);
      const workspace = items.find((item) => item !== token);
      return token && readTokenSecret(token, workspace);
    },

    stamp: (locator, now) => noteUse(client, { table: secrets, key: tokenSecretKey(locator) }, now),
  };
}

/** What a user was in a workspace when it was read. An earlier version never overwrites a later one. */
export interface TokenMembership {
  readonly slug: string;
  readonly role: Role;
  readonly version: number;
}

/** The item of a token that every workspace shares: whose token it is, and what bounds it everywhere. */
export function writeTokenSecret(locator: SecretLocator, token: PersonalAccessToken): Item {
  const attributes: Item = {
    ...wireKey(tokenSecretKey(locator)),
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
 * The item of a token that says what its user is in one workspace.
 * @param expiresAt of the token, Unix seconds.
 */
export function writeTokenWorkspace(
  locator: SecretLocator,
  { slug, role, version }: TokenMembership,
  expiresAt: number | null,
): Item {
  const deleteAt = deletableWithToken(expiresAt);
  const item: Item = {
    ...wireKey(tokenWorkspaceKey(locator, slug)),
    role: { S: role },
    roleVersion: { N: String(version) },
  };
  if (deleteAt !== undefined) item.deleteAt = { N: String(deleteAt) };
  return item;
}

/** How long items of a token are kept that can never matter again, before DynamoDB may delete them. Seconds. */
const KEPT_SECONDS = 30 * 86_400;

/** @returns from when on DynamoDB may delete what ended at `endedAt`. Both are Unix seconds. */
export function deletableAt(endedAt: number): number {
  return endedAt + KEPT_SECONDS;
}

/**
 * When DynamoDB may delete what an expired token was in a workspace: nothing moves the end of a token. The token's own item
 * stays, as an expired key's does, since it says that the token has expired and when it was last used.
 */
export function deletableWithToken(expiresAt: number | null): number | undefined {
  return expiresAt === null ? undefined : deletableAt(expiresAt);
}

/**
 * @param workspace the token's item for the workspace that was asked about; absent when there is none.
 * @returns `undefined` for an item of another kind. Token items have no attribute for their kind; the sort key tells it.
 */
export function readTokenSecret(token: Item, workspace: Item | undefined): StoredToken | undefined {
  if (token.kind !== undefined && textOf(token.kind) !== 'personal_access_token') return undefined;
  const ceiling = readRole(token.ceiling);
  if (ceiling === null) throw new Error('Stored personal access token has no ceiling.');
  return {
    credentialId: textOf(token.credentialId) ?? '',
    user: textOf(token.userId) ?? '',
    scopes: readScopes(token.scopes?.SS),
    ceiling,
    // An unknown state is not in force.
    state: textOf(token.secretState) === 'active' ? 'active' : 'revoked',
    expiresAt: numberOf(token.expiresAt),
    lastUsedAt: numberOf(token.lastUsedAt),
    // A user who has left may still have an item here, with the role `none`.
    membership: ROLES.find((role) => role === workspace?.role?.S) ?? null,
  };
}
