import { type InvitationStore, isOpen } from '../../../core/management/invitation-store.ts';
import { isTaken, writeRequest } from './request-store.ts';
import { isInForce, type MemoryWorld, pageOf, writeEvent } from './world.ts';

/** Invitations in memory. It keeps the contract of the port. */
export function memoryInvitationStore(world: MemoryWorld): InvitationStore {
  const openIn = (workspace: string, now: number) =>
    [...world.invitations.values()].filter(
      (invitation) => invitation.workspace === workspace && isOpen(invitation, now),
    );
  return {
    async create({ invitation, caller, request, event }) {
      if (!isInForce(world, caller)) return { kind: 'caller_ended' };
      if (isTaken(world, request)) return { kind: 'request_taken' };
      const open = openIn(invitation.workspace, invitation.createdAt);
      if (open.some(({ email }) => email === invitation.email)) return { kind: 'exists' };
      world.invitations.set(invitation.id, invitation);
      writeEvent(world, event);
      writeRequest(world, request, { madeId: invitation.id, eventId: event.id });
      return { kind: 'created' };
    },
    get: async ({ workspace, id }, now) => openIn(workspace, now).find((invitation) => invitation.id === id),
    async list({ workspace, limit, after, now }) {
      const open = openIn(workspace, now);
      const { found, next } = pageOf(open, ({ id }) => id, { limit, after, order: 'descending' });
      return { invitations: found, next };
    },
    async revoke({ id }, event) {
      if (!world.invitations.delete(id)) return { kind: 'gone' };
      writeEvent(world, event);
      return { kind: 'revoked' };
    },
  };
}
