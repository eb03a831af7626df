import * as v from 'valibot';
import { digestOf } from '../../../core/credential/secret.ts';
import type { SessionStore } from '../../../core/management/session-store.ts';
import { readCredential } from '../../../core/verification/presentation.ts';
import { forbidden } from '../../http/problem.ts';
import type { EndedSessionAnswer } from '../answers/session-answers.ts';
import { type Ids, makeChangeEvent, type Operation } from '../http/operation.ts';
import { readOptionalBody } from '../http/request-body.ts';

export interface EndSessionOptions {
  readonly sessions: Pick<SessionStore, 'end'>;
  readonly ids: Ids;
}

export const endBody = v.strictObject({});

/** Ends the session that makes the call. Afterwards its secret is unknown. */
export function endSessionOperation({ sessions, ids }: EndSessionOptions): Operation {
  return async (call) => {
    const { event, caller } = call;
    readOptionalBody(event, endBody);
    const person = caller.kind === 'signed_in' ? caller : undefined;
    const session = person?.session;
    const presented = readCredential({ kind: 'bearer' }, event.multiValueHeaders ?? {});
    if (person === undefined || session === undefined || presented.kind !== 'presented')
      throw forbidden('Only a session ends itself, with its own secret.');
    await sessions.end({
      secret: digestOf(presented.text),
      session: { id: session.id, workspace: session.workspace, userId: person.user },
      event: makeChangeEvent(call, {
        ids,
        type: 'session.ended',
        workspace: session.workspace,
        keyId: session.id,
        userId: person.user,
      }),
    });
    return { status: 200, body: { id: session.id } satisfies EndedSessionAnswer };
  };
}
