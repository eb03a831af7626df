import type { ApiKey } from '../../core/api-key.ts';
import type { AuditEvent } from '../../core/audit-event.ts';
import type { IdentifierPrefix } from '../../core/identifier.ts';
import type {
  ChangeOutcome,
  KeyAddress,
  KeyRevocation,
  KeyRotation,
  KeyUpdate,
  RotateOutcome,
} from '../../core/key-store.ts';
import { Unavailable } from '../../core/unavailable.ts';
import { pause } from './contention.ts';
import { ownerOf } from './key-issue.ts';
import { fieldsOf, type KeyRecord, type PendingChange, secretFieldsOf } from './key-item.ts';
import { readRecord, withLastUse } from './key-read.ts';
import { apply, begin, finish, undisturbed } from './pending-change.ts';
import { keepPlace } from './places.ts';
import { writeSecret } from './secret-item.ts';
import type { Tables } from './tables.ts';

/** What finishing somebody else's change needs besides the tables. */
export interface Finisher {
  readonly tables: Tables;
  /** Unix seconds. */
  readonly now: () => number;
  readonly newId: (prefix: IdentifierPrefix) => string;
}

/** A rotation younger than this may still be under way: longer than any function is given. Seconds. */
const ROTATION_LEASE_SECONDS = 30;

/** How often a change waits for another one under way on the same key before it gives up with 503. */
const WAITS = 10;

export async function updateKey(tables: Tables, update: KeyUpdate): Promise<ChangeOutcome> {
  const record = await recordAsDecided(tables, update.key);
  if (record === undefined) return { kind: 'conflict' };
  const { fields, effectiveRateLimit } = update;
  const { secrets } = record;
  const change: PendingChange = {
    kind: 'update',
    id: update.changeId,
    since: update.now,
    fields,
    effectiveRateLimit,
    secrets,
    dropped: [],
  };
  const begun = await begin(tables, {
    record,
    change,
    condition: undisturbed(record),
    event: update.event,
    also: placeHolding(tables, record, fields.expiresAt),
  });
  if (begun === 'conflict') return { kind: 'conflict' };
  return complete(tables, begun, change);
}

/** While an update is under way its key holds its place for as long as either expiry says. */
function placeHolding(tables: Tables, record: KeyRecord, newExpiry: number | null) {
  if (record.place === null) return [];
  const expiresAt =
    record.expiresAt === null || newExpiry === null ? null : Math.max(record.expiresAt, newExpiry);
  const { workspace: slug, place, id: keyId } = record;
  return [keepPlace(tables, { slug, place, keyId, expiresAt, version: record.version + 1 })];
}

export async function rotateKey(tables: Tables, rotation: KeyRotation): Promise<RotateOutcome> {
  const record = await recordAsDecided(tables, rotation.key);
  if (record === undefined) return { kind: 'conflict' };
  const { now, overlapSeconds, secret } = rotation;
  const live = record.secrets.filter(({ endsAt }) => endsAt === null || endsAt > now);
  if (live.length > 1 && overlapSeconds > 0) return { kind: 'rotation_in_progress' };
  const added = { digest: secret.digest, endsAt: null };
  const newEnd = overlapSeconds === 0 ? 0 : now + overlapSeconds;
  // What this clock calls ended is ended for every clock before the key forgets it and no revocation reaches it.
  const older = record.secrets.map((own) => ({ ...own, endsAt: live.includes(own) ? newEnd : 0 }));
  const change: PendingChange = {
    kind: 'rotate',
    id: rotation.changeId,
    since: now,
    start: secret.start,
    secrets: [...older, added],
    added: secret.digest,
    formerlyUsedAt: rotation.key.lastUsedAt,
  };
  // The new secret is listed from the start, so that a revocation that comes in between reaches it too.
  const attributes = { secrets: [...record.secrets, added] };
  const fields = secretFieldsOf(record, record.effectiveRateLimit, null);
  const begun = await begin(tables, {
    record,
    change,
    attributes,
    condition: undisturbed(record),
    event: rotation.event,
    also: [
      {
        Put: {
          TableName: tables.secrets,
          Item: writeSecret(secret.digest, ownerOf(record), fields, record.version + 1),
          ConditionExpression: 'attribute_not_exists(pk)',
        },
      },
    ],
  });
  if (begun === 'conflict') return { kind: 'conflict' };
  return complete(tables, begun, change);
}

