import type { RateLimit } from '../access/rate-limit.ts';
import type { RoleScopes } from '../access/role.ts';
import type { ScopeCatalogue } from '../access/scope.ts';
import type { CredentialType, KeyType } from '../credential/credential-type.ts';
import type { KeyFormat } from '../credential/key-text.ts';
import type { ErrorBodies } from '../errors/error-body.ts';

/**
 * One product's rules, as parsed from `profiles/NAME.json`. Everything that can be said here is enforced, by authorizer
 * and guard alike; whatever a product does not have is absent, never a special value.
 */
export interface Profile {
  readonly name: string;
  /** Appears in `WWW-Authenticate`, so that a caller with several keys knows which one is asked for. */
  readonly realm: string;
  readonly presentation: Presentation;
  readonly apiKey: KeyType;
  /** Absent where users have no tokens of their own. */
  readonly personalAccessTokens?: TokenRules;
  /** How often the time of use is noted. Where calls are counted, it is noted with each of them anyway. */
  readonly lastUsed: 'every_call' | 'each_minute';
  readonly issuing: { readonly requiresName: boolean; readonly requiresScopes: boolean };
  /** Absent where credentials carry no scopes: every key may then do all that the product offers. */
  readonly scopes?: ScopeCatalogue;
  /**
   * What a member of each role may issue, and what their tokens may do at most. Absent where members do not differ; where a scope
   * administers it never is, since a profile that does not say leaves such scopes to owners and admins.
   */
  readonly roleScopes?: RoleScopes;
  /** Absent where a workspace may have any number of keys. */
  readonly maxActiveKeys?: number;
  /** Absent where nothing is rate limited. */
  readonly rateLimits?: { readonly defaultPlan: string; readonly plans: Readonly<Record<string, RateLimit>> };
  /** Absent where the errors of the product's API are problem details in Keyward's words. */
  readonly errors?: ErrorBodies;
  /**
   * The product's routes as patterns. Where there are scopes, each route is granted by one, and scopes grant no others. Empty
   * where it serves MCP only.
   */
  readonly routes: readonly string[];
  /**
   * Routes that need no credential. They are deployed without an authorizer, and their function answers them before any guard,
   * which would let nobody through.
   */
  readonly publicRoutes: readonly string[];
  /** Absent where the product serves no MCP. */
  readonly mcp?: McpRules;
  /** A key acts with the role of the member in whose name it was issued, so it is issued in somebody's name. */
  readonly inheritsRole: boolean;
}

/** Tokens of users, which work in every workspace of theirs. */
export interface TokenRules {
  readonly format: KeyFormat;
  /** The header in which a request names its workspace. Lower case. Keys may name theirs in it, and no other. */
  readonly workspaceHeader: string;
}

/** How the product serves the Model Context Protocol. Its tools are actions, which scopes grant. */
export interface McpRules {
  /** The path that is posted to. */
  readonly path: string;
  /**
   * `authorizer`: the credential is verified in front of the function, and a tool that the headers of 2026-07-28 name is
   * refused there already; the guard behind it decides by the message. `guard`: the function's guard does everything.
   */
  readonly verifiedBy: 'guard' | 'authorizer';
  /** Every tool there is. Absent where the profile does not say, and a tool is whatever a scope grants. */
  readonly tools?: readonly string[];
  /** Methods that are answered without a credential. Empty behind an authorizer, which lets nobody through without. */
  readonly publicMethods: readonly string[];
  /** The JSON-RPC code of the error that a missing or bad credential is answered with, beside HTTP's 401. */
  readonly unauthorizedCode: number;
  /** The product's own words where a credential does not verify; absent for Keyward's. */
  readonly wording?: McpWording;
}

/**
 * What a caller is told whose credential does not verify, always with {@link McpRules.unauthorizedCode} and without any
 * `data`. Whoever does not hold the secret is told no more than that the key is invalid.
 */
export interface McpWording {
  /** No credential was sent. */
  readonly missing: string;
  /** Everything else that is not said otherwise: malformed, unknown, revoked, disabled, from a wrong network. */
  readonly invalid: string;
  /** Told only to callers who hold the secret. */
  readonly expired: string;
  /** It could not be found out, which is HTTP 500. */
  readonly fault: string;
}

/** Where callers put their credential. */
export type Presentation =
  | { readonly kind: 'bearer' }
  | { readonly kind: 'header' /** Lower case. */; readonly header: string };

/** Every kind of credential that the product's API takes. */
export function credentialTypesOf(profile: Profile): readonly CredentialType[] {
  const { apiKey, personalAccessTokens: tokens, scopes: catalogue, roleScopes } = profile;
  if (tokens === undefined) return [apiKey];
  const { format } = tokens;
  return [
    apiKey,
    { kind: 'personal_access_token', format, storedAs: 'sha256', bounds: { catalogue, roleScopes } },
  ];
}
