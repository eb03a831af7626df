import { addressedWorkspace } from './addressed.ts';
import { workspaceView } from './key-view.ts';
import { managementHandler } from './management-handler.ts';
import { workspaceStore } from './stores.ts';

export const handler = managementHandler(async (call) => ({
  status: 200,
  body: workspaceView(await addressedWorkspace(workspaceStore, call)),
}));