/** @returns `undefined` when there is no such key. */
export async function revokeKey(tables: Tables, revocation: KeyRevocation): Promise<ApiKey | undefined> {
  const record = await readRecord(tables, revocation.address);
  if (record === undefined) return undefined;
  if (record.revokedAt !== null) return presented(tables, record);
  const change: PendingChange = { kind: 'revoke', id: revocation.changeId, since: revocation.now };
  // It asks for no version: however busy the key is with other changes, its revocation gets through.
  const begun = await begin(tables, {
    record,
    change,
    condition: {
      expression: 'attribute_exists(pk) AND #pendingChange.kind <> :revoke AND revokedAt = :never',
      values: { ':revoke': 'revoke', ':never': null },
    },
    event: revocation.event,
  });
  // Read again, since a rotation may have added a secret just before the mark was set; none can after it.
  const marked = await readRecord(tables, revocation.address);
  if (marked === undefined) return undefined;
  if (begun === 'conflict' && marked.revokedAt !== null) return presented(tables, marked);
  const pending = begun === 'conflict' ? marked.pendingChange : change;
  if (pending?.kind !== 'revoke') throw new Unavailable('A revocation lost its mark.');
  await apply(tables, marked, pending);
  const finished = await finish(tables, marked, pending);
  if (finished !== 'superseded') return presented(tables, finished);
  const current = await readRecord(tables, revocation.address);
  return current && presented(tables, current);
}

/** The key's record once nothing is under way on it: what was left half done is finished or undone first. */
export async function settledRecord(finisher: Finisher, address: KeyAddress): Promise<KeyRecord | undefined> {
  for (let wait = 1; wait <= WAITS; wait += 1) {
    const record = await readRecord(finisher.tables, address);
    if (record === undefined || record.pendingChange === null) return record;
    await settle(finisher, record, record.pendingChange);
    await pause(wait);
  }
  throw new Unavailable('Another change of the key is under way.');
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
    secrets: record.secrets.filter(({ digest }) => digest !== change.added),
    dropped: [change.added],
  };
  const begun = await begin(tables, {
    record,
    change: undo,
    condition: { expression: '#pendingChange.id = :abandoned', values: { ':abandoned': change.id } },
    event: abandonment(finisher, record),
  });
  if (begun === 'conflict') return;
  await apply(tables, begun, undo);
  await finish(tables, begun, undo);
}

function abandonment({ now, newId }: Finisher, { workspace, id }: KeyRecord): AuditEvent {
  return {
    id: newId('evt'),
    at: now(),
    type: 'key.rotation_abandoned',
    actor: { kind: 'sweeper', credentialId: null, user: null },
    sourceAddress: null,
    workspace,
    keyId: id,
  };
}

/** The record that a decision was made on; `undefined` once it is another. */
async function recordAsDecided(tables: Tables, key: ApiKey): Promise<KeyRecord | undefined> {
  const record = await readRecord(tables, key);
  return record?.version === key.version && record.pendingChange === null ? record : undefined;
}

/** What is no longer pending was finished all the same, unless it was undone or overtaken by a revocation. */
async function complete(tables: Tables, begun: KeyRecord, change: PendingChange): Promise<ChangeOutcome> {
  await apply(tables, begun, change);
  const finished = await finish(tables, begun, change);
  if (finished !== 'superseded') return { kind: 'changed', key: await presented(tables, finished) };
  const current = await readRecord(tables, begun);
  if (current === undefined || !wasFinished(current, change)) return { kind: 'conflict' };
  return { kind: 'changed', key: await presented(tables, current) };
}

/**
 * Tells how a change ended that is no longer pending. Whoever finished it may have been this caller: the SDK sends a write
 * again when its answer is lost, and finds it done.
 */
function wasFinished({ revokedAt, pendingChange, secrets }: KeyRecord, change: PendingChange): boolean {
  if (revokedAt !== null || pendingChange?.kind === 'revoke') return false;
  if (change.kind !== 'rotate') return true;
  const isBeingUndone = pendingChange?.kind === 'update' && pendingChange.dropped.includes(change.added);
  return !isBeingUndone && secrets.some(({ digest }) => digest === change.added);
}

async function presented(tables: Tables, record: KeyRecord): Promise<ApiKey> {
  const [key] = await withLastUse(tables, [record]);
  return key as ApiKey;
}
