import * as v from 'valibot';
import { isSlug } from '../../../core/access/identity.ts';
import type { SecretLocator } from '../../../core/credential/secret.ts';
import { Contended } from '../../../core/errors/fault.ts';
import { MANAGEMENT_PROBLEMS } from '../../../core/management/problem.ts';
import {
  LINK_SECONDS,
  LONGEST_SESSION_SECONDS,
  type SessionLink,
  SHORTEST_SESSION_SECONDS,
} from '../../../core/management/session.ts';
import type { SessionStore } from '../../../core/management/session-store.ts';
import type { WorkspaceStore } from '../../../core/management/workspace-store.ts';
import type { Profile } from '../../../core/profile/profile.ts';
import { ProblemError } from '../../http/problem.ts';
import type { NewSessionAnswer } from '../answers/session-answers.ts';
import { integerField, knownUserIdField, memberNameField } from '../http/field.ts';
import { type Ids, makeChangeEvent, type Operation } from '../http/operation.ts';
import { noSuch } from '../http/refusal.ts';
import { readBody } from '../http/request-body.ts';
import { timeView } from '../http/view.ts';

export interface CreateSessionOptions {
  readonly profile: Profile;
  readonly workspaces: Pick<WorkspaceStore, 'getMember' | 'get'>;
  readonly sessions: Pick<SessionStore, 'keepLink'>;
  readonly ids: Ids;
  /** The address of the console, such as `https://keys.example.com/console/`; `undefined` where nobody has set it. */
  readonly consoleUrl: string | undefined;
  /** `text` stands in the link and is kept nowhere. */
  readonly drawCode: () => Promise<{ readonly text: string; readonly locator: SecretLocator }>;
}

const SLUG = 'the slug of a workspace';

export const slugField = v.pipe(v.string(SLUG), v.check(isSlug, SLUG));

export function sessionBody(profile: Profile) {
  return v.strictObject({
    user_id: knownUserIdField(profile),
    workspace: slugField,
    /** What the product calls the user. */
    name: v.optional(memberNameField(profile)),
    /** For how long the session may last in all, in seconds. */
    expires_in: v.optional(integerField(SHORTEST_SESSION_SECONDS, LONGEST_SESSION_SECONDS)),
  });
}

/**
 * Makes a link that signs one user of the product into the console, for one workspace. The product's back end asks for it and
 * vouches for the user. The code stands in the fragment of the link, which browsers send to no server.
 */
export function createSessionOperation(options: CreateSessionOptions): Operation {
  const { profile, workspaces, sessions, ids, consoleUrl, drawCode } = options;
  return async (call) => {
    const { now } = call;
    const asked = readBody(call.event, sessionBody(profile));
    if (consoleUrl === undefined) throw new ProblemError(MANAGEMENT_PROBLEMS.no_console);
    const [workspace, member] = await Promise.all([
      workspaces.get(asked.workspace),
      workspaces.getMember(asked.workspace, asked.user_id),
    ]);
    if (workspace === undefined) throw noSuch('workspace');
    if (member === undefined) throw noSuch('session_user');
    const link: SessionLink = {
      id: ids.newId('ses'),
      userId: member.userId,
      workspace: workspace.slug,
      memberSince: member.createdAt,
      expiresAt: now + LINK_SECONDS,
      sessionSeconds: asked.expires_in ?? LONGEST_SESSION_SECONDS,
    };
    const name = asked.name === (member.name ?? null) ? undefined : asked.name;
    const event = makeChangeEvent(call, {
      ids,
      type: 'session.created',
      workspace: workspace.slug,
      keyId: link.id,
      userId: link.userId,
      ...(name !== undefined && { before: { name: member.name ?? null } }),
      after: {
        expires_at: timeView(link.expiresAt),
        session_seconds: link.sessionSeconds,
        ...(name !== undefined && { name }),
      },
    });
    const { text, locator } = await drawCode();
    const outcome = await sessions.keepLink({ link, code: locator, member, name, event });
    if (outcome.kind === 'member_changed') throw new Contended('The membership was changed in between.');
    const body: NewSessionAnswer = {
      url: `${consoleUrl}#session=${text}`,
      expires_at: timeView(link.expiresAt),
    };
    return { status: 201, body };
  };
}
