import { unmarshall } from '@aws-sdk/util-dynamodb';
import { ROLES, type Role } from '../../../core/access/role.ts';
import { readChange, type StoredChange } from '../audit/event-store.ts';
import type { Item } from '../table/tables.ts';
import type { MemberAddress } from '../workspaces/member-item.ts';

/**
 * How far clocks may differ, and how long before its change an event may be stamped: an event is made before its transaction
 * waits for others. Seconds.
 */
export const CLOCK_MARGIN_SECONDS = 300;

/** What the audit log tells that a backup may not hold. Lists are in the order of the changes. */
export interface EventsSinceBackup {
  /** The ids of all credentials that were ever revoked. A revocation is final. */
  readonly revoked: ReadonlySet<string>;
  /** The ids of all invitations that were ever accepted, revoked or used up. */
  readonly closedInvitations: ReadonlySet<string>;
  /** The events of all credentials that were ever issued. */
  readonly issued: readonly StoredChange[];
  /** The events of all invitations that were ever made. */
  readonly invited: readonly StoredChange[];
  /** All members who were ever added, changed or removed. */
  readonly members: readonly MemberAddress[];
  /** Whether an event is from after the backup, or from shortly before, as far as clocks can tell. */
  isRecent(event: StoredChange): boolean;
  /** Changes of a key that the backup does not hold. @param version of the key's record in the backup. */
  changesOfKey(id: string, version: number): readonly StoredChange[];
  /** Changes of a member that the backup does not hold. @param version of the member there; 0 where the backup has none. */
  changesOfMember(address: MemberAddress, version: number): readonly StoredChange[];
  /** Changes of a workspace that the backup does not hold. @param version of the workspace there. */
  changesOfWorkspace(slug: string, version: number): readonly StoredChange[];
  /** All changes of a workspace's plan that say what limit came with it. */
  plansOf(slug: string): readonly StoredChange[];
}

/**
 * Sorts the events of the log by what they changed. Versions show whether the backup holds a change, so no clock is trusted:
 * each change gives its record a higher version. Old events have no version. Their time counts.
 * @param items the events of the log and of the backup. The same event may be in both.
 * @param at the moment of the backup, in Unix seconds.
 */
export function readEventsSinceBackup(items: readonly Item[], at: number): EventsSinceBackup {
  const events = readChanges(items);
  const since = at - CLOCK_MARGIN_SECONDS;
  const isMissingAt = (version: number) => (event: StoredChange) =>
    event.effect === undefined ? event.at >= since : event.effect.version > version;
  const findByType = (pattern: RegExp) => events.filter(({ type }) => pattern.test(type));
  const ofKeys = groupBy(
    findByType(/^key\.(updated|rotated|rotation_abandoned|previous_secret_revoked)$/),
    ({ keyId }) => keyId ?? '',
  );
  const ofMembers = groupBy(events, (event) => {
    const address = memberOf(event);
    return address && nameOf(address);
  });
  const ofWorkspaces = groupBy(findByType(/^workspace\.updated$/), ({ workspace }) => workspace);
  return {
    revoked: new Set(findByType(/^(key|token|management_key)\.revoked$/).map(({ keyId }) => keyId ?? '')),
    closedInvitations: new Set(
      findByType(/^(invitation\.revoked|member\.added)$/).flatMap(({ invitationId }) => invitationId ?? []),
    ),
    issued: findByType(/^((key|token|management_key)\.issued|key\.imported)$/),
    invited: findByType(/^invitation\.created$/),
    members: [...ofMembers.values()].flatMap(([first]) => (first && memberOf(first)) ?? []),
    isRecent: (event) => event.at >= since,
    changesOfKey: (id, version) => (ofKeys.get(id) ?? []).filter(isMissingAt(version)),
    changesOfMember: (address, version) =>
      (ofMembers.get(nameOf(address)) ?? []).filter(isMissingAt(version)),
    changesOfWorkspace: (slug, version) => (ofWorkspaces.get(slug) ?? []).filter(isMissingAt(version)),
    plansOf: (slug) => (ofWorkspaces.get(slug) ?? []).filter(({ effect }) => effect?.planLimit !== undefined),
  };
}

/** Leaves out refused calls, which changed nothing, and items of the same table that are no events. */
function readChanges(items: readonly Item[]): StoredChange[] {
  const done = items
    .filter(({ outcome }) => outcome?.S === 'done')
    .map((item) => readChange(unmarshall(item)));
  const events = [...new Map(done.map((event) => [event.id, event])).values()];
  // An id begins with the time of its event. Versions are compared last, since clocks may differ.
  events.sort((one, other) => (one.id < other.id ? -1 : 1));
  return events.sort((one, other) => (one.effect?.version ?? 0) - (other.effect?.version ?? 0));
}

/** Leaves out events that belong to no group. */
function groupBy(events: readonly StoredChange[], groupOf: (event: StoredChange) => string | undefined) {
  const groups = Map.groupBy(events, groupOf);
  groups.delete(undefined);
  return groups;
}

/**
 * The member whose role an event changed; `undefined` where it changed none. A new workspace comes with its first owner. A new
 * name changes no role and no version.
 */
function memberOf({ type, workspace, userId, after }: StoredChange): MemberAddress | undefined {
  const owner = type === 'workspace.created' ? after?.owner : undefined;
  if (typeof owner === 'string') return { workspace, userId: owner };
  const isOfRole = type.startsWith('member.') && type !== 'member.renamed';
  return isOfRole && userId !== undefined ? { workspace, userId } : undefined;
}

/** One text for each member. A slug holds no blank. */
export function nameOf({ workspace, userId }: MemberAddress): string {
  return `${workspace} ${userId}`;
}

/**
 * Makes a filter that leaves out events of an older workspace with the same slug. An earlier restore may have lost the older
 * workspace. Then somebody could take its slug again.
 * @param createdAt when the workspace was created, in Unix seconds.
 */
export function isSince(createdAt: number): (event: StoredChange) => boolean {
  return ({ at }) => at >= createdAt - CLOCK_MARGIN_SECONDS;
}

/** The role of a member once the event has happened. */
export function roleAfter({ type, after }: StoredChange): Role | 'none' {
  if (type === 'workspace.created') return 'owner';
  return (type !== 'member.removed' && ROLES.find((role) => role === after?.role)) || 'none';
}

/**
 * The new version of a record that the restore changes. It is higher than every earlier version. A later restore compares
 * versions to tell which events the record already holds.
 * @param missing the changes that were made after the record was copied.
 */
export function versionAfter(version: number, missing: readonly StoredChange[]): number {
  const told = missing.map(({ effect }) => effect?.version ?? 0);
  return Math.max(version + missing.length, ...told) + 1;
}
