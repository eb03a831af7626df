import { UpdateCommand } from '@aws-sdk/lib-dynamodb';
import * as v from 'valibot';
import { tryWrite } from './contention.ts';
import { documentClient, storedText } from './documents.ts';
import type { ChangeFinisher, Intent } from './intent.ts';
import { type Progress, type Propagation, propagate } from './propagation.ts';
import type { ItemKey, RecordTable } from './tables.ts';

/** How the progress of a propagation is stored, as a part of its intent. */
export const storedProgress = v.object({
  turn: v.number(),
  list: v.number(),
  after: storedText,
  done: v.number(),
  failed: v.array(v.object({ list: v.number(), id: v.string() })),
});

/** An item that may have a change under way. */
interface Changing {
  readonly pendingChange?: Intent | undefined;
}

/**
 * Goes on with the pending change of an item, if there is one, for as long as it is the pending one.
 * @throws {Unfinished} when the time is over.
 */
export async function propagateItem<Item extends Changing>(
  finisher: ChangeFinisher,
  item: Item,
  {
    read,
    propagationOf,
  }: {
    /** The item as it is stored now. */
    readonly read: () => Promise<Item | undefined>;
    readonly propagationOf: (finisher: ChangeFinisher, item: Item) => Propagation | undefined;
  },
): Promise<void> {
  const begun = propagationOf(finisher, item);
  if (begun === undefined) return;
  const readAgain = async () => {
    const current = await read();
    const isSame = current?.pendingChange?.id === item.pendingChange?.id;
    return isSame ? current && propagationOf(finisher, current) : undefined;
  };
  await propagate(begun, readAgain, finisher.millisecondsLeft);
}

/**
 * Stores how far the pending change of an item has come, behind the turn before it.
 *
 * It also moves the item in the index of pending changes, so that the oldest one there is the change that has waited longest
 * for progress.
 * @param stored.now Unix seconds.
 * @returns false when another process was faster, or the change is no longer the pending one.
 */
export function saveProgress(
  { client, records }: RecordTable,
  { pk, sk }: ItemKey,
  {
    changeId,
    progress,
    now,
  }: { readonly changeId: string; readonly progress: Progress; readonly now: number },
): Promise<boolean> {
  const isFirst = progress.turn === 1;
  const unchanged = isFirst
    ? 'attribute_not_exists(pendingChange.progress)'
    : 'pendingChange.progress.turn = :before';
  const command = new UpdateCommand({
    TableName: records,
    Key: { pk, sk },
    UpdateExpression: 'SET pendingChange.progress = :progress, pendingSince = :now',
    ConditionExpression: `pendingChange.id = :id AND ${unchanged}`,
    ExpressionAttributeValues: {
      ':id': changeId,
      ':progress': progress,
      ':now': now,
      ':before': isFirst ? undefined : progress.turn - 1,
    },
  });
  return tryWrite(() => documentClient(client).send(command));
}
