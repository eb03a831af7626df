import { workspaceView } from '../http/key-view.ts';
import { managementHandler } from '../http/management-handler.ts';
import { workspaceStore } from '../stores.ts';
import { addressedWorkspace } from './addressed.ts';

export const handler = managementHandler(async (call) => {
  const { workspace } = await addressedWorkspace(workspaceStore, call);
  return { status: 200, body: workspaceView(workspace) };
});
