import type { AttributeValue, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { PAGE, type Target, type TargetList } from './propagation.ts';
import { countItems, type PartitionQuery, queryPage } from './query-pages.ts';

type Item = Record<string, AttributeValue>;

/**
 * The targets that a part of a partition lists. The id behind which a page starts is what stands behind the prefix in the sort
 * key of an item.
 * @param targetsIn makes targets of the items of one page; it may leave some out.
 */
export function listedTargets(
  client: DynamoDBClient,
  query: PartitionQuery,
  targetsIn: (items: readonly Item[]) => readonly Target[],
): Pick<TargetList, 'page' | 'count'> {
  const behind = (id: string | null) => (id === null ? undefined : query.prefix + id);
  return {
    async page(after) {
      const { items, isLast } = await queryPage(client, { ...query, limit: PAGE, after: behind(after) });
      const last = items.at(-1)?.sk?.S?.slice(query.prefix.length);
      return { targets: targetsIn(items), next: isLast ? null : (last ?? null) };
    },
    count: (after) => countItems(client, { ...query, after: behind(after) }),
  };
}
