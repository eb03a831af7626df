import type { AuditEvent } from '../../../core/audit/audit-event.ts';
import type { IdentifierPrefix } from '../../../core/credential/identifier.ts';
import { Contended } from '../../../core/errors/fault.ts';
import type { KeyAddress } from '../../../core/management/key-store.ts';
import { pause } from '../table/contention.ts';
import type { Tables } from '../table/tables.ts';
import { fieldsOf, type KeyRecord, type PendingChange } from './key-item.ts';
import { readRecord } from './key-read.ts';
import { apply, begin, finish } from './pending-change.ts';

/** What finishing somebody else's change needs besides the tables. */
export interface Finisher {
  readonly tables: Tables;
  /** Unix seconds. */
  readonly now: () => number;
  readonly newId: (prefix: IdentifierPrefix) => string;
  /**
   * How long this process may go on with a change that reaches many credentials.
   * @default as long as it takes
   */
  readonly millisecondsLeft?: () => number;
}

/** A rotation younger than this may still be under way: longer than any function is given. Seconds. */
const ROTATION_LEASE_SECONDS = 30;

/** How often a change waits for another one under way on the same key before it is decided again. */
const WAITS = 10;

/**
 * How often it only looks, before it finishes that change itself. Most callers finish theirs within that time: many who wait for
 * one would all write the same.
 */
const LOOKS = 2;

/** The key's record once nothing is under way on it: what was left half done is finished or undone first. */
export async function settledRecord(finisher: Finisher, address: KeyAddress): Promise<KeyRecord | undefined> {
  for (let wait = 1; wait <= WAITS; wait += 1) {
    const record = await readRecord(finisher.tables, address);
    if (record === undefined || record.pendingChange === null) return record;
    if (wait > LOOKS) await settle(finisher, record, record.pendingChange);
    await pause(wait);
  }
  throw new Contended('Another change of the key is under way.');
}

/** Finishes a pending change; a rotation whose caller is gone is undone, since nobody knows its new secret. */
export async function settle(finisher: Finisher, record: KeyRecord, change: PendingChange): Promise<void> {
  const { tables, now } = finisher;
  if (change.kind !== 'rotate') {
    await apply(tables, record, change);
    await finish(tables, record, change);
    return;
  }
  if (change.since > now() - ROTATION_LEASE_SECONDS) return;
  const undo: PendingChange = {
    kind: 'update',
    id: finisher.newId('chg'),
    since: now(),
    fields: fieldsOf(record),
    effectiveRateLimit: record.effectiveRateLimit,
    secrets: record.secrets.filter(({ locator }) => locator !== change.added),
    dropped: [change.added],
  };
  const begun = await begin(tables, {
    record,
    change: undo,
    condition: { expression: '#pendingChange.id = :abandoned', values: { ':abandoned': change.id } },
    event: abandonment(finisher, record, change.start),
  });
  if (typeof begun === 'string') return;
  await apply(tables, begun, undo);
  await finish(tables, begun, undo);
}

function abandonment(
  { now, newId }: Finisher,
  { workspace, id, start }: KeyRecord,
  abandonedStart: string,
): AuditEvent {
  return {
    id: newId('evt'),
    at: now(),
    type: 'key.rotation_abandoned',
    actor: { kind: 'sweeper', credentialId: null, user: null },
    sourceAddress: null,
    workspace,
    keyId: id,
    ...{ before: { start: abandonedStart }, after: { start } },
    outcome: 'done',
  };
}
