import type { WorkspaceStore } from '../../../core/management/workspace-store.ts';
import { isTaken, writeRequest } from './request-store.ts';
import { addressOf, isInForce, type MemoryWorld, withName, writeEvent } from './world.ts';

/** Workspaces in memory. It keeps the contract of the port. No verification reads it, so a plan reaches nothing else. */
export function memoryWorkspaceStore(world: MemoryWorld): WorkspaceStore {
  return {
    async create({ workspace, ownerId, ownerName, request, event }) {
      const { slug, createdAt } = workspace;
      if (isTaken(world, request)) return { kind: 'request_taken' };
      if (world.workspaces.has(slug)) return { kind: 'slug_taken' };
      world.workspaces.set(slug, workspace);
      const owner = { workspace: slug, userId: ownerId, role: 'owner', createdAt, version: 1 } as const;
      const member = withName(owner, ownerName ?? null);
      const record = { workspace: slug, userId: ownerId, member, version: 1, removedAt: null };
      world.members.set(addressOf(slug, ownerId), record);
      writeEvent(world, event);
      writeRequest(world, request, { madeId: slug, eventId: event.id });
      return { kind: 'created' };
    },
    get: async (slug) => world.workspaces.get(slug),
    async update({ workspace: decidedOn, name, plan, caller, event }) {
      const before = world.workspaces.get(decidedOn.slug);
      if (before?.version !== decidedOn.version) return { kind: 'conflict' };
      if (before.name === name && before.plan === plan) return { kind: 'changed', workspace: before };
      if (!isInForce(world, caller)) return { kind: 'conflict' };
      const workspace = { ...before, name, plan, version: before.version + 1 };
      world.workspaces.set(workspace.slug, workspace);
      writeEvent(world, event);
      return { kind: 'changed', workspace };
    },
    getMember: async (slug, userId) => world.members.get(addressOf(slug, userId))?.member ?? undefined,
  };
}
