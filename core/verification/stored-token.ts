import type { Role } from '../access/role.ts';
import type { Scopes } from '../access/scope.ts';
import type { SecretLocator } from '../credential/secret-locator.ts';

/** What the store remembers of one personal access token: only what a verdict in one workspace needs. */
export interface StoredToken {
  readonly credentialId: string;
  readonly user: string;
  /** The token's own; what its user's role holds bounds them. */
  readonly scopes: Scopes;
  /** The highest role it acts with. */
  readonly ceiling: Role;
  readonly state: 'active' | 'revoked';
  /** Unix seconds; `null` for none. */
  readonly expiresAt: number | null;
  /** Unix seconds; `null` for never. */
  readonly lastUsedAt: number | null;
  /** Its user's role in the workspace that was asked about; `null` where they are no member, or none was named. */
  readonly membership: Role | null;
}

/** What verification asks of a store about tokens. Each method is one operation, strongly consistent; faults are thrown. */
export interface TokenSource {
  /**
   * A personal access token, and its user's membership in one workspace.
   * @param slug `null` where none was named that could be looked up.
   */
  find(locator: SecretLocator, slug: string | null): Promise<StoredToken | undefined>;
  /** Notes when a token was last used; a token that is gone stays gone. */
  stamp(locator: SecretLocator, now: number): Promise<void>;
}
