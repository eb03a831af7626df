import * as v from 'valibot';
import { userLog } from '../../../core/audit/audit-event.ts';
import type { TokenStore } from '../../../core/management/token-store.ts';
import {
  type Answer,
  type Ids,
  type ManagementCall,
  makeChangeEvent,
  type Operation,
} from '../http/operation.ts';
import { noSuch } from '../http/refusal.ts';
import { readOptionalBody } from '../http/request-body.ts';
import { tokenView } from './read-tokens.ts';
import { tokenIdOf, tokenUserOf } from './token-holder.ts';

export interface RevokeTokenOptions {
  readonly tokens: Pick<TokenStore, 'revoke'>;
  readonly ids: Ids;
}

const revokeBody = v.strictObject({});

export function revokeTokenOperation(options: RevokeTokenOptions): Operation {
  return async (call) => {
    readOptionalBody(call.event, revokeBody);
    return revokeTokenOf(options, call, { userId: tokenUserOf(call), id: tokenIdOf(call) });
  };
}

/**
 * Revokes a user's token for good, in every workspace at once, and shows it.
 * @throws {ProblemError} 404 where the user has no such token.
 */
export async function revokeTokenOf(
  { tokens, ids }: RevokeTokenOptions,
  call: ManagementCall,
  { userId, id }: { readonly userId: string; readonly id: string },
): Promise<Answer> {
  const outcome = await tokens.revoke({
    userId,
    id,
    now: call.now,
    event: makeChangeEvent(call, { ids, type: 'token.revoked', workspace: userLog(userId), keyId: id }),
  });
  if (outcome.kind === 'not_found') throw noSuch('token');
  return { status: 200, body: tokenView(outcome.token, call.now) };
}
