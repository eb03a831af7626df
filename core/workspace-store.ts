import type { AuditEvent } from './audit-event.ts';
import type { Member, Workspace } from './workspace.ts';

/** Workspaces and who is in them. Reads are strongly consistent. */
export interface WorkspaceStore {
  create(workspace: Workspace, ownerId: string, event: AuditEvent): Promise<'created' | 'slug_taken'>;
  get(slug: string): Promise<Workspace | undefined>;
  addMember(member: Member, event: AuditEvent): Promise<'added' | 'is_member'>;
  getMember(slug: string, userId: string): Promise<Member | undefined>;
}
