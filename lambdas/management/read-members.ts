import * as v from 'valibot';
import { invalidRequest } from '../http/problem.ts';
import { addressedWorkspace } from './addressed.ts';
import { userId } from './field.ts';
import { memberView } from './key-view.ts';
import { managementHandler } from './management-handler.ts';
import { cursorTo, readCursor, readLimit } from './page.ts';
import { memberStore, workspaceStore } from './stores.ts';

export const handler = managementHandler(async (call) => {
  const { workspace } = await addressedWorkspace(workspaceStore, call);
  const { limit, cursor, ...unknown } = call.event.queryStringParameters ?? {};
  if (Object.keys(unknown).length > 0) throw invalidRequest('query', 'made of limit and cursor');
  const after = readCursor(cursor, (text) => v.is(userId, text));
  const { members, next } = await memberStore.list({
    workspace: workspace.slug,
    limit: readLimit(limit),
    ...(after !== undefined && { after }),
  });
  return { status: 200, body: { members: members.map(memberView), next_cursor: cursorTo(next) } };
});
