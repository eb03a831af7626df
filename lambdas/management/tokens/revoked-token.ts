import { userLog } from '../../../core/audit/audit-event.ts';
import { tokenView } from '../http/key-view.ts';
import { type Answer, auditEvent, type ManagementCall } from '../http/management-handler.ts';
import { missingThing } from '../http/missing-thing.ts';
import { tokenStore } from '../stores.ts';

/**
 * Revokes a token for good, in every workspace at once, and shows it.
 * @throws {ProblemError} 404 where the user has no such token.
 */
export async function revokedToken(
  call: ManagementCall,
  { userId, id }: { readonly userId: string; readonly id: string },
): Promise<Answer> {
  const outcome = await tokenStore.revoke({
    userId,
    id,
    now: call.now,
    event: auditEvent(call, 'token.revoked', { workspace: userLog(userId), keyId: id }),
  });
  if (outcome.kind === 'not_found') throw missingThing('token');
  return { status: 200, body: tokenView(outcome.token, call.now) };
}
