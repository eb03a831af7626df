import { isIdentifier } from '../../../core/credential/identifier.ts';
import { maySee, reachesAll } from '../../../core/management/permission.ts';
import type { Answer, Operation } from '../http/operation.ts';
import { cursorTo, readCredentialPage } from '../http/page.ts';
import { assertPermitted, noSuch } from '../http/refusal.ts';
import { resolveWorkspaceCall, type WorkspaceCall } from '../workspaces/resolve-caller.ts';
import { type KeyOptions, keyIdOf } from './change-key.ts';
import { keyView } from './key-view.ts';

type ReadOptions = Pick<KeyOptions, 'profile' | 'keys' | 'workspaces'>;

/** Shows the key in the path, or a page of the workspace's keys where the path names none. */
export function readKeysOperation(options: ReadOptions): Operation {
  return resolveWorkspaceCall(options, (call) =>
    call.event.pathParameters?.key === undefined ? listKeys(options, call) : showKey(options, call),
  );
}

async function showKey({ profile, keys }: ReadOptions, call: WorkspaceCall): Promise<Answer> {
  const { workspace, caller, now } = call;
  const key = await keys.get({ workspace: workspace.slug, id: keyIdOf(call) });
  if (key === undefined) throw noSuch('key');
  assertPermitted(maySee(caller, key));
  return { status: 200, body: keyView(key, { profile, workspace, now }) };
}

/** A plain member sees only the keys that were issued in their name. */
async function listKeys({ profile, keys }: ReadOptions, call: WorkspaceCall): Promise<Answer> {
  const { workspace, caller, now } = call;
  const page = await keys.list({
    workspace: workspace.slug,
    ...readCredentialPage(call.event, (id) => isIdentifier('key', id)),
    createdBy: reachesAll(caller) ? undefined : (caller.user ?? undefined),
    now,
  });
  const shown = page.keys.map((key) => keyView(key, { profile, workspace, now }));
  return { status: 200, body: { keys: shown, next_cursor: cursorTo(page.next) } };
}
