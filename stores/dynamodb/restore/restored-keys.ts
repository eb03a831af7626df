import { effectiveLimit } from '../../../core/access/rate-limit.ts';
import { changeBounds } from '../../../core/credential/key-bounds.ts';
import type { StoredChange } from '../audit/event-store.ts';
import { earlier, type KeyRecord, type SecretReference, writeKey } from '../keys/key-item.ts';
import type { Document } from '../table/documents.ts';
import type { Copied, CopiedRecords } from './copied-records.ts';
import { type EventsSinceBackup, versionAfter } from './events-since-backup.ts';
import type { RestoredMembers, Standing } from './restored-members.ts';
import type { KnownPlan } from './restored-workspaces.ts';

/** A key as it may be put back. */
export interface RestoredKey {
  readonly item: Document;
  readonly record: KeyRecord;
  /** `ended`: revoked by this restore. `disabled`: changed after the backup. `kept`: as in the backup, but for role and plan. */
  readonly fate: 'ended' | 'disabled' | 'kept';
  /** The record in the backup. */
  readonly before: KeyRecord;
}

interface Context {
  readonly events: EventsSinceBackup;
  readonly members: RestoredMembers;
  readonly planOf: (slug: string) => KnownPlan | undefined;
  /** Unix seconds. */
  readonly now: number;
}

/**
 * Computes the keys to put back. Writes nothing. A key that has ended since the backup is revoked. A key that was changed since
 * is disabled until an operator has looked at it. It has its last settings, and its secrets end as the last rotation said, so
 * enabling it gives nothing back. A change that is half done in the backup counts as one since.
 */
export function restoreKeys(records: CopiedRecords, context: Context): ReadonlyMap<string, RestoredKey> {
  const memberVersions = new Map(
    records.memberKeys.map(({ keyId, memberVersion }) => [keyId, Number(memberVersion)]),
  );
  return new Map(
    [...records.keys].map(([id, copied]) => [id, restoreKey(copied, memberVersions.get(id) ?? 0, context)]),
  );
}

function restoreKey(copied: Copied<KeyRecord>, memberVersion: number, context: Context): RestoredKey {
  const { value: before, item } = copied;
  if (before.revokedAt !== null) return { item, record: before, before, fate: 'kept' };
  const { events, members, planOf, now } = context;
  const { id, workspace, createdBy, rateLimit, pendingChange } = before;
  const missing = events.changesOfKey(id, before.version);
  const creator = { workspace, userId: createdBy ?? '' };
  const standing = members.standingOf(creator);
  const plan = planOf(workspace);
  const version = versionAfter(before.version, missing) + countUntold(before, standing, plan);
  const hasEnded =
    events.revoked.has(id) ||
    pendingChange?.kind === 'revoke' ||
    members.hasEndedKey(creator, memberVersion) ||
    (before.role !== null && standing.role === 'none');
  if (hasEnded) return settleKey(copied, { ...before, version, revokedAt: now }, 'ended');
  const own = holdToRole(before, standing);
  const isLimitUnknown = plan?.limit === 'unknown' && rateLimit === null;
  if (missing.length === 0 && pendingChange === null && !isLimitUnknown) {
    const record = holdToPlan(own, plan);
    return record === before
      ? { item, record, before, fate: 'kept' }
      : settleKey(copied, { ...record, version }, 'kept');
  }
  const last = holdToPlan({ ...own, ...findLastSettings(before, missing) }, plan);
  const disabled: KeyRecord = {
    ...last,
    version,
    enabled: false,
    secrets: endSecrets(before, missing),
    bounds: changeBounds(last.bounds, { rank: 'operator', named: { enabled: false } }),
  };
  return settleKey(copied, disabled, 'disabled');
}

/** A key that is put back changed. No change of it is pending any more. */
function settleKey(
  { item, value: before }: Copied<KeyRecord>,
  next: KeyRecord,
  fate: RestoredKey['fate'],
): RestoredKey {
  const record: KeyRecord = { ...next, pendingChange: null };
  return {
    record,
    before,
    fate,
    item: { ...item, ...writeKey(record), pending: undefined, pendingSince: undefined },
  };
}

/**
 * Counts the versions that a key may have gained without an event of its own: a change of its creator's role or of its
 * workspace's plan bumps its version. A newer backup may hold such a version. The restored key needs a higher one. Otherwise
 * that backup would seem to hold events that come after this restore.
 */
function countUntold(
  { role, roleVersion = 0, planVersion = 0 }: KeyRecord,
  standing: Standing,
  plan: KnownPlan | undefined,
): number {
  const ofRole = role === null ? 0 : Math.max(0, standing.version - roleVersion);
  return ofRole + Math.max(0, (plan?.version ?? 0) - planVersion);
}

/** A key that acts with a role gets its creator's. */
function holdToRole(record: KeyRecord, { role, version }: Standing): KeyRecord {
  if (record.role === null || role === 'none') return record;
  if (record.role === role && record.roleVersion === version) return record;
  return { ...record, role, roleVersion: version };
}

/** Holds a key to the limit of a newer plan, unless it has a limit of its own. */
function holdToPlan(record: KeyRecord, plan: KnownPlan | undefined): KeyRecord {
  const { planVersion = 0 } = record;
  if (plan === undefined || plan.limit === 'unknown' || planVersion >= plan.version) return record;
  return { ...record, planVersion: plan.version, effectiveRateLimit: effectiveLimit(plan.limit, record) };
}

/** Finds the last settings of the key, as far as they are known. */
function findLastSettings(
  { pendingChange }: KeyRecord,
  missing: readonly StoredChange[],
): Partial<Pick<KeyRecord, 'effectiveRateLimit'>> {
  const told = missing.findLast(({ effect }) => effect?.key !== undefined)?.effect?.key;
  if (told !== undefined) return { ...told.fields, effectiveRateLimit: told.effectiveRateLimit };
  if (pendingChange?.kind !== 'update') return {};
  return { ...pendingChange.fields, effectiveRateLimit: pendingChange.effectiveRateLimit };
}

/**
 * Ends the secrets of the backup as the rotations since have said, and those that were revoked before. Leaves out those
 * that ended at once.
 */
function endSecrets(record: KeyRecord, missing: readonly StoredChange[]): readonly SecretReference[] {
  const undone = new Set(
    missing.flatMap(({ type, before }) => (type === 'key.rotation_abandoned' ? [before?.start] : [])),
  );
  const endAfter = (endsAt: number | null, { type, effect, after }: StoredChange): number | null => {
    // It spared the newest secret of that moment, which had no end.
    if (type === 'key.previous_secret_revoked') return endsAt === null ? null : 0;
    if (type !== 'key.rotated' || undone.has(after?.start)) return endsAt;
    // An old event does not say when the older secrets end. They end at once: nothing says that they still work.
    return earlier(endsAt, effect?.olderSecretsEndAt ?? 0);
  };
  return settleSecrets(record, undone)
    .map((own) => ({ ...own, endsAt: missing.reduce(endAfter, own.endsAt) }))
    .filter(({ endsAt }) => endsAt !== 0);
}

/** The secrets of a key once the change that is half done in the backup is finished, or undone. */
function settleSecrets(
  { secrets, pendingChange }: KeyRecord,
  undone: ReadonlySet<unknown>,
): readonly SecretReference[] {
  if (pendingChange === null || pendingChange.kind === 'revoke') return secrets;
  const isUndone = pendingChange.kind === 'rotate' && undone.has(pendingChange.start);
  return isUndone ? secrets.filter(({ locator }) => locator !== pendingChange.added) : pendingChange.secrets;
}
