import { isIdentifier } from '../../../core/credential/identifier.ts';
import { tokenView } from '../http/key-view.ts';
import { managementHandler } from '../http/management-handler.ts';
import { missingThing } from '../http/missing-thing.ts';
import { cursorTo, readCredentialPage } from '../http/page.ts';
import { tokenStore } from '../stores.ts';
import { addressedUser } from './addressed-user.ts';

/** To an operator, a user who has no tokens and is in no workspace does not exist; to themselves everybody does. */
export const handler = managementHandler(async (call) => {
  const userId = addressedUser(call);
  const { event, now } = call;
  const asked = readCredentialPage(event, (id) => isIdentifier('pat', id));
  const listed = await tokenStore.list({ userId, ...asked, now });
  if (listed.kind === 'unknown_user' && call.caller.kind !== 'signed_in') throw missingThing('user');
  const { tokens, next } = listed.kind === 'unknown_user' ? { tokens: [], next: null } : listed;
  const shown = tokens.map((token) => tokenView(token, now));
  return { status: 200, body: { tokens: shown, next_cursor: cursorTo(next) } };
});
