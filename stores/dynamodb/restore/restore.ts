import { PutCommand } from '@aws-sdk/lib-dynamodb';
import { statusOf } from '../../../core/credential/credential.ts';
import { putEventPart } from '../audit/event-store.ts';
import { runInParallel } from '../table/batches.ts';
import { documentClient } from '../table/documents.ts';
import type { Item, OperatorTables } from '../table/tables.ts';
import { copiedRole } from '../workspaces/member-item.ts';
import {
  areEmpty,
  type Backup,
  type CopiedTable,
  putItems,
  scanTable,
  toItem,
  wipeTables,
} from './backup.ts';
import { type CopiedRecords, readCopiedRecords } from './copied-records.ts';
import { type EventsSinceBackup, readEventsSinceBackup } from './events-since-backup.ts';
import { type Lost, type NewEvent, restoreEvents } from './restore-events.ts';
import { findMoment, findRefusal, type NotRestored, type RestoreChoices } from './restore-refusal.ts';
import {
  isOfManagementKey,
  type RestoredManagementKeys,
  restoreManagementKeys,
} from './restored-management-keys.ts';
import type { ChangedMember } from './restored-members.ts';
import { type RestoredRecords, restoreRecords } from './restored-records.ts';
import { restoreSecrets } from './restored-secrets.ts';

export interface RestoreOptions extends RestoreChoices {
  /** With the retention of the log, if somebody said it. */
  readonly tables: OperatorTables;
  /** Unix seconds. */
  readonly now: () => number;
  /** `only_tell` changes nothing: the answer says what `make` would do. */
  readonly changes: 'make' | 'only_tell';
  /** Makes an event of the operator. */
  readonly newEvent: NewEvent;
}

/** What was put back, and what was closed again. Credentials and invitations are named by id, members as `workspace/user`. */
export interface Restored {
  readonly records: number;
  readonly secrets: number;
  /** Items of management keys: records and secrets. */
  readonly managementKeys: number;
  readonly events: number;
  /** Credentials in force in the backup that have ended since, by themselves or with their member. */
  readonly revoked: readonly string[];
  /** Keys that were changed since. An operator has to look at them and enable them again. */
  readonly disabled: readonly string[];
  /** Members who were removed or demoted since. */
  readonly members: readonly string[];
  /** Members like those above who were the last owners in the backup. Their workspaces need another owner. */
  readonly owners: readonly string[];
  /** Invitations that were accepted, revoked or used up since. */
  readonly invitations: readonly string[];
  /** Workspaces whose plan was changed since. They have the newer plan again. */
  readonly plans: readonly string[];
  /** Credentials that were issued after the backup, or while it was made, so that it does not hold them whole. */
  readonly lost: readonly string[];
}

/**
 * Puts a backup back. A key that was revoked after the backup would work again, so the log, which is never replaced, is read
 * first: nothing is put back with more rights than the log allows. At no moment of the restore has anything more rights than
 * before: all items are computed before any is deleted, and secrets are put last.
 * @returns why, when nothing was changed.
 * @see docs/decisions/0019-restore-revives-nothing.md
 */
export async function restore(options: RestoreOptions, backup: Backup): Promise<Restored | NotRestored> {
  const { tables, newEvent } = options;
  const now = options.now();
  const copied = groupByTable(backup);
  const log = await readLog(tables);
  const at = findMoment([...copied.records, ...copied.secrets], backup.at);
  const refusal = findRefusal(options, {
    named: backup.at,
    at,
    now,
    retention: tables.eventRetention,
    isEmpty: await areEmpty(tables),
    log,
    copied: copied.events,
  });
  if (refusal !== undefined) return refusal;
  const events = readEventsSinceBackup([...copied.events, ...log], at);
  const copiedRecords = readCopiedRecords(copied.records);
  const records = restoreRecords(copiedRecords, events, now);
  const secrets = restoreSecrets(copied.secrets, records, now);
  const managementKeys = restoreManagementKeys(backup.items.filter(isOfManagementKey), events, now);
  const lost = findLost(copiedRecords, { events, records, managementKeys });
  if (options.changes === 'make') {
    const newEvents = restoreEvents({ records, managementKeys, lost, events }, { now, newEvent });
    await putItems(tables, 'events', copied.events);
    await wipeTables(tables);
    await putItems(tables, 'records', records.items.map(toItem));
    await runInParallel(newEvents, (event) =>
      documentClient(tables.client).send(new PutCommand(putEventPart(tables, event).Put)),
    );
    await putItems(tables, 'secrets', secrets.items);
    await putItems(tables, 'managementKeys', managementKeys.items);
  }
  const recentlyLost = lost.credentials.filter(events.isRecent).map(({ keyId }) => String(keyId));
  return {
    records: records.items.length,
    secrets: secrets.items.length,
    managementKeys: managementKeys.items.length,
    events: copied.events.length,
    ...listChanges(records, now),
    revoked: [...secrets.revoked, ...managementKeys.revoked],
    lost: [...new Set([...recentlyLost, ...secrets.lost, ...managementKeys.lost])],
  };
}

/** Without the items of management keys, which old backups hold in other tables. */
function groupByTable({ items }: Backup): Record<CopiedTable, Item[]> {
  const groups: Record<CopiedTable, Item[]> = { records: [], secrets: [], managementKeys: [], events: [] };
  for (const one of items) if (!isOfManagementKey(one)) groups[one.table].push(one.item);
  return groups;
}

async function readLog(tables: OperatorTables): Promise<Item[]> {
  const log: Item[] = [];
  for await (const item of scanTable(tables, 'events')) log.push(item);
  return log;
}

interface Result {
  readonly events: EventsSinceBackup;
  readonly records: RestoredRecords;
  readonly managementKeys: RestoredManagementKeys;
}

function findLost({ invitations }: CopiedRecords, { events, records, managementKeys }: Result): Lost {
  const isPutBack = (id: string) =>
    records.keys.has(id) || records.tokens.has(id) || managementKeys.ids.has(id);
  return {
    credentials: events.issued.filter(({ keyId }) => keyId !== null && !isPutBack(keyId)),
    invitations: events.invited.filter(({ invitationId = '' }) => !invitations.has(invitationId)),
  };
}

function listChanges({ keys, members, workspaces, closedInvitations }: RestoredRecords, now: number) {
  const lowered = members.changed.filter(
    ({ member, copied }) => copied !== 'none' && copiedRole(member) !== copied,
  );
  const isLastOwner = ({ member, copied }: ChangedMember) =>
    copied === 'owner' && members.countOwners(member.workspace) === 0;
  const nameOf = ({ member: { workspace, userId } }: ChangedMember) => `${workspace}/${userId}`;
  const disabled = [...keys.values()].filter(
    ({ fate, before }) => fate === 'disabled' && statusOf(before, now) === 'active',
  );
  return {
    disabled: disabled.map(({ record }) => record.id),
    members: lowered.filter((one) => !isLastOwner(one)).map(nameOf),
    owners: lowered.filter(isLastOwner).map(nameOf),
    invitations: closedInvitations,
    plans: workspaces.replanned.map(({ workspace }) => workspace.slug),
  };
}
