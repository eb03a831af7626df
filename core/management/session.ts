/**
 * A session is one person in one workspace, for whom the product's back end vouches. It acts with the role that the person has at
 * that moment, and ends with their membership. Times are Unix seconds.
 */
export interface Session {
  readonly id: string;
  readonly userId: string;
  readonly workspace: string;
  /** When the person became a member. Somebody who was removed and added again is a member since another time. */
  readonly memberSince: number;
  /** Each use moves it, up to `endsAt`. */
  readonly expiresAt: number;
  /** No use moves it. */
  readonly endsAt: number;
}

/** What becomes a session when somebody opens the link, once. */
export interface SessionLink extends Pick<Session, 'id' | 'userId' | 'workspace' | 'memberSince'> {
  readonly expiresAt: number;
  /** How long the session may last in all. */
  readonly sessionSeconds: number;
}

/** For how long a link works. */
export const LINK_SECONDS = 60;

/** A session ends this long after its last use. */
export const IDLE_SECONDS = 15 * 60;

/** A session lasts no longer than this, however much it is used. */
export const LONGEST_SESSION_SECONDS = 8 * 3_600;

export const SHORTEST_SESSION_SECONDS = 60;

/** A use that would move the end by less than this is not written. */
const RENEWED_EACH_SECONDS = 60;

/** Makes the session of a link that is opened now. */
export function openSession(link: SessionLink, now: number): Session {
  const { id, userId, workspace, memberSince, sessionSeconds } = link;
  const endsAt = now + sessionSeconds;
  return { id, userId, workspace, memberSince, expiresAt: Math.min(now + IDLE_SECONDS, endsAt), endsAt };
}

/** @returns when a session that is used now expires, if that is later enough to be written; otherwise `undefined`. */
export function renewedExpiry({ expiresAt, endsAt }: Session, now: number): number | undefined {
  const next = Math.min(now + IDLE_SECONDS, endsAt);
  return next - expiresAt >= RENEWED_EACH_SECONDS ? next : undefined;
}
