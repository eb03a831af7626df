import type { AuditEvent } from '../audit/audit-event.ts';
import type { RateLimit } from '../profile/profile.ts';
import type { CallerInForce } from './key-store.ts';
import type { Member, Workspace } from './workspace.ts';

/**
 * Workspaces and who is in them. Reads are strongly consistent.
 * @throws {Unavailable} when the store cannot finish now; nothing has been reported done.
 */
export interface WorkspaceStore {
  create(workspace: Workspace, ownerId: string, event: AuditEvent): Promise<'created' | 'slug_taken'>;
  get(slug: string): Promise<Workspace | undefined>;
  /**
   * A new plan reaches every key that has no limit of its own before it is answered, and survives a crash at any point: a
   * retry or the sweeper completes it.
   */
  update(change: WorkspaceUpdate): Promise<WorkspaceOutcome>;
  /** `undefined` also for one who is being removed. */
  getMember(slug: string, userId: string): Promise<Member | undefined>;
}

export interface WorkspaceUpdate {
  /** The workspace as it was when the change was decided. */
  readonly workspace: Workspace;
  readonly name: string;
  readonly plan: string | null;
  /** What the plan holds keys to that have no limit of their own; `null` where nothing is limited. */
  readonly planLimit: RateLimit | null;
  readonly changeId: string;
  /** Who asks for it; `null` for a management key. */
  readonly caller: CallerInForce | null;
  /** Unix seconds. */
  readonly now: number;
  readonly event: AuditEvent;
}

/** `conflict`: the workspace is no longer as it was when the change was decided, or the caller is no longer in force; decide again. */
export type WorkspaceOutcome =
  | { readonly kind: 'changed'; readonly workspace: Workspace }
  | { readonly kind: 'conflict' };
