import { canNameUser } from '../../core/access/identity.ts';
import { addressedWorkspace } from './addressed.ts';
import { memberView } from './key-view.ts';
import { managementHandler } from './management-handler.ts';
import { cursorTo, readPage } from './page.ts';
import { memberStore, workspaceStore } from './stores.ts';

export const handler = managementHandler(async (call) => {
  const { workspace } = await addressedWorkspace(workspaceStore, call);
  const { members, next } = await memberStore.list({
    workspace: workspace.slug,
    ...readPage(call.event, canNameUser),
  });
  return { status: 200, body: { members: members.map(memberView), next_cursor: cursorTo(next) } };
});
