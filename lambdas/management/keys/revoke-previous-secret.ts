import { livePreviousSecret } from '../../../core/credential/credential.ts';
import { mayRotate } from '../../../core/management/permission.ts';
import { planLimitOf } from '../../../core/management/workspace-store.ts';
import { makeChangeEvent, type Operation } from '../http/operation.ts';
import { assertPermitted } from '../http/refusal.ts';
import { readOptionalBody } from '../http/request-body.ts';
import { timeView } from '../http/view.ts';
import { resolveWorkspaceCall } from '../workspaces/resolve-caller.ts';
import { changeKey, issuerOf, type KeyOptions } from './change-key.ts';
import { keyView } from './read-keys.ts';
import { revokeBody } from './revoke-key.ts';

/**
 * Revokes the older secret of a key before its rotation ends it. It needs the rights of a rotation. Where no older secret works, nothing is left
 * to do, and the answer is the same.
 */
export function revokePreviousSecretOperation(options: KeyOptions): Operation {
  const { profile, keys, ids } = options;
  return resolveWorkspaceCall(options, async (call) => {
    const { workspace, caller, inForce, now } = call;
    readOptionalBody(call.event, revokeBody);
    const key = await changeKey(options, call, async (before) => {
      const issuer = await issuerOf(options, call);
      const planLimit = planLimitOf(profile, workspace.plan);
      assertPermitted(mayRotate(profile, caller, { key: before, issuer, planLimit }));
      const previous = livePreviousSecret(before, now);
      if (previous === null) return { kind: 'changed', key: before };
      return keys.revokePreviousSecret({
        key: before,
        changeId: ids.newId('chg'),
        caller: inForce,
        now,
        event: makeChangeEvent(call, {
          ids,
          type: 'key.previous_secret_revoked',
          workspace: workspace.slug,
          keyId: before.id,
          before: { older_secret_ends_at: timeView(previous.endsAt) },
          after: { older_secret_ends_at: timeView(now) },
        }),
      });
    });
    return { status: 200, body: keyView(key, { profile, workspace, now }) };
  });
}
