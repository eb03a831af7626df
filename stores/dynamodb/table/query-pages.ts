import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { paginateQuery, QueryCommand } from '@aws-sdk/lib-dynamodb';
import { readOrUnavailable } from './contention.ts';
import { type Document, documentClient } from './documents.ts';

/** The items of one partition whose sort keys begin with the same prefix. */
export interface PartitionQuery {
  readonly table: string;
  readonly pk: string;
  readonly prefix: string;
  readonly order: 'ascending' | 'descending';
  /** Only sort keys between these two, which begin with the prefix as well. */
  readonly within?: { readonly first: string; readonly last: string } | undefined;
}

/**
 * Reads one page of a partition, strongly consistent. It starts behind the sort key `after`.
 *
 * The condition is a range between two sort keys, and DynamoDB includes both. The one that does not belong to the page is left
 * out afterwards. Every other key of the range is in the page, whatever characters it has.
 */
export async function queryPage(
  client: DynamoDBClient,
  query: PartitionQuery & { readonly limit?: number | undefined; readonly after?: string | undefined },
): Promise<{ readonly items: readonly Document[]; readonly isLast: boolean }> {
  const { order, limit } = query;
  const { first, last, without } = rangeOf(query);
  // DynamoDB refuses an empty range.
  if (inOrder(first, last) > 0) return { items: [], isLast: true };
  const { Items = [], LastEvaluatedKey } = await readOrUnavailable(() =>
    documentClient(client).send(
      new QueryCommand({
        ...rangeInput(query, { first, last }),
        ScanIndexForward: order === 'ascending',
        // One more than asked for: the key that does not belong to the page, or the one that shows that others follow.
        Limit: limit && limit + 1,
      }),
    ),
  );
  const found = Items.filter(({ sk }) => sk !== without);
  const items = found.slice(0, limit);
  return { items, isLast: LastEvaluatedKey === undefined && items.length === found.length };
}

function rangeInput(
  { table, pk }: PartitionQuery,
  { first, last }: { readonly first: string; readonly last: string },
) {
  return {
    TableName: table,
    KeyConditionExpression: 'pk = :pk AND sk BETWEEN :first AND :last',
    ExpressionAttributeValues: { ':pk': pk, ':first': first, ':last': last },
    ConsistentRead: true,
  };
}

/**
 * The range of sort keys of a page, and the one among them that does not belong to it. The start of a page is part of its
 * condition. An exclusive start key beside the condition would cost DynamoDB Local a walk over all earlier pages, and would
 * need an item to be there.
 */
function rangeOf(query: PartitionQuery & { readonly after?: string | undefined }) {
  const { prefix, order, after, within } = query;
  const end = within === undefined ? firstBehind(prefix) : undefined;
  const { first, last } = within ?? { first: prefix, last: firstBehind(prefix) };
  if (after === undefined) return { first, last, without: end };
  // Sort keys are ordered by their UTF-8. Nothing sorts between a text and the same text followed by U+0000.
  if (order === 'ascending') return { first: later(first, `${after}\u0000`), last, without: end };
  return { first, last: earlier(last, after), without: after };
}

/** The first text that sorts behind all texts with a prefix, which ends in a character of ASCII. */
function firstBehind(prefix: string): string {
  return prefix.slice(0, -1) + String.fromCharCode(prefix.charCodeAt(prefix.length - 1) + 1);
}

/** The order of DynamoDB's sort keys. JavaScript orders characters beyond the first 65,536 in another way. */
function inOrder(one: string, other: string): number {
  return Buffer.compare(Buffer.from(one), Buffer.from(other));
}

function earlier(one: string, other: string): string {
  return inOrder(one, other) <= 0 ? one : other;
}

function later(one: string, other: string): string {
  return inOrder(one, other) >= 0 ? one : other;
}

/** DynamoDB counts 1 MB of items in a page. More pages would take longer than a caller can wait. */
const MOST_COUNTED_PAGES = 20;

/**
 * Counts the items of a partition, strongly consistent. Of more than 20 MB of items it counts the first 20 MB.
 * @param query.after the sort key of an item that is there: only items behind it count.
 */
export async function countItems(
  client: DynamoDBClient,
  query: PartitionQuery & { readonly after?: string | undefined },
): Promise<number> {
  const { first, last, without } = rangeOf(query);
  if (inOrder(first, last) > 0) return 0;
  const pages = paginateQuery(
    { client: documentClient(client) },
    { ...rangeInput(query, { first, last }), Select: 'COUNT' },
  );
  // In a descending list, the range includes the item `after`.
  let count = query.after !== undefined && query.after === without ? -1 : 0;
  await readOrUnavailable(async () => {
    let counted = 0;
    for await (const page of pages) {
      count += page.Count ?? 0;
      counted += 1;
      if (counted === MOST_COUNTED_PAGES) return;
    }
  });
  return count;
}

/** Reads all items, page by page. */
export async function* queryAll(
  client: DynamoDBClient,
  query: PartitionQuery,
): AsyncGenerator<readonly Document[]> {
  let after: string | undefined;
  for (;;) {
    const { items, isLast } = await queryPage(client, { ...query, after });
    yield items;
    if (isLast) return;
    after = sortKeyOf(items.at(-1));
  }
}

/** @returns `undefined` where there is no item. */
export function sortKeyOf(item: Document | undefined): string | undefined {
  return item === undefined ? undefined : String(item.sk);
}

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
