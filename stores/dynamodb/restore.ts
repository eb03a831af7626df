import type { ChangeEvent } from '../../core/audit-event.ts';
import { type CopiedItem, type CopiedTable, type Item, isEmpty, itemsOf, putItems, wipe } from './backup.ts';
import { readCopiedRecords } from './copied-records.ts';
import type { Finisher } from './key-settle.ts';
import { laterEvents } from './later-events.ts';
import { hasForgotten } from './log-reach.ts';
import { type Replayed, replay } from './replay.ts';
import { isOfManagementKey, restoredManagementKeys } from './restored-management-keys.ts';
import { keysWithoutMember, missingMemberKeys, restoredRecord, restoredSecrets } from './restored-secrets.ts';
import type { OperatorTables } from './tables.ts';

/** A copy of the tables, and the moment of which it is, in Unix seconds. */
export interface Backup {
  readonly at: number;
  readonly items: readonly CopiedItem[];
}

export interface RestoreOptions extends Finisher {
  readonly tables: OperatorTables;
  /** What is to become of what the tables hold: it is deleted first, or there must be nothing. */
  readonly present: 'replace' | 'none';
  /**
   * What is to be done with a copy that is older than what the log remembers, so that keys may work again which were revoked.
   * The retention is that of `tables`, which has to be known.
   */
  readonly forgotten: 'refuse' | 'accept';
  /** An event of the operator's. */
  readonly newEvent: (
    event: Pick<ChangeEvent, 'type' | 'workspace' | 'keyId'> & { readonly userId?: string },
  ) => ChangeEvent;
}

export interface Restored extends Replayed {
  readonly records: number;
  readonly secrets: number;
  /** Items of management keys: records and secrets. */
  readonly managementKeys: number;
  readonly events: number;
  /** Credentials that the copy has in force and the log has ended, themselves or with their member, by their ids. */
  readonly revoked: readonly string[];
  /** Credentials that were issued since the copy, or while it was made, and are not in it whole. */
  readonly lost: readonly string[];
}

export type NotRestored = 'not_empty' | 'log_forgets' | 'unknown_retention';

/**
 * Puts a copy back. A copy is older than what has happened since, and a key that was revoked after it would work again: so the
 * log, which is never replaced, is read first, no secret is put back as more than the log allows, and what the log tells is
 * then done once more.
 * @returns when nothing was changed, why: `not_empty` when there is something and it may not be replaced; `log_forgets` when the
 * log may not tell of every revocation since; `unknown_retention` when nobody can say whether it does.
 */
export async function restore(
  options: RestoreOptions,
  { at, items }: Backup,
): Promise<Restored | NotRestored> {
  const { tables, present, forgotten } = options;
  if (present === 'none' && !(await isEmpty(tables))) return 'not_empty';
  const copied: Record<CopiedTable, Item[]> = { records: [], secrets: [], managementKeys: [], events: [] };
  for (const one of items) if (!isOfManagementKey(one)) copied[one.table].push(one.item);
  const log = [...copied.events];
  for await (const item of itemsOf(tables, 'events')) log.push(item);
  if (forgotten === 'refuse') {
    const retention = tables.eventRetention;
    if (retention === undefined) return 'unknown_retention';
    if (hasForgotten(log, { at, now: options.now(), retention })) return 'log_forgets';
  }
  await putItems(tables, 'events', copied.events);
  const later = laterEvents(log, at);
  const records = readCopiedRecords(copied.records, later);
  const secrets = restoredSecrets(copied.secrets, records, later);
  const managementKeys = restoredManagementKeys(items.filter(isOfManagementKey), later);
  const known = new Set([...records.keys.keys(), ...records.tokens, ...managementKeys.ids]);
  const issued = later.issued.flatMap(({ keyId }) => (keyId === null || known.has(keyId) ? [] : [keyId]));
  await wipe(tables);
  await putItems(tables, 'records', [
    ...copied.records.map((item) => restoredRecord(item, records)),
    ...missingMemberKeys(copied.records, records),
  ]);
  await putItems(tables, 'secrets', secrets.items);
  await putItems(tables, 'managementKeys', managementKeys.items);
  return {
    records: copied.records.length,
    secrets: secrets.items.length,
    managementKeys: managementKeys.items.length,
    events: copied.events.length,
    ...(await replay(options, later, keysWithoutMember(records))),
    revoked: [...secrets.revoked, ...managementKeys.revoked],
    lost: [...new Set([...issued, ...secrets.lost, ...managementKeys.lost])],
  };
}
