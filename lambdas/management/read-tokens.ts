import { isIdentifier } from '../../core/identifier.ts';
import { tokenStatusOf } from '../../core/personal-access-token.ts';
import { notFound } from '../http/problem.ts';
import { addressedUser } from './addressed-user.ts';
import { tokenView } from './key-view.ts';
import { managementHandler } from './management-handler.ts';
import { cursorTo, readCredentialPage } from './page.ts';
import { tokenStore } from './stores.ts';

/** To an operator, a user who has no tokens and is in no workspace does not exist; to themselves everybody does. */
export const handler = managementHandler(async (call) => {
  const userId = addressedUser(call);
  const { event, now } = call;
  const { status, ...asked } = readCredentialPage(event, (id) => isIdentifier('pat', id));
  const page = await tokenStore.list({ userId, ...asked });
  if (page === undefined && call.caller.kind !== 'signed_in') throw notFound();
  const { tokens, next } = page ?? { tokens: [], next: null };
  return {
    status: 200,
    body: {
      // A page is short where tokens have another status.
      tokens: tokens
        .filter((token) => status === undefined || tokenStatusOf(token, now) === status)
        .map((token) => tokenView(token, now)),
      next_cursor: cursorTo(next),
    },
  };
});
