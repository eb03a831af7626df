import type { Role } from '../access/role.ts';
import type { AuditEvent } from '../audit/audit-event.ts';
import type { Profile } from '../profile/profile.ts';
import type { Member } from './workspace-store.ts';

/** Where a member's role is copied to: what a change of it has to reach. */
export type RoleCopies = readonly ('keys' | 'tokens')[];

export function roleCopiesOf({ inheritsRole, personalAccessTokens }: Profile): RoleCopies {
  return [
    ...(inheritsRole ? (['keys'] as const) : []),
    ...(personalAccessTokens ? (['tokens'] as const) : []),
  ];
}

/**
 * What managing members asks of a store. A change reaches every credential of the member before it is answered and
 * survives a crash at any point: a retry or the sweeper completes it, and no credential is ever left more powerful than
 * its member. Reads are strongly consistent.
 * @throws {Unavailable} when the store cannot finish now; nothing has been reported done.
 */
export interface MemberStore {
  list(query: MemberQuery): Promise<MemberPage>;
  /** Adds a member, or changes their role, from what they were when it was decided. */
  put(change: MemberChange & { readonly role: Role }): Promise<PutMemberOutcome>;
  /** Ends a membership, and what hangs on it. For one who was none, it goes on with an ending that was left half done. */
  remove(change: MemberChange & { readonly keys: 'revoke' | 'keep' }): Promise<RemoveMemberOutcome>;
  /** What is left of somebody's earlier membership. */
  getFormerMembership(workspace: string, userId: string): Promise<FormerMembership>;
  /** @returns the slugs of the workspaces that a user is in. */
  listWorkspacesOf(userId: string): Promise<readonly string[]>;
}

export interface FormerMembership {
  /** When they were removed who are no member now, in Unix seconds; `null` for everybody else. */
  readonly removedAt: number | null;
  /** Grows with every change; 0 for one who has never been a member. */
  readonly version: number;
}

export interface MemberChange {
  readonly workspace: string;
  readonly userId: string;
  /** The member as they were when the change was decided; `null` for one who was none. */
  readonly decidedOn: Member | null;
  /**
   * The version that what was left of their earlier membership had then.
   * @default whatever became of one who was no member
   */
  readonly formerVersion?: number | undefined;
  readonly changeId: string;
  /** The member who asks, who has to be what they were; `null` for a management key, or whoever changes themselves. */
  readonly caller: { readonly userId: string; readonly version: number } | null;
  /** Unix seconds. */
  readonly now: number;
  readonly event: AuditEvent;
}

/** `last_owner`: the workspace would be left without one. `conflict`: the member, or the caller, is no longer what they were when it was decided; decide again. */
export type PutMemberOutcome =
  | { readonly kind: 'added' | 'changed'; readonly member: Member }
  | { readonly kind: 'conflict' | 'last_owner' };

export type RemoveMemberOutcome =
  | ({ readonly kind: 'removed' } & KeysOfRemoved)
  | { readonly kind: 'conflict' | 'last_owner' }
  | { readonly kind: 'no_member' };

/** What became of a removed member's keys, by their ids, newest first; those that had ended before are in neither. */
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
