import { addressedWorkspace } from './addressed.ts';
import { workspaceView } from './key-view.ts';
import { managementHandler } from './management-handler.ts';
import { workspaceStore } from './stores.ts';

export const handler = managementHandler(async (call) => {
  const { workspace } = await addressedWorkspace(workspaceStore, call);
  return { status: 200, body: workspaceView(workspace) };
});
