import * as v from 'valibot';
import { changedMember } from './changed-member.ts';
import { role } from './field.ts';
import { memberView } from './key-view.ts';
import { managementHandler } from './management-handler.ts';
import { readBody } from './request-body.ts';
import { memberStore } from './stores.ts';

const memberBody = v.strictObject({ role });

export const handler = managementHandler(async (call) => {
  const body = readBody(call.event, memberBody);
  const outcome = await changedMember(call, body.role, (asked) =>
    memberStore.put({ ...asked, role: body.role }),
  );
  return { status: outcome.kind === 'added' ? 201 : 200, body: memberView(outcome.member) };
});
