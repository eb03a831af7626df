import type { EventStore } from '../../../core/audit/event-store.ts';
import type { RequestStore } from '../../../core/management/idempotency.ts';
import type { InvitationStore } from '../../../core/management/invitation-store.ts';
import type { KeyImportStore } from '../../../core/management/key-import.ts';
import type { KeyStore } from '../../../core/management/key-store.ts';
import type { MemberStore, RoleCopies } from '../../../core/management/member-store.ts';
import type { SessionStore } from '../../../core/management/session-store.ts';
import type { TokenStore } from '../../../core/management/token-store.ts';
import type { WorkspaceStore } from '../../../core/management/workspace-store.ts';
import { memoryEventStore } from './event-store.ts';
import { memoryInvitationStore } from './invitation-store.ts';
import { memoryKeyImportStore } from './key-import-store.ts';
import { memoryKeyStore } from './key-store.ts';
import { memoryMemberStore } from './member-store.ts';
import { memoryRequestStore } from './request-store.ts';
import { memorySessionStore } from './session-store.ts';
import { memoryTokenStore } from './token-store.ts';
import { memoryWorkspaceStore } from './workspace-store.ts';
import { type MemoryWorld, newWorld } from './world.ts';

/** Every port that the management API uses. */
export interface ManagementStores {
  readonly keys: KeyStore;
  readonly imports: KeyImportStore;
  readonly tokens: TokenStore;
  readonly workspaces: WorkspaceStore;
  readonly members: MemberStore;
  readonly invitations: InvitationStore;
  readonly requests: RequestStore;
  readonly events: EventStore;
  readonly sessions: SessionStore;
}

/** Stores in memory that share one world, as the DynamoDB stores share their tables. */
export function memoryStores(copies?: RoleCopies): ManagementStores & { readonly world: MemoryWorld } {
  const world = newWorld(copies);
  return {
    world,
    keys: memoryKeyStore(world),
    imports: memoryKeyImportStore(world),
    tokens: memoryTokenStore(world),
    workspaces: memoryWorkspaceStore(world),
    members: memoryMemberStore(world),
    invitations: memoryInvitationStore(world),
    requests: memoryRequestStore(world),
    events: memoryEventStore(world),
    sessions: memorySessionStore(world),
  };
}
