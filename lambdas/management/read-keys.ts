import { KEY_STATUSES, type KeyStatus } from '../../core/api-key.ts';
import { mayReach, reachesAll } from '../../core/permission.ts';
import { invalidRequest, notFound } from '../http/problem.ts';
import { type Addressed, addressedKeyId, addressedWorkspace, assertPermitted } from './addressed.ts';
import { keyView } from './key-view.ts';
import { type Answer, type ManagementCall, managementHandler } from './management-handler.ts';
import { cursorOf, readCursor, readLimit } from './page.ts';
import { keyStore, workspaceStore } from './stores.ts';

export const handler = managementHandler(async (call) => {
  const addressed = await addressedWorkspace(workspaceStore, call);
  return call.event.pathParameters?.key === undefined ? list(call, addressed) : get(call, addressed);
});

async function get(call: ManagementCall, { workspace, caller }: Addressed): Promise<Answer> {
  const key = await keyStore.get({ workspace: workspace.slug, id: addressedKeyId(call) });
  if (key === undefined) throw notFound();
  assertPermitted(mayReach(caller, key));
  return { status: 200, body: keyView(key, workspace, call.now) };
}

async function list(call: ManagementCall, { workspace, caller }: Addressed): Promise<Answer> {
  const { limit, cursor, status, ...unknown } = call.event.queryStringParameters ?? {};
  const [surplus] = Object.keys(unknown);
  if (surplus !== undefined) throw invalidRequest('query', 'made of limit, cursor and status');
  const after = readCursor(cursor, 'key');
  const page = await keyStore.list({
    workspace: workspace.slug,
    limit: readLimit(limit),
    ...(after !== undefined && { after }),
    ...(status !== undefined && { status: readStatus(status) }),
    ...(!reachesAll(caller) && caller.user !== null && { createdBy: caller.user }),
    now: call.now,
  });
  return {
    status: 200,
    body: {
      keys: page.keys.map((key) => keyView(key, workspace, call.now)),
      next_cursor: cursorOf(page.next),
    },
  };
}

function readStatus(text: string): KeyStatus {
  const status = KEY_STATUSES.find((known) => known === text);
  if (status === undefined) throw invalidRequest('status', `one of ${KEY_STATUSES.join(', ')}`);
  return status;
}
