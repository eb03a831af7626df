import * as v from 'valibot';
import { LINK_FORMAT } from '../../../core/credential/credential-type.ts';
import { hasFormat } from '../../../core/credential/key-text.ts';
import { digestOf, type SecretLocator } from '../../../core/credential/secret.ts';
import { Contended } from '../../../core/errors/fault.ts';
import { MANAGEMENT_PROBLEMS } from '../../../core/management/problem.ts';
import { openSession, type Session } from '../../../core/management/session.ts';
import type { SessionStore } from '../../../core/management/session-store.ts';
import type { WorkspaceStore } from '../../../core/management/workspace-store.ts';
import { ProblemError } from '../../http/problem.ts';
import type { StartedSessionAnswer } from '../answers/session-answers.ts';
import { type Ids, makeChangeEvent, type PublicOperation } from '../http/operation.ts';
import { readBody } from '../http/request-body.ts';
import { timeView } from '../http/view.ts';

export interface ExchangeSessionOptions {
  readonly workspaces: Pick<WorkspaceStore, 'getMember'>;
  readonly sessions: Pick<SessionStore, 'findLink' | 'start'>;
  readonly ids: Ids;
  /** `text` is shown once and kept nowhere. */
  readonly drawSecret: () => Promise<{ readonly text: string; readonly locator: SecretLocator }>;
}

export const exchangeBody = v.strictObject({ code: v.string('the code in the link') });

/**
 * Turns the code of a link into a session. Everybody may call it: the code is the proof. A code that was used, one that is too
 * old, one of a person who has left and one that nobody made are answered alike.
 */
export function exchangeSessionOperation(options: ExchangeSessionOptions): PublicOperation {
  const { workspaces, sessions, ids, drawSecret } = options;
  return async ({ event, now }) => {
    const { code } = readBody(event, exchangeBody);
    const locator = digestOf(code);
    const link = hasFormat(LINK_FORMAT, code) ? await sessions.findLink(locator, now) : undefined;
    const member = link && (await workspaces.getMember(link.workspace, link.userId));
    if (link === undefined || member?.createdAt !== link.memberSince) throw linkEnded();
    const session = openSession(link, now);
    const { text, locator: secret } = await drawSecret();
    const started = await sessions.start({
      session,
      code: locator,
      secret,
      member,
      now,
      event: makeChangeEvent(
        { event, now, caller: { kind: 'signed_in', user: session.userId, session } },
        {
          ids,
          type: 'session.started',
          workspace: session.workspace,
          keyId: session.id,
          userId: session.userId,
          after: { ends_at: timeView(session.endsAt) },
        },
      ),
    });
    if (started.kind === 'member_changed') throw new Contended('The membership was changed in between.');
    if (started.kind === 'link_ended') throw linkEnded();
    return { status: 200, body: startedView(session, text) };
  };
}

function linkEnded(): ProblemError {
  return new ProblemError(MANAGEMENT_PROBLEMS.link_ended);
}

function startedView(session: Session, text: string): StartedSessionAnswer {
  return {
    session: text,
    expires_at: timeView(session.expiresAt),
    ends_at: timeView(session.endsAt),
    user_id: session.userId,
    workspace: session.workspace,
  };
}
