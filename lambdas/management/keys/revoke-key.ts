import * as v from 'valibot';
import { mayReach, reachesAll } from '../../../core/management/permission.ts';
import type { Workspace } from '../../../core/management/workspace-store.ts';
import { newId } from '../../environment.ts';
import { notFound, ProblemError } from '../../http/problem.ts';
import { flushingHandler } from '../http/flushing-handler.ts';
import { keyView } from '../http/key-view.ts';
import { auditEvent, type ManagementCall } from '../http/management-handler.ts';
import { missingThing } from '../http/missing-thing.ts';
import { readOptionalBody } from '../http/request-body.ts';
import { keyStore, workspaceStore } from '../stores.ts';
import { revokedToken } from '../tokens/revoked-token.ts';
import { addressedKeyId, addressedWorkspace, assertPermitted } from '../workspaces/addressed.ts';

const SELF = '/v1/keys/self/revoke';

export const handler = flushingHandler(async (call) => {
  readOptionalBody(call.event, v.strictObject({}));
  const { caller } = call;
  if (caller.kind === 'personal_access_token' && caller.user !== null)
    return revokedToken(call, { userId: caller.user, id: caller.credentialId });
  const { workspace, id } = call.event.resource === SELF ? await ownKey(call) : await namedKey(call);
  const outcome = await keyStore.revoke({
    address: { workspace: workspace.slug, id },
    changeId: newId('chg'),
    now: call.now,
    event: auditEvent(call, 'key.revoked', { workspace: workspace.slug, keyId: id }),
  });
  if (outcome.kind === 'not_found') throw missingThing('key');
  return { status: 200, body: keyView(outcome.key, workspace, call.now) };
});

interface KeyInWorkspace {
  readonly workspace: Workspace;
  readonly id: string;
}

/** Whose key it is matters only to a caller who does not reach everybody's. */
async function namedKey(call: ManagementCall): Promise<KeyInWorkspace> {
  const { workspace, caller } = await addressedWorkspace(workspaceStore, call);
  const id = addressedKeyId(call);
  if (!reachesAll(caller)) {
    const key = await keyStore.get({ workspace: workspace.slug, id });
    if (key === undefined) throw missingThing('key');
    assertPermitted(mayReach(caller, key));
  }
  return { workspace, id };
}

/** Whoever holds a key may end it, from anywhere and though it be disabled: a finder of a leaked one as well. */
async function ownKey({ caller }: ManagementCall): Promise<KeyInWorkspace> {
  if (caller.kind === 'signed_in' || caller.workspace === null) {
    throw new ProblemError({
      status: 403,
      title: 'Forbidden',
      code: 'forbidden',
      detail: "A management key is revoked on the command line, under the operator's AWS credentials.",
    });
  }
  const workspace = await workspaceStore.get(caller.workspace);
  if (workspace === undefined) throw notFound();
  return { workspace, id: caller.credentialId };
}
