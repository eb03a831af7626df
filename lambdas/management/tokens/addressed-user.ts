import * as v from 'valibot';
import { canNameUser } from '../../../core/access/identity.ts';
import { isIdentifier } from '../../../core/credential/identifier.ts';
import { forbidden } from '../../http/problem.ts';
import { invalidUserId, userId as newUserId } from '../http/field.ts';
import { type ManagementCall, pathParameter } from '../http/management-handler.ts';
import { missingThing } from '../http/missing-thing.ts';

/** Under here a call is about its own caller. */
const ME = '/v1/me/';

/**
 * The user whose tokens a call is about: the caller's own, or those of the user whom an operator names.
 * @throws {ProblemError} 403 for who is nobody's user, such as a management key on the routes of one's own; 404 for what
 * can be no user's id.
 */
export function addressedUser(call: ManagementCall): string {
  const userId = namedUser(call);
  if (!canNameUser(userId)) throw missingThing('user');
  return userId;
}

/**
 * As {@link addressedUser}, for who is to get a token.
 * @throws {ProblemError} 403, or 400 for what can be nobody's id.
 */
export function addressedHolder(call: ManagementCall): string {
  const userId = namedUser(call);
  if (!v.is(newUserId, userId)) throw invalidUserId();
  return userId;
}

function namedUser(call: ManagementCall): string {
  const { caller, event } = call;
  if (event.resource.startsWith(ME)) {
    if (caller.kind !== 'signed_in')
      throw forbidden('Only somebody who has signed in has tokens of their own.');
    return caller.user;
  }
  return pathParameter(call, 'user_id');
}

/** @throws {ProblemError} 404 for what can be no token's id: it is not looked up. */
export function addressedTokenId(call: ManagementCall): string {
  const id = pathParameter(call, 'token');
  if (!isIdentifier('pat', id)) throw missingThing('token');
  return id;
}
