import * as v from 'valibot';
import { mayRevoke, reachesAll } from '../../../core/management/permission.ts';
import type { TokenStore } from '../../../core/management/token-store.ts';
import type { Workspace } from '../../../core/management/workspace-store.ts';
import { forbidden, notFoundToStranger } from '../../http/problem.ts';
import { type Answer, type ManagementCall, makeChangeEvent, type Operation } from '../http/operation.ts';
import { assertPermitted, noSuch } from '../http/refusal.ts';
import { readOptionalBody } from '../http/request-body.ts';
import { revokeTokenOf } from '../tokens/tokens.ts';
import { resolveWorkspaceCall, type WorkspaceCall } from '../workspaces/resolve-caller.ts';
import { type KeyOptions, keyIdOf } from './change-key.ts';
import { keyView } from './read-keys.ts';

const SELF = '/v1/keys/self/revoke';

export const revokeBody = v.strictObject({});

export interface RevokeOptions extends KeyOptions {
  readonly tokens: Pick<TokenStore, 'revoke'>;
}

/** Revokes the key in the path, or on the route of one's own the credential that calls: a key or a token. */
export function revokeKeyOperation(options: RevokeOptions): Operation {
  const revokeNamed = resolveWorkspaceCall(options, (call) => revokeNamedKey(options, call));
  return async (call) => {
    readOptionalBody(call.event, revokeBody);
    const { caller } = call;
    if (caller.kind === 'personal_access_token' && caller.user !== null)
      return revokeTokenOf(options, call, { userId: caller.user, id: caller.credentialId });
    return call.event.resource === SELF ? revokeOwnKey(options, call) : revokeNamed(call);
  };
}

async function revokeNamedKey(options: RevokeOptions, call: WorkspaceCall): Promise<Answer> {
  const { workspace, caller } = call;
  const id = keyIdOf(call);
  // Whose key it is matters only for a caller who does not reach everybody's keys.
  if (!reachesAll(caller)) {
    const key = await options.keys.get({ workspace: workspace.slug, id });
    if (key === undefined) throw noSuch('key');
    assertPermitted(mayRevoke(caller, key));
  }
  return revoke(options, call, { workspace, id });
}

/** The holder of a key may revoke it from anywhere, even a disabled one: so can somebody who finds a leaked key. */
async function revokeOwnKey(options: RevokeOptions, call: ManagementCall): Promise<Answer> {
  const { caller } = call;
  if (caller.kind === 'signed_in' || caller.workspace === null)
    throw forbidden("A management key is revoked on the command line, under the operator's AWS credentials.");
  const workspace = await options.workspaces.get(caller.workspace);
  if (workspace === undefined) throw notFoundToStranger();
  return revoke(options, call, { workspace, id: caller.credentialId });
}

async function revoke(
  { profile, keys, ids }: RevokeOptions,
  call: ManagementCall,
  { workspace, id }: { readonly workspace: Workspace; readonly id: string },
): Promise<Answer> {
  const outcome = await keys.revoke({
    address: { workspace: workspace.slug, id },
    changeId: ids.newId('chg'),
    now: call.now,
    event: makeChangeEvent(call, { ids, type: 'key.revoked', workspace: workspace.slug, keyId: id }),
  });
  if (outcome.kind === 'not_found') throw noSuch('key');
  return { status: 200, body: keyView(outcome.key, { profile, workspace, now: call.now }) };
}
