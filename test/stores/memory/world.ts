import { randomBytes } from 'node:crypto';
import type { AuditEvent } from '../../../core/audit/audit-event.ts';
import type { ApiKey, PersonalAccessToken } from '../../../core/credential/credential.ts';
import { type IdentifierPrefix, makeIdentifier } from '../../../core/credential/identifier.ts';
import type { IdempotentRequest } from '../../../core/management/idempotency.ts';
import type { Invitation } from '../../../core/management/invitation-store.ts';
import type { CallerInForce, KeyAddress } from '../../../core/management/key-store.ts';
import type { RoleCopies } from '../../../core/management/member-store.ts';
import type { Member, Workspace } from '../../../core/management/workspace-store.ts';

/** What the memory stores of one product share, as tables do. Tests may read it, and change it behind a store's back. */
export interface MemoryWorld {
  readonly copies: RoleCopies;
  /** By their slugs. */
  readonly workspaces: Map<string, Workspace>;
  /** By workspace and user. Former members stay. */
  readonly members: Map<string, MembershipRecord>;
  /** By workspace and id. */
  readonly keys: Map<string, KeyRecord>;
  /** By their ids. */
  readonly tokens: Map<string, PersonalAccessToken>;
  /** By their ids. */
  readonly invitations: Map<string, Invitation>;
  readonly events: AuditEvent[];
  /** The ids of occasions that have their event. */
  readonly occasions: Set<string>;
  /** By their ids. */
  readonly requests: Map<string, DoneRequest>;
  /** The locators of all secrets. */
  readonly locators: Set<string>;
  /** The keys that were imported, by what identifies their hashes. */
  readonly imported: Map<string, KeyAddress>;
}

/** A request with an `Idempotency-Key` that was carried out. */
export interface DoneRequest extends IdempotentRequest {
  readonly madeId: string;
  readonly eventId: string;
}

export interface MembershipRecord {
  readonly workspace: string;
  readonly userId: string;
  /** `null` for a former member. */
  readonly member: Member | null;
  readonly version: number;
  readonly removedAt: number | null;
}

export interface KeyRecord {
  readonly key: ApiKey;
  /** The version of the creator's membership when the key was issued; `null` without a creator. */
  readonly creatorVersion: number | null;
  /** When each secret of the key ends, in Unix seconds; `null` for never. */
  readonly secretEnds: readonly (number | null)[];
}

export function newWorld(copies: RoleCopies = []): MemoryWorld {
  return {
    copies,
    workspaces: new Map(),
    members: new Map(),
    keys: new Map(),
    tokens: new Map(),
    invitations: new Map(),
    events: [],
    occasions: new Set(),
    requests: new Map(),
    locators: new Set(),
    imported: new Map(),
  };
}

export function addressOf(workspace: string, id: string): string {
  return `${workspace} ${id}`;
}

/** Whether the caller of a change is still what they were when it was decided. */
export function isInForce(world: MemoryWorld, caller: CallerInForce | null): boolean {
  if (caller === null) return true;
  if (caller.kind === 'member') return isMemberAt(world, caller);
  const key = world.keys.get(addressOf(caller.address.workspace, caller.address.id))?.key;
  return key !== undefined && key.revokedAt === null && key.enabled;
}

export function isMemberAt(
  world: MemoryWorld,
  member: { readonly workspace: string; readonly userId: string; readonly version: number },
): boolean {
  return world.members.get(addressOf(member.workspace, member.userId))?.version === member.version;
}

/** Names a member who has the name that was read. @returns false for one who has another. */
export function nameMember(
  world: MemoryWorld,
  { workspace, userId, name }: Member,
  next: string | null,
): boolean {
  const address = addressOf(workspace, userId);
  const record = world.members.get(address);
  if (!record?.member || record.member.name !== name) return false;
  world.members.set(address, { ...record, member: withName(record.member, next) });
  return true;
}

/** The member with another name; `null` for none. */
export function withName({ name: _, ...member }: Member, name: string | null): Member {
  return name === null ? member : { ...member, name };
}

/** No event is written twice. */
export function writeEvent({ events }: MemoryWorld, event: AuditEvent): void {
  if (events.some(({ id }) => id === event.id)) throw new Error('An event was written twice.');
  events.push(event);
}

let ticks = 0;

/** Identifiers in the order in which they were made. @param at Unix seconds. */
export function newIdAt(prefix: IdentifierPrefix, at: number): string {
  ticks += 1;
  return makeIdentifier(prefix, at * 1_000 + (ticks % 1_000), randomBytes);
}

/** One page of things in the order of a list. @param after the id after which the page starts. */
export function pageOf<Thing>(
  things: readonly Thing[],
  idOf: (thing: Thing) => string,
  { limit, after, order }: PageQuery,
): { readonly found: readonly Thing[]; readonly next: string | null } {
  const sign = order === 'ascending' ? 1 : -1;
  const compare = (one: string, other: string) => sign * (one < other ? -1 : Number(one > other));
  const wanted = things
    .filter((thing) => after === undefined || compare(idOf(thing), after) > 0)
    .sort((one, other) => compare(idOf(one), idOf(other)));
  const found = wanted.slice(0, limit);
  const last = found.at(-1);
  return { found, next: wanted.length > limit && last !== undefined ? idOf(last) : null };
}

interface PageQuery {
  readonly limit: number;
  readonly after?: string | undefined;
  readonly order: 'ascending' | 'descending';
}
