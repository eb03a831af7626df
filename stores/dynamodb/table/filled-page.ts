import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { Document } from './documents.ts';
import { type PartitionQuery, queryPage, sortKeyOf } from './query-pages.ts';

/** Where few of many items are wanted: how many are read at a time, and how often at the most. */
const READ_AT_ONCE = 500;
const MOST_QUERIES = 10;

/** How many items a page may read at the most, beside those of its first query. */
export const MOST_LOOKED_AT = READ_AT_ONCE * (MOST_QUERIES - 1);

export interface FilledPage<T> {
  readonly found: readonly T[];
  /** The part behind the prefix in the sort key of the last item looked at; `null` when no wanted item follows. */
  readonly next: string | null;
}

/**
 * Reads a page of the wanted items of a partition. It is full unless it is the last, or unless filling it would read more than
 * {@link MOST_LOOKED_AT} items. Then it is short, and `next` says where to go on.
 * @param query.after where the page starts: the part behind the prefix in the sort key of the item before.
 * @param read reads the items, one result for each; `undefined` for an item that is not wanted.
 */
export async function fillPage<T>(
  client: DynamoDBClient,
  query: PartitionQuery & { readonly limit: number; readonly after?: string | undefined },
  read: (items: readonly Document[]) => Promise<readonly (T | undefined)[]> | readonly (T | undefined)[],
): Promise<FilledPage<T>> {
  const { prefix, limit } = query;
  const found: { readonly one: T; readonly at: string }[] = [];
  const page = (next: string | null) => ({ found: found.slice(0, limit).map(({ one }) => one), next });
  let after = query.after === undefined ? undefined : prefix + query.after;
  // One more than the page holds tells whether anything follows.
  let size = limit + 1;
  for (let queries = 1; queries <= MOST_QUERIES; queries += 1) {
    const { items, isLast } = await queryPage(client, { ...query, limit: size, after });
    const wanted = await read(items);
    for (const [index, one] of wanted.entries()) {
      if (one !== undefined) found.push({ one, at: sortKeyOf(items[index]) ?? '' });
    }
    const last = found[limit - 1];
    if (found.length > limit && last !== undefined) return page(last.at.slice(prefix.length));
    if (isLast) return page(null);
    after = sortKeyOf(items.at(-1));
    size = READ_AT_ONCE;
  }
  return page(after?.slice(prefix.length) ?? null);
}
