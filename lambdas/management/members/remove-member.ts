import * as v from 'valibot';
import { roleCopiesOf } from '../../../core/management/member-store.ts';
import { profile } from '../../profile.ts';
import { flushingHandler } from '../http/flushing-handler.ts';
import { pathParameter } from '../http/management-handler.ts';
import { missingThing } from '../http/missing-thing.ts';
import { readOptionalBody } from '../http/request-body.ts';
import { memberStore } from '../stores.ts';
import { changedMember } from './changed-member.ts';

/** Keys that act with a member's power end with it; elsewhere they belong to the workspace, and stay. */
const KEYS = roleCopiesOf(profile).length > 0 ? 'revoke' : 'keep';

export const handler = flushingHandler(async (call) => {
  readOptionalBody(call.event, v.strictObject({}));
  const outcome = await changedMember(call, 'none', (asked) => memberStore.remove({ ...asked, keys: KEYS }));
  if (outcome.kind === 'no_member') throw missingThing('member');
  const { revoked, kept } = outcome;
  return { status: 200, body: { user_id: pathParameter(call, 'user_id'), revoked, kept } };
});
