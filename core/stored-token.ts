import type { Role } from './role.ts';
import type { Scopes } from './scope.ts';

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
