import { QueryCommand } from '@aws-sdk/client-dynamodb';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import { Unavailable } from '../../core/unavailable.ts';
import { reading } from './contention.ts';
import { inParallel } from './in-parallel.ts';
import { toValues } from './key-item.ts';
import { readRecord } from './key-read.ts';
import { type Finisher, settle } from './key-settle.ts';
import { readMemberItem } from './member-item.ts';
import { settleMember } from './member-settle.ts';
import { completePlan } from './plan-settle.ts';
import { keyKey, memberKey, PENDING, PENDING_INDEX, type Tables, workspaceKey } from './tables.ts';
import { readWorkspaceItem } from './workspace-item.ts';

/** A change older than this has lost its caller: no function runs that long. Seconds. */
const ORPHANED_SECONDS = 60;

/** Changes finished in one sweep; more wait for the next one. */
const SWEPT_AT_ONCE = 100;

/**
 * Finishes what crashes left half done: changes of keys, of members and of plans.
 * @returns how many changes it found and finished.
 * @throws {Unavailable} when some could not be finished; the others were, so that one does not hold up all.
 */
export async function sweepPendingChanges(finisher: Finisher): Promise<number> {
  const { tables, now } = finisher;
  const { Items = [] } = await reading(() =>
    tables.client.send(
      new QueryCommand({
        TableName: tables.records,
        IndexName: PENDING_INDEX,
        KeyConditionExpression: 'pending = :pending AND pendingSince < :orphaned',
        ExpressionAttributeValues: toValues({ ':pending': PENDING, ':orphaned': now() - ORPHANED_SECONDS }),
        Limit: SWEPT_AT_ONCE,
      }),
    ),
  );
  let finished = 0;
  const failures: unknown[] = [];
  // Side by side: a change that reaches very many keys may take longer than the sweeper has, and the others wait for none.
  await inParallel(
    Items.map((item) => unmarshall(item)),
    async ({ pk, sk }) => {
      try {
        if (await sweepOne(finisher, String(pk), String(sk))) finished += 1;
      } catch (error) {
        failures.push(error);
      }
    },
  );
  if (failures.length > 0)
    throw new Unavailable('Some changes could not be finished.', {
      cause: new AggregateError(failures, failures.map(String).join('; ')),
    });
  return finished;
}

/**
 * How long the oldest change has been under way, orphaned or not; 0 where there is none. The index lags behind, so what was
 * finished a moment ago may still be seen.
 */
export async function oldestPendingSeconds(
  { client, records }: Pick<Tables, 'client' | 'records'>,
  now: number,
): Promise<number> {
  const { Items = [] } = await reading(() =>
    client.send(
      new QueryCommand({
        TableName: records,
        IndexName: PENDING_INDEX,
        KeyConditionExpression: 'pending = :pending',
        ExpressionAttributeValues: toValues({ ':pending': PENDING }),
        Limit: 1,
      }),
    ),
  );
  const [oldest] = Items.map((item) => unmarshall(item));
  return oldest === undefined ? 0 : Math.max(0, now - Number(oldest.pendingSince));
}

const WORKSPACES = workspaceKey('').pk;
const MEMBERS = memberKey('', '').sk;
const KEYS = keyKey('', '').sk;

/**
 * The index lags behind: the item itself says whether there is still something to do.
 * @returns whether there was.
 */
function sweepOne(finisher: Finisher, pk: string, sk: string): Promise<boolean> {
  const workspace = pk.slice(WORKSPACES.length);
  if (sk.startsWith(MEMBERS)) return sweepMember(finisher, workspace, sk.slice(MEMBERS.length));
  if (sk.startsWith(KEYS)) return sweepKey(finisher, workspace, sk.slice(KEYS.length));
  return sweepWorkspace(finisher, workspace);
}

async function sweepKey(finisher: Finisher, workspace: string, id: string): Promise<boolean> {
  const record = await readRecord(finisher.tables, { workspace, id });
  if (record?.pendingChange == null) return false;
  await settle(finisher, record, record.pendingChange);
  return true;
}

async function sweepMember(finisher: Finisher, workspace: string, userId: string): Promise<boolean> {
  const item = await readMemberItem(finisher.tables, { workspace, userId });
  if (item?.pendingChange === undefined) return false;
  await settleMember(finisher, item, item.pendingChange);
  return true;
}

async function sweepWorkspace(finisher: Finisher, slug: string): Promise<boolean> {
  const item = await readWorkspaceItem(finisher.tables, slug);
  if (item?.pendingChange === undefined) return false;
  await completePlan(finisher, item, item.pendingChange);
  return true;
}
