import { paginateQuery, QueryCommand } from '@aws-sdk/lib-dynamodb';
import { decisiveFailure, wrapFault } from '../../../core/errors/fault.ts';
import { settleChange } from '../keys/key-intent.ts';
import { readRecord } from '../keys/key-read.ts';
import { reading } from '../table/contention.ts';
import { documentClient } from '../table/documents.ts';
import type { Finisher } from '../table/intent.ts';
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
import { planPropagation } from '../workspaces/workspace-change.ts';
import { readWorkspaceItem } from '../workspaces/workspace-item.ts';

/** A change older than this has lost its caller: no function that is called runs that long. Seconds. */
const ORPHANED_SECONDS = 60;

/** Tenants that are served at the same time. */
const WIDTH = 16;

/** What came of one turn: `nothing` when there was nothing to do, since the index lags behind. */
type Turn = 'finished' | 'continues' | 'nothing';

/**
 * Finishes what crashes left half done, and goes on with changes that reach more credentials than one call can: changes of
 * keys, of members and of plans. Tenants take turns, in a random order: each turn finishes one change or one page of it, so
 * that neither very many changes, nor a very long one, nor those that can never be finished hold up anybody else's.
 * @returns how many changes it finished.
 * @throws {Unavailable} when some could not be gone on with, after all the others had their turns; an error of another kind
 * where one of them needs to be mended.
 */
export async function sweepPendingChanges(finisher: Finisher): Promise<number> {
  const { millisecondsLeft = () => Number.POSITIVE_INFINITY } = finisher;
  const queue = shuffled([...(await pendingByTenant(finisher.tables)).values()].map(shuffled));
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
        // It is not tried again in this sweep.
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

/** The items that have a change under way, by the partitions of their workspaces. */
async function pendingByTenant({
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
  await reading(async () => {
    for await (const { Items = [] } of pages) found.push(...(Items as ItemKey[]));
  });
  return Map.groupBy(found, ({ pk }) => pk);
}

/** In a random order (Fisher–Yates), so that nothing is always the last. */
function shuffled<T>(things: readonly T[]): T[] {
  const order = [...things];
  for (let last = order.length - 1; last > 0; last -= 1) {
    const other = Math.floor(Math.random() * (last + 1));
    [order[last], order[other]] = [order[other] as T, order[last] as T];
  }
  return order;
}

/**
 * How long the change has waited for progress that has waited longest, orphaned or not; 0 where there is none. The index lags
 * behind, so what was finished a moment ago may still be seen.
 */
export async function oldestPendingSeconds(
  { client, records }: Pick<Tables, 'client' | 'records'>,
  now: number,
): Promise<number> {
  const { Items = [] } = await reading(() =>
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

/** The index lags behind: the item itself says whether there is still something to do. */
async function takeTurnOf(finisher: Finisher, { pk, sk }: ItemKey): Promise<Turn> {
  const workspace = pk.slice(WORKSPACES.length);
  if (sk.startsWith(KEYS)) return settleKey(finisher, workspace, sk.slice(KEYS.length));
  if (sk.startsWith(MEMBERS)) {
    const item = await readMemberItem(finisher.tables, { workspace, userId: sk.slice(MEMBERS.length) });
    return goOn(finisher, item, memberPropagation);
  }
  return goOn(finisher, await readWorkspaceItem(finisher.tables, workspace), planPropagation);
}

async function settleKey(finisher: Finisher, workspace: string, id: string): Promise<Turn> {
  const record = await readRecord(finisher.tables, { workspace, id });
  if (record?.pendingChange == null || !isOrphaned(finisher, record.pendingChange)) return 'nothing';
  await settleChange(finisher, record, record.pendingChange);
  return 'finished';
}

async function goOn<Item extends { readonly pendingChange?: { readonly since: number } | undefined }>(
  finisher: Finisher,
  item: Item | undefined,
  propagationOf: (finisher: Finisher, item: Item) => Propagation | undefined,
): Promise<Turn> {
  if (item?.pendingChange === undefined || !isOrphaned(finisher, item.pendingChange)) return 'nothing';
  const propagation = propagationOf(finisher, item);
  if (propagation === undefined) return 'nothing';
  const outcome = await takeTurn(propagation);
  return outcome === 'finished' ? 'finished' : 'continues';
}

/** A change is the business of the call that began it for as long as that can run. */
function isOrphaned({ now }: Finisher, { since }: { readonly since: number }): boolean {
  return since < now() - ORPHANED_SECONDS;
}
