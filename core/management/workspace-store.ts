import type { RateLimit } from '../access/rate-limit.ts';
import { lowerRole, type Role } from '../access/role.ts';
import type { AuditEvent } from '../audit/audit-event.ts';
import type { Profile } from '../profile/profile.ts';
import type { IdempotentRequest } from './idempotency.ts';
import type { CallerInForce } from './key-store.ts';

/**
 * Workspaces and who is in them. Reads are strongly consistent.
 * @throws {Unavailable} when the store cannot finish now; nothing has been reported done.
 */
export interface WorkspaceStore {
  create(asked: NewWorkspace): Promise<CreateWorkspaceOutcome>;
  get(slug: string): Promise<Workspace | undefined>;
  /**
   * A new plan reaches every key without a limit of its own before it is answered. It survives a crash at any point: a retry or
   * the sweeper completes it.
   */
  update(change: WorkspaceUpdate): Promise<WorkspaceOutcome>;
  /** `undefined` also for a member who is being removed. */
  getMember(slug: string, userId: string): Promise<Member | undefined>;
}

export interface NewWorkspace {
  readonly workspace: Workspace;
  /** The user who becomes its owner. */
  readonly ownerId: string;
  /** @default none */
  readonly ownerName?: string | undefined;
  /** Absent if the call has no `Idempotency-Key`. */
  readonly request?: IdempotentRequest | undefined;
  readonly event: AuditEvent;
}

/** `request_taken`: another call with the same `Idempotency-Key` was faster. */
export interface CreateWorkspaceOutcome {
  readonly kind: 'created' | 'slug_taken' | 'request_taken';
}

export interface WorkspaceUpdate {
  /** The workspace as it was when the change was decided. */
  readonly workspace: Workspace;
  readonly name: string;
  readonly plan: string | null;
  /** The plan's limit, for keys without a limit of their own; `null` if nothing is limited. */
  readonly planLimit: RateLimit | null;
  readonly changeId: string;
  /** Who asks for it; `null` for a management key. */
  readonly caller: CallerInForce | null;
  /** Unix seconds. */
  readonly now: number;
  readonly event: AuditEvent;
}

/** `conflict`: the workspace has changed since the decision, or the caller is no longer in force; decide again. */
export type WorkspaceOutcome =
  | { readonly kind: 'changed'; readonly workspace: Workspace }
  | { readonly kind: 'conflict' };

/** A tenant. Its slug never changes, and no other workspace ever gets it. */
export interface Workspace {
  readonly slug: string;
  readonly name: string;
  /** One of the profile's plans; `null` if the profile has none. */
  readonly plan: string | null;
  /** Unix seconds. */
  readonly createdAt: number;
  /** Grows with every change. If plans limit keys, issuing requires the version that the decision was based on. */
  readonly version: number;
}

export interface Member {
  readonly workspace: string;
  readonly userId: string;
  /** What the workspace calls them; absent where nobody has named them. It proves nothing: others may have the same name. */
  readonly name?: string;
  readonly role: Role;
  /** The role that they are being lowered to; absent otherwise. A user who is being removed is not a member any more. */
  readonly pendingRole?: Role;
  /** Unix seconds. */
  readonly createdAt: number;
  /** Grows with every change. Issuing in a member's name requires the version that the decision was based on. */
  readonly version: number;
}

/** The role that a member has now. While they are being lowered, it is the lower of the old and the new one. */
export function roleOf({ role, pendingRole = role }: Member): Role {
  return lowerRole(role, pendingRole);
}

/** The limit of a plan, for keys without a limit of their own; `null` if nothing is limited. */
export function planLimitOf({ rateLimits }: Profile, plan: string | null): RateLimit | null {
  if (rateLimits === undefined) return null;
  const { plans, defaultPlan } = rateLimits;
  return plans[plan ?? defaultPlan] ?? plans[defaultPlan] ?? null;
}
