import type { SecretLocator } from '../../../core/credential/secret.ts';
import type { Session, SessionLink } from '../../../core/management/session.ts';
import type { SessionAddress, SessionStore } from '../../../core/management/session-store.ts';
import { isMemberAt, type MemoryWorld, nameMember, writeEvent } from './world.ts';

/** Links and sessions in memory. It keeps the contract of the port. */
export function memorySessionStore(world: MemoryWorld): SessionStore {
  const links = new Map<SecretLocator, SessionLink>();
  const sessions = new Map<SecretLocator, Session>();
  const findLink = (code: SecretLocator, now: number) => {
    const link = links.get(code);
    return link !== undefined && link.expiresAt > now ? link : undefined;
  };
  const find = (secret: SecretLocator, now: number) => {
    const session = sessions.get(secret);
    return session !== undefined && session.expiresAt > now ? session : undefined;
  };
  return {
    async keepLink({ link, code, member, name, event }) {
      if (!isMemberAt(world, member)) return { kind: 'member_changed' };
      if (name !== undefined && !nameMember(world, member, name)) return { kind: 'member_changed' };
      links.set(code, link);
      writeEvent(world, event);
      return { kind: 'kept' };
    },
    findLink: async (code, now) => findLink(code, now),
    async start({ session, code, secret, member, now, event }) {
      if (findLink(code, now) === undefined) return { kind: 'link_ended' };
      if (!isMemberAt(world, member)) return { kind: 'member_changed' };
      links.delete(code);
      sessions.set(secret, session);
      writeEvent(world, event);
      return { kind: 'started' };
    },
    find: async (secret, now) => find(secret, now),
    async renew(secret, { expiresAt, now }) {
      const session = find(secret, now);
      if (session !== undefined && session.expiresAt < expiresAt)
        sessions.set(secret, { ...session, expiresAt });
    },
    async end({ secret, event }) {
      writeEvent(world, event);
      sessions.delete(secret);
    },
    async endAll({ userId, workspace, now, makeEvent }) {
      const ended: SessionAddress[] = [];
      for (const kept of [links, sessions])
        for (const [locator, { id, workspace: slug, ...found }] of kept) {
          if (found.userId !== userId || (workspace !== undefined && slug !== workspace)) continue;
          kept.delete(locator);
          if (found.expiresAt <= now) continue;
          writeEvent(world, makeEvent({ id, workspace: slug }));
          ended.push({ id, workspace: slug });
        }
      return ended;
    },
  };
}
