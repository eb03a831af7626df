import { UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { wasWritten } from './contention.ts';
import { toItem, toValues } from './key-item.ts';
import type { Progress } from './propagation.ts';
import type { Tables } from './tables.ts';

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
