import * as v from 'valibot';
import { role } from '../http/field.ts';
import { flushingHandler } from '../http/flushing-handler.ts';
import { memberView } from '../http/key-view.ts';
import { readBody } from '../http/request-body.ts';
import { memberStore, workspaceStore } from '../stores.ts';
import { addressedWorkspace } from '../workspaces/addressed.ts';
import { changedMember } from './changed-member.ts';

const memberBody = v.strictObject({ role });

export const handler = flushingHandler(async (call) => {
  // A stranger learns nothing here, not even that their body was wrong.
  await addressedWorkspace(workspaceStore, call);
  const body = readBody(call.event, memberBody);
  const outcome = await changedMember(call, body.role, (asked) =>
    memberStore.put({ ...asked, role: body.role }),
  );
  return { status: outcome.kind === 'added' ? 201 : 200, body: memberView(outcome.member) };
});
