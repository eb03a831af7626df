import type { ApiKey } from '../../../core/credential/api-key.ts';
import { Contended } from '../../../core/errors/fault.ts';
import type { ChangeOutcome } from '../../../core/management/key-store.ts';
import type { ManagementCall } from '../http/management-handler.ts';
import { missingThing } from '../http/missing-thing.ts';
import { keyStore } from '../stores.ts';
import { type Addressed, addressedKeyId, callerEnded } from '../workspaces/addressed.ts';

/**
 * Decides a change on the newest state of the key that the call names, and makes it only if the key is still so. What is
 * refused, is refused on a state that was current.
 * @throws {Contended} when the key, or the caller, was changed in between.
 */
export async function changedKey(
  call: ManagementCall,
  addressed: Addressed,
  change: (key: ApiKey) => Promise<ChangeOutcome>,
): Promise<ApiKey> {
  const address = { workspace: addressed.workspace.slug, id: addressedKeyId(call) };
  const settled = await keyStore.finishPendingChange(address);
  if (settled.kind === 'not_found') throw missingThing('key');
  const outcome = await change(settled.key);
  if (outcome.kind === 'changed') return outcome.key;
  if (outcome.kind === 'caller_ended') throw callerEnded(addressed);
  throw new Contended('The key was changed in between.');
}
