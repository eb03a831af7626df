import { SESSION_FORMAT } from '../../core/credential/credential-type.ts';
import { hasFormat } from '../../core/credential/key-text.ts';
import { digestOf } from '../../core/credential/secret.ts';
import { renewedExpiry } from '../../core/management/session.ts';
import type { SessionReader } from '../../core/management/session-store.ts';
import type { PersonAccess } from './authorizer-options.ts';

export interface SessionAccessOptions {
  readonly sessions: SessionReader;
  /** Unix seconds. */
  readonly now: () => number;
}

/**
 * Decides about the secrets of sessions, with one read. A use moves the end of the session, and at most one a minute is written.
 * What the person may do is not decided here: each call looks at their membership.
 */
export function sessionVerifier({ sessions, now }: SessionAccessOptions): PersonAccess['verify'] {
  return async (presentedSecret) => {
    if (!looksLikeSession(presentedSecret)) return { kind: 'refuse', code: 'malformed' };
    const at = now();
    const secret = digestOf(presentedSecret);
    const session = await sessions.find(secret, at);
    if (session === undefined) return { kind: 'refuse', code: 'unknown' };
    const expiresAt = renewedExpiry(session, at);
    if (expiresAt !== undefined) await sessions.renew(secret, { expiresAt, now: at });
    const { id, workspace, memberSince, endsAt } = session;
    return {
      kind: 'allow',
      user: {
        kind: 'signed_in',
        user: session.userId,
        session: { id, workspace, memberSince, expiresAt: expiresAt ?? session.expiresAt, endsAt },
      },
    };
  };
}

/** No credential of a product begins like the secret of a session. */
export function looksLikeSession(presentedText: string): boolean {
  return hasFormat(SESSION_FORMAT, presentedText);
}
