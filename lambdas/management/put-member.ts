import * as v from 'valibot';
import { addressedWorkspace } from './addressed.ts';
import { changedMember } from './changed-member.ts';
import { role } from './field.ts';
import { flushingHandler } from './flushing-handler.ts';
import { memberView } from './key-view.ts';
import { readBody } from './request-body.ts';
import { memberStore, workspaceStore } from './stores.ts';

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
