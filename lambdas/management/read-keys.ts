import { KEY_STATUSES, type KeyStatus } from '../../core/api-key.ts';
import { isIdentifier } from '../../core/identifier.ts';
import { mayReach, reachesAll } from '../../core/permission.ts';
import { invalidRequest, notFound } from '../http/problem.ts';
import { type Addressed, addressedKeyId, addressedWorkspace, assertPermitted } from './addressed.ts';
import { keyView } from './key-view.ts';
import { type Answer, type ManagementCall, managementHandler } from './management-handler.ts';
import { keyStore, workspaceStore } from './stores.ts';

const LONGEST_PAGE = 100;
const DEFAULT_PAGE = 50;

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
  const after = readCursor(cursor);
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
      next_cursor: page.next === null ? null : Buffer.from(page.next).toString('base64url'),
    },
  };
}

function readLimit(text: string | undefined): number {
  if (text === undefined) return DEFAULT_PAGE;
  const limit = Number(text);
  if (!/^\d{1,3}$/.test(text) || limit < 1 || limit > LONGEST_PAGE) {
    throw invalidRequest('limit', `a whole number from 1 to ${LONGEST_PAGE}`);
  }
  return limit;
}

/**
 * A cursor is the id of the last key shown. It is looked up in the workspace of the path alone, so one from elsewhere
 * leads nowhere.
 */
function readCursor(text: string | undefined): string | undefined {
  if (text === undefined) return undefined;
  const id = Buffer.from(text, 'base64url').toString('utf8');
  if (!isIdentifier('key', id)) throw invalidRequest('cursor', 'a next_cursor from an earlier page');
  return id;
}

function readStatus(text: string): KeyStatus {
  const status = KEY_STATUSES.find((known) => known === text);
  if (status === undefined) throw invalidRequest('status', `one of ${KEY_STATUSES.join(', ')}`);
  return status;
}
