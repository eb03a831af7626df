import { UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { effectiveLimit, isSameLimit, type RateLimit } from '../../../core/access/rate-limit.ts';
import { Unavailable } from '../../../core/errors/fault.ts';
import { fieldsOf, type KeyRecord, type PendingChange, readKey, toItem, toValues } from '../keys/key-item.ts';
import { readRecord } from '../keys/key-read.ts';
import { type Finisher, settledRecord } from '../keys/key-settle.ts';
import { apply, begin, finish, undisturbed } from '../keys/pending-change.ts';
import { pause, unlessRefused, wasWritten } from '../table/contention.ts';
import { listedTargets } from '../table/listed-targets.ts';
import { NO_PROGRESS, type Propagation, type Target, type TargetList } from '../table/propagation.ts';
import { propagateItem, saveProgress } from '../table/stored-progress.ts';
import { keyKey, type Tables, workspaceKey } from '../table/tables.ts';
import { readWorkspaceItem, type WorkspaceItem } from './workspace-item.ts';

/** How often a key is tried that others are changing at the same time. */
const ATTEMPTS = 10;

/** A plan's limit, and the version of the workspace that it belongs to. */
interface VersionedLimit {
  readonly limit: RateLimit | null;
  readonly version: number;
}

/**
 * Brings a new plan to every key that has no limit of its own, and marks the change as done. Issuing requires the workspace's
 * version, so that a key is either listed here or was issued under the new plan.
 * @throws {Unfinished} when the time is over.
 */
export async function propagatePlan(finisher: Finisher, item: WorkspaceItem): Promise<void> {
  await propagateItem(finisher, item, {
    read: () => readWorkspaceItem(finisher.tables, item.slug),
    propagationOf: planPropagation,
  });
}

/** @returns `undefined` for a workspace whose plan is not being changed. */
export function planPropagation(finisher: Finisher, item: WorkspaceItem): Propagation | undefined {
  const { tables, now } = finisher;
  const { slug, version, pendingChange: change } = item;
  if (change === undefined) return undefined;
  const { id, limit, progress = NO_PROGRESS } = change;
  const key = workspaceKey(slug);
  return {
    lists: [keyTargets(finisher, slug, { limit, version: change.version ?? version })],
    progress,
    save: (next) => saveProgress(tables, key, { changeId: id, progress: next, now: now() }),
    finish: () =>
      unlessRefused(() =>
        tables.client.send(
          new UpdateItemCommand({
            TableName: tables.records,
            Key: toItem(key),
            UpdateExpression: 'REMOVE pending, pendingSince, pendingChange',
            ConditionExpression: 'pendingChange.id = :id',
            ExpressionAttributeValues: toValues({ ':id': id }),
          }),
        ),
      ),
  };
}

/** Every key of a workspace, newest first. */
function keyTargets(finisher: Finisher, workspace: string, plan: VersionedLimit): TargetList {
  const { client, records } = finisher.tables;
  const { pk, sk: prefix } = keyKey(workspace, '');
  const query = { table: records, pk, prefix, order: 'descending' } as const;
  const target = (record: KeyRecord): Target => ({
    id: record.id,
    change: () => alignKeyLimit(finisher, record, plan),
  });
  return {
    ...listedTargets(client, query, (items) => items.map(readKey).map(target)),
    async get(id) {
      const record = await readRecord(finisher.tables, { workspace, id });
      return record && target(record);
    },
  };
}

/**
 * Makes one key agree with the plan, by the change that any other update is. The record says for which version of the
 * workspace that was done: it is not done twice, and an older plan never overwrites a newer one.
 */
async function alignKeyLimit(finisher: Finisher, listed: KeyRecord, plan: VersionedLimit): Promise<void> {
  let record: KeyRecord | undefined = listed;
  for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
    if (record?.pendingChange != null) record = await settledRecord(finisher, listed);
    if (record === undefined || record.revokedAt !== null) return;
    if ((record.planVersion ?? 0) >= plan.version) return;
    const limit = effectiveLimit(plan.limit, record);
    const isDone: boolean = !isSameLimit(record.effectiveRateLimit, limit)
      ? await changeLimit(finisher, record, { ...plan, limit })
      : await noteVersion(finisher.tables, record, plan.version);
    if (isDone) return;
    await pause(attempt);
    record = await settledRecord(finisher, listed);
  }
  throw new Unavailable('A key keeps changing while its plan does.');
}

/** It writes no event of its own: the workspace's tells of all its keys. */
async function changeLimit(
  { tables, now, newId }: Finisher,
  record: KeyRecord,
  { limit, version }: VersionedLimit,
): Promise<boolean> {
  const change: PendingChange = {
    kind: 'update',
    id: newId('chg'),
    since: now(),
    fields: fieldsOf(record),
    effectiveRateLimit: limit,
    secrets: record.secrets,
    dropped: [],
  };
  const begun = await begin(tables, {
    ...{ record, change, event: null, condition: undisturbed(record) },
    attributes: { planVersion: version },
  });
  if (typeof begun === 'string') return false;
  await apply(tables, begun, change);
  await finish(tables, begun, change);
  return true;
}

/**
 * Bumps the version of a key that has the limit already, or one of its own: an update that was decided on the old plan, such
 * as one that takes the key's own limit away, is decided again.
 */
function noteVersion({ client, records }: Tables, record: KeyRecord, planVersion: number): Promise<boolean> {
  const { expression, values } = undisturbed(record);
  return wasWritten(() =>
    client.send(
      new UpdateItemCommand({
        TableName: records,
        Key: toItem(keyKey(record.workspace, record.id)),
        UpdateExpression: 'SET planVersion = :planVersion ADD version :next',
        ConditionExpression: expression,
        ExpressionAttributeValues: toValues({ ...values, ':planVersion': planVersion, ':next': 1 }),
      }),
    ),
  );
}
