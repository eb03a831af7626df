import { canNameUser } from '../../../core/access/identity.ts';
import type { MemberStore } from '../../../core/management/member-store.ts';
import { type Member, roleOf } from '../../../core/management/workspace-store.ts';
import type { Operation } from '../http/operation.ts';
import { cursorTo, readPage } from '../http/page.ts';
import { timeView } from '../http/view.ts';
import { inWorkspace, type WorkspaceOptions } from '../workspaces/resolve-caller.ts';

export interface ReadMembersOptions extends WorkspaceOptions {
  readonly members: Pick<MemberStore, 'list'>;
}

export function readMembers(options: ReadMembersOptions): Operation {
  return inWorkspace(options, async ({ event, workspace }) => {
    const asked = readPage(event, canNameUser);
    const { members, next } = await options.members.list({ workspace: workspace.slug, ...asked });
    return { status: 200, body: { members: members.map(memberView), next_cursor: cursorTo(next) } };
  });
}

/** A member as the API shows them. While their role is being lowered, it is shown as the lower one already. */
export function memberView(member: Member) {
  const { userId, createdAt } = member;
  return { user_id: userId, role: roleOf(member), created_at: timeView(createdAt) };
}
