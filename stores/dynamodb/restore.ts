import type { AuditEvent } from '../../core/audit-event.ts';
import { type CopiedItem, type CopiedTable, type Item, isEmpty, putItems, wipe } from './backup.ts';
import type { Finisher } from './key-settle.ts';
import { laterEvents } from './later-events.ts';
import { type Replayed, replay } from './replay.ts';

/** A copy of the tables, and the moment of which it is, in Unix seconds. */
export interface Backup {
  readonly at: number;
  readonly items: readonly CopiedItem[];
}

export interface RestoreOptions extends Finisher {
  /** What is to become of what the tables hold: it is deleted first, or there must be nothing. */
  readonly present: 'replace' | 'none';
  /** An event of the operator's. */
  readonly newEvent: (
    event: Pick<AuditEvent, 'type' | 'workspace' | 'keyId'> & { readonly userId?: string },
  ) => AuditEvent;
}

export interface Restored extends Replayed {
  readonly records: number;
  readonly secrets: number;
  readonly events: number;
  /** Credentials that the copy has in force and the log has revoked, by their ids. */
  readonly revoked: readonly string[];
  /** Credentials that were issued since the copy, of which only the log knows. */
  readonly lost: readonly string[];
}

/**
 * Puts a copy back. A copy is older than what has happened since, and a key that was revoked after it would work again: so the
 * log, which is never replaced, is read first, no secret is put back as more than the log allows, and what the log tells is
 * then done once more.
 * @returns `not_empty` when there is something and it may not be replaced; nothing was changed.
 */
export async function restore(
  options: RestoreOptions,
  { at, items }: Backup,
): Promise<Restored | 'not_empty'> {
  const { tables, present } = options;
  if (present === 'none' && !(await isEmpty(tables))) return 'not_empty';
  const copied: Record<CopiedTable, Item[]> = { records: [], secrets: [], events: [] };
  for (const { table, item } of items) copied[table].push(item);
  await putItems(tables, 'events', copied.events);
  const later = await laterEvents(tables, at);
  const revokedIds = new Set(later.revocations.map(({ keyId }) => keyId));
  const isRevived = (item: Item) => stateOf(item) !== 'revoked' && revokedIds.has(credentialIdOf(item));
  await wipe(tables);
  await putItems(tables, 'records', copied.records);
  await putItems(
    tables,
    'secrets',
    copied.secrets.map((item) => {
      if (stateOf(item) === undefined) return item;
      if (isRevived(item)) return { ...item, secretState: { S: 'revoked' } };
      // What it was before the change may be more than it is now: it waits to be looked at.
      const isChanged = later.changedKeys.has(credentialIdOf(item)) && stateOf(item) === 'active';
      return isChanged ? { ...item, secretState: { S: 'disabled' } } : item;
    }),
  );
  const known = new Set(copied.secrets.map(credentialIdOf));
  return {
    records: copied.records.length,
    secrets: copied.secrets.length,
    events: copied.events.length,
    ...(await replay(options, later)),
    revoked: [...new Set(copied.secrets.filter(isRevived).map(credentialIdOf))],
    lost: later.issued.flatMap(({ keyId }) => (keyId === null || known.has(keyId) ? [] : [keyId])),
  };
}

/** Absent on the items that say in which workspaces a token works. */
function stateOf(item: Item): string | undefined {
  return item.secretState?.S;
}

function credentialIdOf(item: Item): string {
  return item.credentialId?.S ?? '';
}
