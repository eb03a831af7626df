import type { RateLimit } from '../access/rate-limit.ts';
import type { RoleScopes } from '../access/role.ts';
import type { ScopeCatalogue } from '../access/scope.ts';
import type { CredentialType, KeyType } from '../credential/credential-type.ts';
import type { KeyFormat } from '../credential/key-text.ts';
import type { ErrorBodies } from '../errors/error-body.ts';

/**
 * One product's rules, as parsed from `profiles/NAME.json`. The authorizer and the guard enforce all of them alike. A rule that a
 * product does not have is absent, never a special value.
 */
export interface Profile {
  readonly name: string;
  /** Appears in `WWW-Authenticate`, so that a caller with several keys knows which one to send. */
  readonly realm: string;
  readonly presentation: Presentation;
  readonly apiKey: KeyType;
  /** Absent if users have no tokens. */
  readonly personalAccessTokens?: TokenRules;
  /** How often the time of use is stamped. A call that is counted is always stamped. */
  readonly lastUsed: 'every_call' | 'each_minute';
  readonly issuing: { readonly requiresName: boolean; readonly requiresScopes: boolean };
  /** Absent if credentials carry no scopes. Every key may then use the whole product. */
  readonly scopes?: ScopeCatalogue;
  /**
   * The scopes that a member of each role may issue, and the most that their tokens may do. Absent if all members may do the same.
   * If a scope administers, it is always present: by default such scopes are for owners and admins.
   */
  readonly roleScopes?: RoleScopes;
  /** Absent if a workspace may have any number of keys. */
  readonly maxActiveKeys?: number;
  /** Absent if nothing is rate limited. */
  readonly rateLimits?: { readonly defaultPlan: string; readonly plans: Readonly<Record<string, RateLimit>> };
  /** Absent if the errors of the product's API are problem details in Keyward's words. */
  readonly errors?: ErrorBodies;
  /**
   * The product's routes as patterns. If there are scopes, some scope grants each route, and scopes grant no other routes. Empty if
   * the product serves MCP only.
   */
  readonly routes: readonly string[];
  /**
   * Routes that need no credential. They have no authorizer, and their function answers them before any guard, which would refuse
   * everybody.
   */
  readonly publicRoutes: readonly string[];
  /** Absent if the product does not serve MCP. */
  readonly mcp?: McpRules;
  /** Whether a key acts with its creator's role. Every key then needs a creator. */
  readonly inheritsRole: boolean;
}

/** The rules for users' tokens, which work in every workspace of their user. */
export interface TokenRules {
  readonly format: KeyFormat;
  /** The header in which a request names its workspace. Lower case. A key may name its own workspace in it, and no other. */
  readonly workspaceHeader: string;
}

/** How the product serves the Model Context Protocol. Its tools are actions, which scopes grant. */
export interface McpRules {
  /** The path that clients POST to. */
  readonly path: string;
  /**
   * `authorizer`: the authorizer verifies the credential, and already refuses a tool by the headers of 2026-07-28. The guard behind
   * it decides by the message. `guard`: the function's guard does everything.
   */
  readonly verifiedBy: 'guard' | 'authorizer';
  /** All tools. Absent if the profile does not list them: then every name that a scope grants is a tool. */
  readonly tools?: readonly string[];
  /** Methods that need no credential. Empty behind an authorizer, which lets nobody through without one. */
  readonly publicMethods: readonly string[];
  /** The JSON-RPC code in the answer to a missing or bad credential. Its HTTP status is 401. */
  readonly unauthorizedCode: number;
  /** The product's own words for a credential that does not verify; absent for Keyward's. */
  readonly wording?: McpWording;
}

/**
 * The messages for a credential that does not verify, always with {@link McpRules.unauthorizedCode} and without `data`. A caller who
 * does not hold the secret learns only that the key is invalid.
 */
export interface McpWording {
  /** No credential was sent. */
  readonly missing: string;
  /** All other refusals: malformed, unknown, revoked, disabled, from a wrong network. */
  readonly invalid: string;
  /** Told only to callers who hold the secret. */
  readonly expired: string;
  /** The verification failed. The HTTP status is 500. */
  readonly fault: string;
}

/** Where callers put their credential. */
export type Presentation =
  | { readonly kind: 'bearer' }
  | { readonly kind: 'header' /** Lower case. */; readonly header: string };

/** Every kind of credential that the product's API accepts. */
export function credentialTypesOf(profile: Profile): readonly CredentialType[] {
  const { apiKey, personalAccessTokens: tokens, scopes: catalogue, roleScopes } = profile;
  if (tokens === undefined) return [apiKey];
  const { format } = tokens;
  return [
    apiKey,
    { kind: 'personal_access_token', format, storedAs: 'sha256', bounds: { catalogue, roleScopes } },
  ];
}
