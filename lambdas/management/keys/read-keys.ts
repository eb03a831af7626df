import { isIdentifier } from '../../../core/credential/identifier.ts';
import { mayReach, reachesAll } from '../../../core/management/permission.ts';
import { keyView } from '../http/key-view.ts';
import { type Answer, type ManagementCall, managementHandler } from '../http/management-handler.ts';
import { missingThing } from '../http/missing-thing.ts';
import { cursorTo, readCredentialPage } from '../http/page.ts';
import { keyStore, workspaceStore } from '../stores.ts';
import {
  type Addressed,
  addressedKeyId,
  addressedWorkspace,
  assertPermitted,
} from '../workspaces/addressed.ts';

export const handler = managementHandler(async (call) => {
  const addressed = await addressedWorkspace(workspaceStore, call);
  return call.event.pathParameters?.key === undefined ? list(call, addressed) : get(call, addressed);
});

async function get(call: ManagementCall, { workspace, caller }: Addressed): Promise<Answer> {
  const key = await keyStore.get({ workspace: workspace.slug, id: addressedKeyId(call) });
  if (key === undefined) throw missingThing('key');
  assertPermitted(mayReach(caller, key));
  return { status: 200, body: keyView(key, workspace, call.now) };
}

async function list(call: ManagementCall, { workspace, caller }: Addressed): Promise<Answer> {
  const page = await keyStore.list({
    workspace: workspace.slug,
    ...readCredentialPage(call.event, (id) => isIdentifier('key', id)),
    ...(!reachesAll(caller) && caller.user !== null && { createdBy: caller.user }),
    now: call.now,
  });
  return {
    status: 200,
    body: {
      keys: page.keys.map((key) => keyView(key, workspace, call.now)),
      next_cursor: cursorTo(page.next),
    },
  };
}
