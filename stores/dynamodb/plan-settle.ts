import { ConditionalCheckFailedException, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import type { RateLimit } from '../../core/profile.ts';
import { Unavailable } from '../../core/unavailable.ts';
import { contend, pause } from './contention.ts';
import { inParallel } from './in-parallel.ts';
import { fieldsOf, type KeyRecord, type PendingChange, readKey, toItem, toValues } from './key-item.ts';
import { type Finisher, settledRecord } from './key-settle.ts';
import { apply, begin, finish, undisturbed } from './pending-change.ts';
import { queryAll } from './query-pages.ts';
import { keyKey, type Tables, workspaceKey } from './tables.ts';
import type { PendingPlan, WorkspaceItem } from './workspace-item.ts';

/** How often a key is tried that others are changing at the same time. */
const ATTEMPTS = 10;

/** A plan's limit, and the version of the workspace that it belongs to. */
interface VersionedLimit {
  readonly limit: RateLimit | null;
  readonly version: number;
}

/**
 * Finishes a change of a workspace's plan: every key that has no limit of its own, then the workspace. Issuing requires the
 * workspace's version, so that a key is either listed here or was issued under the new plan.
 */
export async function completePlan(
  finisher: Finisher,
  { slug, version }: WorkspaceItem,
  { id, limit }: PendingPlan,
): Promise<void> {
  const { client, records } = finisher.tables;
  const { pk, sk: prefix } = keyKey(slug, '');
  const keys: KeyRecord[] = [];
  for await (const items of queryAll(client, { table: records, pk, prefix, order: 'descending' }))
    keys.push(...items.map(readKey));
  await inParallel(keys, (record) => alignKeyLimit(finisher, record, { limit, version }));
  await unlessSuperseded(() =>
    client.send(
      new UpdateItemCommand({
        TableName: records,
        Key: toItem(workspaceKey(slug)),
        UpdateExpression: 'REMOVE pending, pendingSince, pendingChange',
        ConditionExpression: 'pendingChange.id = :id',
        ExpressionAttributeValues: toValues({ ':id': id }),
      }),
    ),
  );
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
    const isHeld = record.rateLimit === null && !isSame(record.effectiveRateLimit, plan.limit);
    const isDone: boolean = isHeld
      ? await changeLimit(finisher, record, plan)
      : await noteVersion(finisher.tables, record, plan.version);
    if (isDone) return;
    await pause(attempt);
    record = await settledRecord(finisher, listed);
  }
  throw new Unavailable('A key keeps changing while its plan does.');
}

function isSame(one: RateLimit | null, other: RateLimit | null): boolean {
  return one?.limit === other?.limit && one?.windowSeconds === other?.windowSeconds;
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
 * A key that has the limit already, or one of its own, only becomes a version older: an update that was decided on the old
 * plan, such as one that takes the key's own limit away, is decided again.
 */
function noteVersion({ client, records }: Tables, record: KeyRecord, planVersion: number): Promise<boolean> {
  const { expression, values } = undisturbed(record);
  return unlessSuperseded(() =>
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

/** @returns whether the write's condition held. */
async function unlessSuperseded(write: () => Promise<unknown>): Promise<boolean> {
  try {
    await contend(write);
    return true;
  } catch (error) {
    if (error instanceof ConditionalCheckFailedException) return false;
    throw error;
  }
}
