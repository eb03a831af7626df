import {
  type AttributeValue,
  type DynamoDBClient,
  paginateQuery,
  QueryCommand,
} from '@aws-sdk/client-dynamodb';
import { toValues } from '../keys/key-item.ts';
import { reading } from './contention.ts';

type Item = Record<string, AttributeValue>;

/** The items of one partition whose sort keys begin alike. */
export interface PartitionQuery {
  readonly table: string;
  readonly pk: string;
  /** How the sort keys begin. */
  readonly prefix: string;
  readonly order: 'ascending' | 'descending';
  /** Sort keys that it stays between, both of which begin like the others. */
  readonly within?: { readonly first: string; readonly last: string };
}

/**
 * One page of a partition, strongly consistent. `after` is the sort key behind which it starts.
 *
 * Its condition is a range between two sort keys, both of which are part of it: one that is not to be in the page is left out
 * afterwards. Every other key of the range is in the list, whatever characters it has.
 */
export async function queryPage(
  client: DynamoDBClient,
  query: PartitionQuery & { readonly limit?: number; readonly after?: string | undefined },
): Promise<{ readonly items: readonly Item[]; readonly isLast: boolean }> {
  const { order, limit } = query;
  const { first, last, without } = rangeOf(query);
  // A range without room for anything is one that DynamoDB does not take.
  if (inOrder(first, last) > 0) return { items: [], isLast: true };
  const { Items = [], LastEvaluatedKey } = await reading(() =>
    client.send(
      new QueryCommand({
        ...rangeInput(query, { first, last }),
        ScanIndexForward: order === 'ascending',
        // One more than asked for: the key that is no part of the page, or the one that shows that others follow.
        Limit: limit && limit + 1,
      }),
    ),
  );
  const found = Items.filter(({ sk }) => sk?.S !== without);
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
    ExpressionAttributeValues: toValues({ ':pk': pk, ':first': first, ':last': last }),
    ConsistentRead: true,
  };
}

/**
 * The sort keys of a page, and the one among them that is no part of it. Where a page starts is part of its condition: a start
 * key beside it costs DynamoDB Local a walk over all pages before, and wants an item to be there.
 */
function rangeOf(query: PartitionQuery & { readonly after?: string | undefined }) {
  const { prefix, order, after, within } = query;
  const end = within === undefined ? firstBehind(prefix) : undefined;
  const { first, last } = within ?? { first: prefix, last: firstBehind(prefix) };
  if (after === undefined) return { first, last, without: end };
  // Sort keys are in the order of their UTF-8, in which nothing comes between a text and the same with U+0000 behind it.
  if (order === 'ascending') return { first: later(first, `${after}\u0000`), last, without: end };
  return { first, last: earlier(last, after), without: after };
}

/** The first text that sorts behind all that begin with `prefix`, which ends in a character of ASCII. */
function firstBehind(prefix: string): string {
  return prefix.slice(0, -1) + String.fromCharCode(prefix.charCodeAt(prefix.length - 1) + 1);
}

/** The order of DynamoDB's sort keys, which is not that of JavaScript's texts beyond the first 65,536 characters. */
function inOrder(one: string, other: string): number {
  return Buffer.compare(Buffer.from(one), Buffer.from(other));
}

function earlier(one: string, other: string): string {
  return inOrder(one, other) <= 0 ? one : other;
}

function later(one: string, other: string): string {
  return inOrder(one, other) >= 0 ? one : other;
}

/** A page of a count is 1 MB. More of them would take longer than whoever waits for the count has. */
const MOST_COUNTED_PAGES = 20;

/**
 * How many items there are, strongly consistent; of more than 20 MB of them, how many are in the first 20 MB.
 * @param query `after` is the sort key of one of them.
 */
export async function countItems(
  client: DynamoDBClient,
  query: PartitionQuery & { readonly after?: string | undefined },
): Promise<number> {
  const { first, last, without } = rangeOf(query);
  if (inOrder(first, last) > 0) return 0;
  const pages = paginateQuery({ client }, { ...rangeInput(query, { first, last }), Select: 'COUNT' });
  // The item that a descending list goes on behind is in the range.
  let count = query.after !== undefined && query.after === without ? -1 : 0;
  await reading(async () => {
    let counted = 0;
    for await (const page of pages) {
      count += page.Count ?? 0;
      counted += 1;
      if (counted === MOST_COUNTED_PAGES) return;
    }
  });
  return count;
}

/** Every item that there is, page by page. */
export async function* queryAll(
  client: DynamoDBClient,
  query: PartitionQuery,
): AsyncGenerator<readonly Item[]> {
  let after: string | undefined;
  for (;;) {
    const { items, isLast } = await queryPage(client, { ...query, after });
    yield items;
    if (isLast) return;
    after = items.at(-1)?.sk?.S;
  }
}
