import type { AttributeValue, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { type PartitionQuery, queryPage } from './query-pages.ts';

type Item = Record<string, AttributeValue>;

/** Where few of many items are wanted, this many are read at a time, and no more than so often. */
const READ_AT_ONCE = 500;
const MOST_QUERIES = 10;

/** How many items a page may cost at the most, beside those of its first query. */
export const MOST_LOOKED_AT = READ_AT_ONCE * (MOST_QUERIES - 1);

export interface FilledPage<T> {
  readonly found: readonly T[];
  /** What stands behind the prefix in the sort key of the last item looked at; `null` when nothing follows that is wanted. */
  readonly next: string | null;
}

/**
 * A page of what is wanted among the items of a partition. It is full unless it is the last, or unless more than
 * {@link MOST_LOOKED_AT} items would have to be read to fill it: then it is short, and `next` says where to go on.
 * @param query.after what stands behind the prefix in the sort key behind which the page starts.
 * @param read what the items are, one for each; `undefined` for those that are not wanted.
 */
export async function fillPage<T>(
  client: DynamoDBClient,
  query: PartitionQuery & { readonly limit: number; readonly after?: string | undefined },
  read: (items: readonly Item[]) => Promise<readonly (T | undefined)[]> | readonly (T | undefined)[],
): Promise<FilledPage<T>> {
  const { prefix, limit } = query;
  const found: { readonly one: T; readonly at: string }[] = [];
  const page = (next: string | null) => ({ found: found.slice(0, limit).map(({ one }) => one), next });
  let after = query.after === undefined ? undefined : prefix + query.after;
  // One more than is shown tells whether anything follows.
  let size = limit + 1;
  for (let queries = 1; queries <= MOST_QUERIES; queries += 1) {
    const { items, isLast } = await queryPage(client, { ...query, limit: size, after });
    const wanted = await read(items);
    for (const [index, one] of wanted.entries()) {
      if (one !== undefined) found.push({ one, at: items[index]?.sk?.S ?? '' });
    }
    const last = found[limit - 1];
    if (found.length > limit && last !== undefined) return page(last.at.slice(prefix.length));
    if (isLast) return page(null);
    after = items.at(-1)?.sk?.S;
    size = READ_AT_ONCE;
  }
  return page(after?.slice(prefix.length) ?? null);
}
