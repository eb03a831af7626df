import * as v from 'valibot';
import { canNameUser } from '../../../core/access/identity.ts';
import { isIdentifier } from '../../../core/credential/identifier.ts';
import type { Profile } from '../../../core/profile/profile.ts';
import { forbidden } from '../../http/problem.ts';
import { invalidUserId, userIdField } from '../http/field.ts';
import { type ManagementCall, pathParameter } from '../http/operation.ts';
import { noSuch } from '../http/refusal.ts';

/** On these routes a call is about its own caller. */
const ME = '/v1/me/';

/**
 * The user whose tokens a call is about: the caller, or the user whom an operator names.
 * @throws {ProblemError} 403 on the routes under `/v1/me` for a caller who is not a user, such as a management key. 404 for a
 * text that cannot be a user's id.
 */
export function tokenUserOf(call: ManagementCall): string {
  const user = namedUser(call);
  if (!canNameUser(user)) throw noSuch('user');
  return user;
}

/**
 * As {@link tokenUserOf}, for a user who is to get a token.
 * @throws {ProblemError} 403, or 400 for a text that cannot be a user's id.
 */
export function newHolderOf(call: ManagementCall, profile: Profile): string {
  const user = namedUser(call);
  if (!v.is(userIdField(profile), user)) throw invalidUserId();
  return user;
}

function namedUser(call: ManagementCall): string {
  if (!call.event.resource.startsWith(ME)) return pathParameter(call, 'user_id');
  if (call.caller.kind !== 'signed_in')
    throw forbidden('Only somebody who has signed in has tokens of their own.');
  return call.caller.user;
}

/** @throws {ProblemError} 404 for a text that cannot be a token's id. It is not looked up. */
export function tokenIdOf(call: ManagementCall): string {
  const id = pathParameter(call, 'token');
  if (!isIdentifier('pat', id)) throw noSuch('token');
  return id;
}
