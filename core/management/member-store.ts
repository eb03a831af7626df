import type { Role } from '../access/role.ts';
import type { AuditEvent } from '../audit/audit-event.ts';
import type { Profile } from '../profile/profile.ts';
import type { Member } from './workspace-store.ts';

/** The credentials that hold a copy of a member's role. A change of the role has to reach them. */
export type RoleCopies = readonly ('keys' | 'tokens')[];

export function roleCopiesOf({ inheritsRole, personalAccessTokens }: Profile): RoleCopies {
  return [
    ...(inheritsRole ? (['keys'] as const) : []),
    ...(personalAccessTokens ? (['tokens'] as const) : []),
  ];
}

/**
 * What managing members asks of a store. A change reaches every credential of the member before it is answered. It survives a
 * crash at any point: a retry or the sweeper completes it, and no credential is ever left more powerful than its member. Reads are
 * strongly consistent.
 * @throws {Unavailable} when the store cannot finish now; nothing has been reported done.
 */
export interface MemberStore {
  list(query: MemberQuery): Promise<MemberPage>;
  /** Adds a member, or changes the role and the name of one who is still as they were at the decision. */
  put(change: MemberChange & MemberFields): Promise<PutMemberOutcome>;
  /** Ends a membership and its credentials. For a user who is not a member, it goes on with a removal that was left half done. */
  remove(change: MemberChange & { readonly keys: 'revoke' | 'keep' }): Promise<RemoveMemberOutcome>;
  /** Gets the remains of a user's earlier membership. */
  getFormerMembership(workspace: string, userId: string): Promise<FormerMembership>;
  /** @returns the slugs of the workspaces that a user is in. */
  listWorkspacesOf(userId: string): Promise<readonly string[]>;
}

export interface FormerMembership {
  /** When the user was removed, in Unix seconds; `null` for a member, and for a user who never was one. */
  readonly removedAt: number | null;
  /** Grows with every change; 0 for a user who never was a member. */
  readonly version: number;
}

export interface MemberFields {
  readonly role: Role;
  /**
   * `null` for no name. A name changes no version: what was decided on a member's role stays right.
   * @default the name that they have
   */
  readonly name?: string | null | undefined;
}

export interface MemberChange {
  readonly workspace: string;
  readonly userId: string;
  /** The member as they were when the change was decided; `null` for a user who was not a member. */
  readonly decidedOn: Member | null;
  /**
   * The version of their earlier membership at the decision.
   * @default any version
   */
  readonly formerVersion?: number | undefined;
  readonly changeId: string;
  /** The member who asks, who must be as they were; `null` for a management key, and for members who change themselves. */
  readonly caller: { readonly userId: string; readonly version: number } | null;
  /** Unix seconds. */
  readonly now: number;
  readonly event: AuditEvent;
}

/** `last_owner`: the workspace would be left without an owner. `conflict`: the member or the caller has changed since the decision; decide again. */
export type PutMemberOutcome =
  | { readonly kind: 'added' | 'changed'; readonly member: Member }
  | { readonly kind: 'conflict' | 'last_owner' };

export type RemoveMemberOutcome =
  | ({ readonly kind: 'removed' } & KeysOfRemoved)
  | { readonly kind: 'conflict' | 'last_owner' }
  | { readonly kind: 'no_member' };

/** The ids of a removed member's keys, newest first. Keys that had ended before are in neither list. */
export interface KeysOfRemoved {
  readonly revoked: readonly string[];
  readonly kept: readonly string[];
}

export interface MemberQuery {
  readonly workspace: string;
  readonly limit: number;
  /** The user after whom the page starts. */
  readonly after?: string | undefined;
}

export interface MemberPage {
  readonly members: readonly Member[];
  /** The user to continue after; `null` at the end. */
  readonly next: string | null;
}
