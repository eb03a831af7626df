import type { KeyFormat } from './key-text.ts';
import type { Role } from './role.ts';
import type { ScopeCatalogue, Scopes } from './scope.ts';

/**
 * One product's rules, as parsed from `profiles/NAME.json`. Everything that can be said here is enforced, by authorizer
 * and guard alike; whatever a product does not have is absent, never a special value.
 */
export interface Profile {
  readonly name: string;
  /** Appears in `WWW-Authenticate`, so that a caller with several keys knows which one is asked for. */
  readonly realm: string;
  readonly presentation: Presentation;
  readonly apiKey: KeyFormat;
  readonly issuing: { readonly requiresName: boolean; readonly requiresScopes: boolean };
  /** Absent where credentials carry no scopes: every key may then do all that the product offers. */
  readonly scopes?: ScopeCatalogue;
  /** What a member of each role may issue. Absent where members do not differ. */
  readonly roleScopes?: Readonly<Record<Role, Scopes>>;
  /** Absent where a workspace may have any number of keys. */
  readonly maxActiveKeys?: number;
  /** Absent where nothing is rate limited. */
  readonly rateLimits?: { readonly defaultPlan: string; readonly plans: Readonly<Record<string, RateLimit>> };
  /** The product's routes as patterns. Where there are scopes, each route is granted by one, and scopes grant no others. */
  readonly routes: readonly string[];
}

/** Where callers put their credential. */
export type Presentation =
  | { readonly kind: 'bearer' }
  | { readonly kind: 'header' /** Lower case. */; readonly header: string };

/** At most `limit` calls in each window; windows are aligned to the Unix epoch. */
export interface RateLimit {
  readonly limit: number;
  readonly windowSeconds: number;
}

export const LONGEST_WINDOW_SECONDS = 86_400;
export const HIGHEST_LIMIT = 1_000_000;

/** The action that a scope must grant for a key to administer keys through the management API. */
export const ADMINISTER = 'keyward.administer';
