import { PutItemCommand } from '@aws-sdk/client-dynamodb';
import type { ChangeEvent } from '../../../core/audit/audit-event.ts';
import { statusOf } from '../../../core/credential/api-key.ts';
import { putEvent } from '../audit/event-item.ts';
import { inParallel } from '../table/in-parallel.ts';
import type { OperatorTables } from '../table/tables.ts';
import { copiedRole } from '../workspaces/member-item.ts';
import { type CopiedItem, type CopiedTable, type Item, isEmpty, itemsOf, putItems, wipe } from './backup.ts';
import { readCopiedRecords } from './copied-records.ts';
import { readEventsSinceBackup } from './events-since-backup.ts';
import { hasForgotten, lacksEvents, shownMoment } from './log-coverage.ts';
import { restoreEvents } from './restore-events.ts';
import { isOfManagementKey, restoredManagementKeys } from './restored-management-keys.ts';
import type { ChangedMember } from './restored-members.ts';
import { type RestoredRecords, restoreRecords } from './restored-records.ts';
import { restoreSecrets } from './restored-secrets.ts';

/** A copy of the tables, and the moment of which it is said to be, in Unix seconds. */
export interface Backup {
  readonly at: number;
  readonly items: readonly CopiedItem[];
}

export interface RestoreOptions {
  readonly tables: OperatorTables;
  /** Unix seconds. */
  readonly now: () => number;
  /** What is to become of what the tables hold: it is deleted first, or there must be nothing. */
  readonly present: 'replace' | 'none';
  /**
   * What is to be done with a copy of a time of which the log may not tell everything, so that keys may work again which were
   * revoked. The retention is that of `tables`, which has to be known.
   */
  readonly forgotten: 'refuse' | 'accept';
  /** `only_tell`: what would be put back, and what closed. */
  readonly changes: 'make' | 'only_tell';
  /** An event of the operator's. */
  readonly newEvent: (
    event: Pick<ChangeEvent, 'type' | 'workspace' | 'keyId' | 'userId' | 'invitationId' | 'before' | 'after'>,
  ) => ChangeEvent;
}

/** What was put back, and what was closed on the way: credentials and invitations by their ids, members as `workspace/user`. */
export interface Restored {
  readonly records: number;
  readonly secrets: number;
  /** Items of management keys: records and secrets. */
  readonly managementKeys: number;
  readonly events: number;
  /** Credentials that the copy has in force and that have ended since, by themselves or with their member. */
  readonly revoked: readonly string[];
  /** Keys that were changed since: they wait to be looked at. */
  readonly disabled: readonly string[];
  /** Members who were removed or demoted since. */
  readonly members: readonly string[];
  /** As `members`, and the last owners that the copy knows: their workspaces wait for another one. */
  readonly owners: readonly string[];
  /** Invitations that were accepted, taken back or used up since. */
  readonly invitations: readonly string[];
  /** Workspaces whose plan was changed since, and which have the newer one again. */
  readonly plans: readonly string[];
  /** Credentials that were issued since the copy, or while it was made, and are not in it whole. */
  readonly lost: readonly string[];
}

/**
 * `not_empty`: there is something, and it may not be replaced. `in_the_future`: the copy says to be of a moment to come.
 * `log_forgets`: events of the time since the copy have ended. `log_lacks`: the log lacks events that the copy has.
 * `unknown_retention`: nobody can say whether the log tells of every change since.
 */
export type NotRestored = 'not_empty' | 'in_the_future' | 'log_forgets' | 'log_lacks' | 'unknown_retention';

/** How far the clock of whoever copied may be ahead of this one. Seconds. */
const AHEAD_SECONDS = 60;

/**
 * Puts a copy back. A copy is older than what has happened since, and a key that was revoked after it would work again: so the
 * log, which is never replaced, is read first, and nothing is put back as more than the log allows. It revives nothing at any
 * moment: what is put back is made before anything is deleted, and secrets come last.
 * @returns when nothing was changed, why.
 * @see docs/decisions/0019-restore-revives-nothing.md
 */
