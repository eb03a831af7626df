import * as v from 'valibot';
import type { SessionStore } from '../../../core/management/session-store.ts';
import type { WorkspaceStore } from '../../../core/management/workspace-store.ts';
import type { Profile } from '../../../core/profile/profile.ts';
import type { EndedSessionsAnswer } from '../answers/session-answers.ts';
import { knownUserIdField } from '../http/field.ts';
import { type Ids, makeChangeEvent, type Operation } from '../http/operation.ts';
import { noSuch } from '../http/refusal.ts';
import { readBody } from '../http/request-body.ts';
import { slugField } from './create-session.ts';

export interface RevokeSessionsOptions {
  readonly profile: Profile;
  readonly workspaces: Pick<WorkspaceStore, 'get'>;
  readonly sessions: Pick<SessionStore, 'endAll'>;
  readonly ids: Ids;
}

export function revokeSessionsBody(profile: Profile) {
  return v.strictObject({ user_id: knownUserIdField(profile), workspace: v.optional(slugField) });
}

/**
 * Ends the sessions of one user, and the links that nobody has opened yet: the product calls it when it signs its user out.
 * A user who has none is no mistake.
 */
export function revokeSessionsOperation(options: RevokeSessionsOptions): Operation {
  const { profile, workspaces, sessions, ids } = options;
  return async (call) => {
    const { user_id: userId, workspace } = readBody(call.event, revokeSessionsBody(profile));
    if (workspace !== undefined && (await workspaces.get(workspace)) === undefined) throw noSuch('workspace');
    const ended = await sessions.endAll({
      userId,
      workspace,
      now: call.now,
      makeEvent: ({ id, workspace: log }) =>
        makeChangeEvent(call, { ids, type: 'session.ended', workspace: log, keyId: id, userId }),
    });
    return { status: 200, body: { sessions: ended } satisfies EndedSessionsAnswer };
  };
}
