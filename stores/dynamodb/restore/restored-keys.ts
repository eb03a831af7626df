import { unmarshall } from '@aws-sdk/util-dynamodb';
import { effectiveLimit, type RateLimit } from '../../../core/access/rate-limit.ts';
import { changeBounds } from '../../../core/credential/key-bounds.ts';
import type { StoredChange } from '../audit/event-item.ts';
import { earlier, type KeyRecord, type SecretReference, toItem } from '../keys/key-item.ts';
import type { Item } from './backup.ts';
import type { Copied, CopiedRecords } from './copied-records.ts';
import { type EventsSinceBackup, versionAfter } from './events-since-backup.ts';
import type { RestoredMembers, Standing } from './restored-members.ts';

/** A key as it may be put back. */
export interface RestoredKey {
  readonly item: Item;
  readonly record: KeyRecord;
  /** `ended`: revoked, and not in the copy. `disabled`: changed since. `kept`: as in the copy, but for its role and plan. */
  readonly fate: 'ended' | 'disabled' | 'kept';
  /** What it was in the copy. */
  readonly before: KeyRecord;
}

/** The plan's limit that a workspace's keys are held to, and the version of the workspace from which on they are. */
export interface KnownPlan {
  /** `unknown`: the plan has changed, and no event says to what limit. */
  readonly limit: RateLimit | null | 'unknown';
  readonly version: number;
}

interface Context {
  readonly events: EventsSinceBackup;
  readonly members: RestoredMembers;
  readonly planOf: (slug: string) => KnownPlan | undefined;
  /** Unix seconds. */
  readonly now: number;
}

/**
 * Keys as the log allows them. One that ended since is revoked. One that was changed since is disabled, until somebody has
 * looked at it; its settings are the last that it had and its secrets end as a rotation since has said, so that enabling it
 * gives nothing back. A change that the copy holds half done counts as one since.
 */
export function restoreKeys(records: CopiedRecords, context: Context): ReadonlyMap<string, RestoredKey> {
  const memberVersions = new Map(
    records.memberKeys.map(({ keyId, memberVersion }) => [keyId?.S, Number(memberVersion?.N)]),
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
  const version = versionAfter(before.version, missing) + mostUntold(before, standing, plan);
  const hasEnded =
    events.revoked.has(id) ||
    pendingChange?.kind === 'revoke' ||
    members.endedKeys(creator, memberVersion) ||
    (before.role !== null && standing.role === 'none');
  if (hasEnded) return changed(copied, { ...before, version, revokedAt: now }, 'ended');
  const own = heldToRole(before, standing);
  const isLimitUnknown = plan?.limit === 'unknown' && rateLimit === null;
  if (missing.length === 0 && pendingChange === null && !isLimitUnknown) {
    const record = heldToPlan(own, plan);
    return record === before
      ? { item, record, before, fate: 'kept' }
      : changed(copied, { ...record, version }, 'kept');
  }
  const last = heldToPlan({ ...own, ...lastSettings(before, missing) }, plan);
  return changed(
    copied,
    {
      ...{ ...last, version, enabled: false, secrets: secretsAfter(before, missing) },
      bounds: changeBounds(last.bounds, { rank: 'operator', named: { enabled: false } }),
    },
    'disabled',
  );
}

function changed(
  { item, value: before }: Copied<KeyRecord>,
  next: KeyRecord,
  fate: RestoredKey['fate'],
): RestoredKey {
  const record = { ...next, pendingChange: null };
  const unmarked = { pending: undefined, pendingSince: undefined };
  return { record, before, fate, item: toItem({ ...unmarshall(item), ...record, ...unmarked }) };
}

/**
 * How many versions a key may have become newer by without an event of its own: by one for each change of its creator's role
 * and of its workspace's plan. A newer copy may know them, and must know nothing of what happens behind this restore.
 */
function mostUntold(
  { role, roleVersion = 0, planVersion = 0 }: KeyRecord,
  standing: Standing,
  plan: KnownPlan | undefined,
): number {
  const ofRole = role === null ? 0 : Math.max(0, standing.version - roleVersion);
  return ofRole + Math.max(0, (plan?.version ?? 0) - planVersion);
}

/** A key that acts with a role has its creator's. */
function heldToRole(record: KeyRecord, { role, version }: Standing): KeyRecord {
  if (record.role === null || role === 'none') return record;
  if (record.role === role && record.roleVersion === version) return record;
  return { ...record, role, roleVersion: version };
}

/** A key that was last made to agree with an older plan is held to the new one's limit, as far as it has none of its own. */
function heldToPlan(record: KeyRecord, plan: KnownPlan | undefined): KeyRecord {
  const { planVersion = 0 } = record;
  if (plan === undefined || plan.limit === 'unknown' || planVersion >= plan.version) return record;
  return { ...record, planVersion: plan.version, effectiveRateLimit: effectiveLimit(plan.limit, record) };
}

/** What the key was set to last, as far as that is known. */
function lastSettings(
  { pendingChange }: KeyRecord,
  missing: readonly StoredChange[],
): Partial<Pick<KeyRecord, 'effectiveRateLimit'>> {
  const told = missing.findLast(({ effect }) => effect?.key !== undefined)?.effect?.key;
  if (told !== undefined) return { ...told.fields, effectiveRateLimit: told.effectiveRateLimit };
  if (pendingChange?.kind !== 'update') return {};
  return { ...pendingChange.fields, effectiveRateLimit: pendingChange.effectiveRateLimit };
}

/** The secrets of the copy, none of which outlives what rotations have said since. What has ended at 0 is forgotten. */
function secretsAfter(record: KeyRecord, missing: readonly StoredChange[]): readonly SecretReference[] {
  const undone = new Set(
    missing.flatMap(({ type, before }) => (type === 'key.rotation_abandoned' ? [before?.start] : [])),
  );
  // Where an event does not say when they end, nothing says that they still work.
  const ends = missing.flatMap(({ type, effect, after }) =>
    type === 'key.rotated' && !undone.has(after?.start) ? [effect?.olderSecretsEndAt ?? 0] : [],
  );
  return settledSecrets(record, undone)
    .map(({ locator, endsAt }) => ({ locator, endsAt: ends.reduce<number | null>(earlier, endsAt) }))
    .filter(({ endsAt }) => endsAt !== 0);
}

/** The secrets of a key once the change that the copy has half done is over. */
function settledSecrets(
  { secrets, pendingChange }: KeyRecord,
  undone: ReadonlySet<unknown>,
): readonly SecretReference[] {
  if (pendingChange === null || pendingChange.kind === 'revoke') return secrets;
  const isUndone = pendingChange.kind === 'rotate' && undone.has(pendingChange.start);
  return isUndone ? secrets.filter(({ locator }) => locator !== pendingChange.added) : pendingChange.secrets;
}
