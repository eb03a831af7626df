import { UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { toItem, toValues } from '../keys/key-item.ts';
import type { Finisher } from '../keys/key-settle.ts';
import { wasWritten } from './contention.ts';
import { type Progress, type Propagation, propagate } from './propagation.ts';
import type { Tables } from './tables.ts';

/** An item that may have a change under way. */
interface Changing {
  readonly pendingChange?: { readonly id: string } | undefined;
}

/**
 * Goes on with the pending change of an item, if there is one, for as long as it is the pending one.
 * @throws {Unfinished} when the time is over.
 */
export async function propagateItem<Item extends Changing>(
  finisher: Finisher,
  item: Item,
  {
    read,
    propagationOf,
  }: {
    /** The item as it is stored now. */
    readonly read: () => Promise<Item | undefined>;
    readonly propagationOf: (finisher: Finisher, item: Item) => Propagation | undefined;
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
 * It moves the item in the index of pending changes as well: what the index calls the oldest is what has waited longest for
 * progress.
 * @param stored.now Unix seconds.
 * @returns false where another process has stored a turn meanwhile, or the change is no longer the pending one.
 */
export function saveProgress(
  { client, records }: Pick<Tables, 'client' | 'records'>,
  key: { readonly pk: string; readonly sk: string },
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
  return wasWritten(() =>
    client.send(
      new UpdateItemCommand({
        TableName: records,
        Key: toItem(key),
        UpdateExpression: 'SET pendingChange.progress = :progress, pendingSince = :now',
        ConditionExpression: `pendingChange.id = :id AND ${unchanged}`,
        ExpressionAttributeValues: toValues({
          ':id': changeId,
          ':progress': progress,
          ':now': now,
          ':before': isFirst ? undefined : progress.turn - 1,
        }),
      }),
    ),
  );
}
