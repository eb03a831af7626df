import { paginateQuery, QueryCommand } from '@aws-sdk/lib-dynamodb';
import { decisiveFailure, wrapFault } from '../../../core/errors/fault.ts';
import { settleChange } from '../keys/key-intent.ts';
import { readRecord } from '../keys/key-read.ts';
import { readOrUnavailable } from '../table/contention.ts';
import { documentClient } from '../table/documents.ts';
import type { ChangeFinisher } from '../table/intent.ts';
import { type Propagation, TURN_MS, takeTurn } from '../table/propagation.ts';
import {
  type ItemKey,
  keyKey,
  memberKey,
  PENDING,
  PENDING_INDEX,
  type Tables,
  workspaceKey,
} from '../table/tables.ts';
import { readMemberItem } from '../workspaces/member-item.ts';
import { memberPropagation } from '../workspaces/member-propagation.ts';
import { readWorkspaceItem } from '../workspaces/workspace-item.ts';
import { planPropagation } from '../workspaces/workspace-store.ts';

/** The process that began an older change is gone: no function that answers calls runs that long. Seconds. */
const ORPHANED_SECONDS = 60;

/** How many tenants are served at the same time. */
const WIDTH = 16;

/** The outcome of one turn. `nothing`: the change was finished already, and the index, which lags behind, still lists it. */
type Turn = 'finished' | 'continues' | 'nothing';

/**
 * Finishes changes of keys, members and plans that a crash has left half done, or that reach more credentials than one call
 * can. Tenants take turns in a random order. A turn finishes one change, or one page of it. So no tenant waits for another's
 * changes, however many they are, however long they take, and even if they can never be finished.
 * @returns how many changes it finished.
 * @throws {Unavailable} when some changes failed, after all others had their turns. Another error when one of the failures
 * does not pass by itself.
 */
export async function sweepPendingChanges(finisher: ChangeFinisher): Promise<number> {
  const { millisecondsLeft = () => Number.POSITIVE_INFINITY } = finisher;
  const queue = shuffle([...(await findPendingByTenant(finisher.tables)).values()].map(shuffle));
  let finished = 0;
  const failures: unknown[] = [];
  const serveTenants = async () => {
    for (let changes = queue.shift(); changes !== undefined; changes = queue.shift()) {
      const change = changes.shift();
      if (change === undefined || millisecondsLeft() < TURN_MS) continue;
      try {
        const turn = await takeTurnOf(finisher, change);
        if (turn === 'finished') finished += 1;
        if (turn === 'continues') changes.push(change);
      } catch (error) {
        // The change is not put back into the queue: this sweep does not try it again.
        failures.push(error);
      }
      if (changes.length > 0) queue.push(changes);
    }
  };
  await Promise.all(Array.from({ length: WIDTH }, serveTenants));
  if (failures.length === 0) return finished;
  const all = new AggregateError(failures, failures.map(String).join('; '), {
    cause: decisiveFailure(failures),
  });
  throw wrapFault('Some changes could not be finished.', all);
}

/** Finds the items that have a pending change, by the partition of their workspace. */
async function findPendingByTenant({
  client,
  records,
}: Pick<Tables, 'client' | 'records'>): Promise<Map<string, ItemKey[]>> {
  const pages = paginateQuery(
    { client: documentClient(client) },
    {
      TableName: records,
      IndexName: PENDING_INDEX,
      KeyConditionExpression: 'pending = :pending',
      ExpressionAttributeValues: { ':pending': PENDING },
    },
  );
  const found: ItemKey[] = [];
  await readOrUnavailable(async () => {
    for await (const { Items = [] } of pages) found.push(...(Items as ItemKey[]));
  });
  return Map.groupBy(found, ({ pk }) => pk);
}

/** Returns a random order (Fisher–Yates), so that no change is always the last. */
function shuffle<T>(things: readonly T[]): T[] {
  const order = [...things];
  for (let last = order.length - 1; last > 0; last -= 1) {
    const other = Math.floor(Math.random() * (last + 1));
    [order[last], order[other]] = [order[other] as T, order[last] as T];
  }
  return order;
}

/**
 * Reads how many seconds ago the oldest pending change last made progress; 0 when no change is pending. The change may still
 * be running, or may have just finished: the index lags.
 */
export async function readOldestPendingSeconds(
  { client, records }: Pick<Tables, 'client' | 'records'>,
  now: number,
): Promise<number> {
  const { Items = [] } = await readOrUnavailable(() =>
    documentClient(client).send(
      new QueryCommand({
        TableName: records,
        IndexName: PENDING_INDEX,
        KeyConditionExpression: 'pending = :pending',
        ExpressionAttributeValues: { ':pending': PENDING },
        Limit: 1,
      }),
    ),
  );
  const [oldest] = Items;
  return oldest === undefined ? 0 : Math.max(0, now - Number(oldest.pendingSince));
}

const WORKSPACES = workspaceKey('').pk;
const MEMBERS = memberKey('', '').sk;
const KEYS = keyKey('', '').sk;

/** Reads the item itself: the index lags behind and may list a change that is finished. */
async function takeTurnOf(finisher: ChangeFinisher, { pk, sk }: ItemKey): Promise<Turn> {
  const workspace = pk.slice(WORKSPACES.length);
  if (sk.startsWith(KEYS)) return settleKey(finisher, workspace, sk.slice(KEYS.length));
  if (sk.startsWith(MEMBERS)) {
    const item = await readMemberItem(finisher.tables, { workspace, userId: sk.slice(MEMBERS.length) });
    return propagateOnce(finisher, item, memberPropagation);
  }
  return propagateOnce(finisher, await readWorkspaceItem(finisher.tables, workspace), planPropagation);
}

async function settleKey(finisher: ChangeFinisher, workspace: string, id: string): Promise<Turn> {
  const record = await readRecord(finisher.tables, { workspace, id });
  if (record?.pendingChange == null || !isOrphaned(finisher, record.pendingChange)) return 'nothing';
  await settleChange(finisher, record, record.pendingChange);
  return 'finished';
}

async function propagateOnce<
  Item extends { readonly pendingChange?: { readonly since: number } | undefined },
>(
  finisher: ChangeFinisher,
  item: Item | undefined,
  propagationOf: (finisher: ChangeFinisher, item: Item) => Propagation | undefined,
): Promise<Turn> {
  if (item?.pendingChange === undefined || !isOrphaned(finisher, item.pendingChange)) return 'nothing';
  const propagation = propagationOf(finisher, item);
  if (propagation === undefined) return 'nothing';
  const outcome = await takeTurn(propagation);
  return outcome === 'finished' ? 'finished' : 'continues';
}

/** Leaves a change alone as long as the call that began it may still run. */
function isOrphaned({ now }: ChangeFinisher, { since }: { readonly since: number }): boolean {
  return since < now() - ORPHANED_SECONDS;
}