export async function restore(options: RestoreOptions, backup: Backup): Promise<Restored | NotRestored> {
  const { tables, newEvent } = options;
  const now = options.now();
  const copied: Record<CopiedTable, Item[]> = { records: [], secrets: [], managementKeys: [], events: [] };
  for (const one of backup.items) if (!isOfManagementKey(one)) copied[one.table].push(one.item);
  const log: Item[] = [];
  for await (const item of itemsOf(tables, 'events')) log.push(item);
  const at = shownMoment([...copied.records, ...copied.secrets], backup.at);
  const refusal = await refusalOf(options, { said: backup.at, at, now, copied: copied.events, log });
  if (refusal !== undefined) return refusal;
  const events = readEventsSinceBackup([...copied.events, ...log], at);
  const copiedRecords = readCopiedRecords(copied.records);
  const records = restoreRecords(copiedRecords, events, now);
  const secrets = restoreSecrets(copied.secrets, records, now);
  const managementKeys = restoredManagementKeys(backup.items.filter(isOfManagementKey), events, now);
  const isKnown = (id: string) =>
    records.keys.has(id) || records.tokens.has(id) || managementKeys.ids.has(id);
  const lost = {
    credentials: events.issued.filter(({ keyId }) => keyId !== null && !isKnown(keyId)),
    invitations: events.invited.filter(
      ({ invitationId = '' }) => !copiedRecords.invitations.has(invitationId),
    ),
  };
  if (options.changes === 'make') {
    const told = restoreEvents({ records, managementKeys, lost, events }, { now, newEvent });
    await putItems(tables, 'events', copied.events);
    await wipe(tables);
    await putItems(tables, 'records', records.items);
    await inParallel(told, (event) => tables.client.send(new PutItemCommand(putEvent(tables, event).Put)));
    await putItems(tables, 'secrets', secrets.items);
    await putItems(tables, 'managementKeys', managementKeys.items);
  }
  const issued = lost.credentials.filter(events.isRecent).map(({ keyId }) => String(keyId));
  return {
    records: records.items.length,
    secrets: secrets.items.length,
    managementKeys: managementKeys.items.length,
    events: copied.events.length,
    ...closed(records, now),
    revoked: [...secrets.revoked, ...managementKeys.revoked],
    lost: [...new Set([...issued, ...secrets.lost, ...managementKeys.lost])],
  };
}

interface Looked {
  /** Unix seconds: of which moment the copy says to be, and is at the latest. */
  readonly said: number;
  readonly at: number;
  readonly now: number;
  /** The events of the copy, and those that are there. */
  readonly copied: readonly Item[];
  readonly log: readonly Item[];
}

async function refusalOf(
  { tables, present, forgotten }: RestoreOptions,
  { said, at, now, copied, log }: Looked,
): Promise<NotRestored | undefined> {
  const wasEmpty = await isEmpty(tables);
  if (present === 'none' && !wasEmpty) return 'not_empty';
  if (said > now + AHEAD_SECONDS) return 'in_the_future';
  if (forgotten === 'accept') return undefined;
  const { eventRetention: retention } = tables;
  if (retention === undefined) return 'unknown_retention';
  if (hasForgotten([...copied, ...log], { at, now, retention })) return 'log_forgets';
  // Tables without anything, the log included, have no history that the copy could contradict.
  const isNew = wasEmpty && log.length === 0;
  return !isNew && lacksEvents(log, copied, now) ? 'log_lacks' : undefined;
}

function closed({ keys, members, workspaces, closedInvitations }: RestoredRecords, now: number) {
  const lowered = members.changed.filter(({ copied }) => copied !== 'none');
  const isLastOwner = ({ member, copied }: ChangedMember) =>
    copied === 'owner' && members.countOwners(member.workspace) === 0;
  const names = (some: readonly ChangedMember[]) =>
    some
      .filter(({ member, copied }) => copiedRole(member) !== copied)
      .map(({ member: { workspace, userId } }) => `${workspace}/${userId}`);
  const disabled = [...keys.values()].filter(
    ({ fate, before }) => fate === 'disabled' && statusOf(before, now) === 'active',
  );
  return {
    disabled: disabled.map(({ record }) => record.id),
    members: names(lowered.filter((one) => !isLastOwner(one))),
    owners: names(lowered.filter(isLastOwner)),
    invitations: closedInvitations,
    plans: workspaces.replanned.map(({ workspace }) => workspace.slug),
  };
}
