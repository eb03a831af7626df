import { unmarshall } from '@aws-sdk/util-dynamodb';
import { ROLES, type Role } from '../../../core/access/role.ts';
import type { StoredChange } from '../audit/event-item.ts';
import type { MemberAddress } from '../workspaces/member-item.ts';
import type { Item } from './backup.ts';

/**
 * How far clocks may differ, and how long before its change an event may be stamped: it is made before its transaction has
 * contended. Seconds.
 */
export const CLOCK_MARGIN_SECONDS = 300;

/** What the audit log tells that a copy of the tables may not know. Lists are in the order in which things were changed. */
export interface EventsSinceBackup {
  /** The ids of all credentials that were ever revoked: a revocation is final. */
  readonly revoked: ReadonlySet<string>;
  /** The ids of all invitations that were ever accepted, taken back or used up. */
  readonly closedInvitations: ReadonlySet<string>;
  /** Every credential that was ever issued. */
  readonly issued: readonly StoredChange[];
  /** Every invitation that was ever made. */
  readonly invited: readonly StoredChange[];
  /** Whether something was made since the copy, or shortly before, as far as clocks can tell. */
  isRecent(event: StoredChange): boolean;
  /** Changes of a key that its copied record does not hold. @param version of that record. */
  changesOfKey(id: string, version: number): readonly StoredChange[];
  /** Changes of a member that the copied one does not hold. @param version of that one; 0 where the copy has none. */
  changesOfMember(address: MemberAddress, version: number): readonly StoredChange[];
  /** Changes of a workspace that the copied one does not hold. */
  changesOfWorkspace(slug: string, version: number): readonly StoredChange[];
  /** All changes of a workspace's plan whose limit is known. */
  plansOf(slug: string): readonly StoredChange[];
  /** Everybody who was ever added, changed or removed. */
  readonly members: readonly MemberAddress[];
}

/**
 * Sorts what the log tells by what it was done to. Whether a copy holds a change is told by versions, which no clock moves:
 * each change makes its record a version newer. Events from before these were written count by their time.
 * @param items what the log holds, and the copy of it, in which the same events may be.
 * @param at Unix seconds: the moment of the copy.
 */
export function readEventsSinceBackup(items: readonly Item[], at: number): EventsSinceBackup {
  const events = readChanges(items);
  const since = at - CLOCK_MARGIN_SECONDS;
  const isMissingAt = (version: number) => (event: StoredChange) =>
    event.effect === undefined ? event.at >= since : event.effect.version > version;
  const ofType = (pattern: RegExp) => events.filter(({ type }) => pattern.test(type));
  const ofKeys = groupBy(ofType(/^key\.(updated|rotated|rotation_abandoned)$/), ({ keyId }) => keyId ?? '');
  const ofMembers = groupBy(events, (event) => {
    const address = memberOf(event);
    return address && nameOf(address);
  });
  const ofWorkspaces = groupBy(ofType(/^workspace\.updated$/), ({ workspace }) => workspace);
  return {
    revoked: new Set(ofType(/^(key|token|management_key)\.revoked$/).map(({ keyId }) => keyId ?? '')),
    closedInvitations: new Set(
      ofType(/^(invitation\.revoked|member\.added)$/).flatMap(({ invitationId }) => invitationId ?? []),
    ),
    issued: ofType(/^(key|token|management_key)\.issued$/),
    invited: ofType(/^invitation\.created$/),
    isRecent: (event) => event.at >= since,
    changesOfKey: (id, version) => (ofKeys.get(id) ?? []).filter(isMissingAt(version)),
    changesOfMember: (address, version) =>
      (ofMembers.get(nameOf(address)) ?? []).filter(isMissingAt(version)),
    changesOfWorkspace: (slug, version) => (ofWorkspaces.get(slug) ?? []).filter(isMissingAt(version)),
    plansOf: (slug) => (ofWorkspaces.get(slug) ?? []).filter(({ effect }) => effect?.planLimit !== undefined),
    members: [...ofMembers.values()].flatMap(([first]) => (first && memberOf(first)) ?? []),
  };
}

/** What was refused changed nothing, and what bounds how often that is told stands in the same table. */
function readChanges(items: readonly Item[]): StoredChange[] {
  const done = items
    .filter(({ outcome }) => outcome?.S === 'done')
    .map((item) => unmarshall(item) as StoredChange);
  const events = [...new Map(done.map((event) => [event.id, event])).values()];
  // Identifiers sort by the time that they were made; where clocks differ, versions tell better.
  events.sort((one, other) => (one.id < other.id ? -1 : 1));
  return events.sort((one, other) => (one.effect?.version ?? 0) - (other.effect?.version ?? 0));
}

/** Leaves out what is of no group. */
function groupBy(events: readonly StoredChange[], groupOf: (event: StoredChange) => string | undefined) {
  const groups = Map.groupBy(events, groupOf);
  groups.delete(undefined);
  return groups;
}

/** Whom an event made something else; `undefined` where it was no member. A workspace comes with its first owner. */
function memberOf({ type, workspace, userId, after }: StoredChange): MemberAddress | undefined {
  const owner = type === 'workspace.created' ? after?.owner : undefined;
  if (typeof owner === 'string') return { workspace, userId: owner };
  return type.startsWith('member.') && userId !== undefined ? { workspace, userId } : undefined;
}

/** A slug holds no blank. */
export function nameOf({ workspace, userId }: MemberAddress): string {
  return `${workspace} ${userId}`;
}

/**
 * Events of a workspace, and of none that had its slug before: one that an earlier restore has lost may have been made again.
 * @param createdAt Unix seconds.
 */
export function isSince(createdAt: number): (event: StoredChange) => boolean {
  return ({ at }) => at >= createdAt - CLOCK_MARGIN_SECONDS;
}

/** What somebody is after an event of theirs. */
export function roleAfter({ type, after }: StoredChange): Role | 'none' {
  if (type === 'workspace.created') return 'owner';
  return (type !== 'member.removed' && ROLES.find((role) => role === after?.role)) || 'none';
}

/** The version that a record takes that is put back changed: newer than it ever was, so that no event seems to be contained. */
export function versionAfter(version: number, missing: readonly StoredChange[]): number {
  const told = missing.map(({ effect }) => effect?.version ?? 0);
  return Math.max(version + missing.length, ...told) + 1;
}
