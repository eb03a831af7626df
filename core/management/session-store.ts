import type { AuditEvent } from '../audit/audit-event.ts';
import type { SecretLocator } from '../credential/secret.ts';
import type { Session, SessionLink } from './session.ts';
import type { Member } from './workspace-store.ts';

/**
 * Links and sessions. A store knows their texts by digests only. Reads are strongly consistent.
 * @throws {Unavailable} when the store cannot do it now.
 */
export interface SessionStore extends SessionReader {
  /** Keeps a new link, if its person is still the member that was read. */
  keepLink(asked: NewLink): Promise<NewLinkOutcome>;
  /** @returns `undefined` for a code that nobody made, or that has been used or is too old. */
  findLink(code: SecretLocator, now: number): Promise<SessionLink | undefined>;
  /** Turns a link into its session. Of several callers with one code, one is first, and the others find it used. */
  start(asked: NewSession): Promise<StartOutcome>;
  /** Ends a session at once. Ending it again changes nothing. */
  end(asked: EndedSession): Promise<void>;
  /**
   * Ends at once every session of a user, and every link to one. None that is started meanwhile is left.
   * @returns those that were in force.
   */
  endAll(asked: EndedSessions): Promise<readonly SessionAddress[]>;
}

/** What the authorizer asks, once a call. */
export interface SessionReader {
  /** @returns `undefined` for a secret that is unknown, or whose session has ended. */
  find(secret: SecretLocator, now: number): Promise<Session | undefined>;
  /** Moves the end of a session that is still in force, and brings back none. */
  renew(secret: SecretLocator, renewal: { readonly expiresAt: number; readonly now: number }): Promise<void>;
}

export interface NewLink {
  readonly link: SessionLink;
  readonly code: SecretLocator;
  /** The person, as they were when the link was decided on. */
  readonly member: Member;
  /**
   * The person's name from now on; `null` for none.
   * @default the name that they have
   */
  readonly name?: string | null | undefined;
  readonly event: AuditEvent;
}

/** `member_changed`: decide again. */
export interface NewLinkOutcome {
  readonly kind: 'kept' | 'member_changed';
}

export interface NewSession {
  readonly session: Session;
  readonly code: SecretLocator;
  readonly secret: SecretLocator;
  readonly member: Member;
  /** Unix seconds. */
  readonly now: number;
  readonly event: AuditEvent;
}

/** `link_ended`: the code was used by somebody else, or it is too old by now. */
export interface StartOutcome {
  readonly kind: 'started' | 'link_ended' | 'member_changed';
}

export interface EndedSession {
  readonly secret: SecretLocator;
  readonly session: Pick<Session, 'id' | 'workspace' | 'userId'>;
  readonly event: AuditEvent;
}

/** A session, or the link that is to become one. */
export type SessionAddress = Pick<Session, 'id' | 'workspace'>;

export interface EndedSessions {
  readonly userId: string;
  /** @default every workspace */
  readonly workspace?: string | undefined;
  /** Unix seconds. */
  readonly now: number;
  readonly makeEvent: (ended: SessionAddress) => AuditEvent;
}
