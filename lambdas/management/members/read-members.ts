import { canNameUser } from '../../../core/access/identity.ts';
import { memberView } from '../http/key-view.ts';
import { managementHandler } from '../http/management-handler.ts';
import { cursorTo, readPage } from '../http/page.ts';
import { memberStore, workspaceStore } from '../stores.ts';
import { addressedWorkspace } from '../workspaces/addressed.ts';

export const handler = managementHandler(async (call) => {
  const { workspace } = await addressedWorkspace(workspaceStore, call);
  const { members, next } = await memberStore.list({
    workspace: workspace.slug,
    ...readPage(call.event, canNameUser),
  });
  return { status: 200, body: { members: members.map(memberView), next_cursor: cursorTo(next) } };
});
