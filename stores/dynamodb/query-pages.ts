import {
  type AttributeValue,
  type DynamoDBClient,
  paginateQuery,
  QueryCommand,
} from '@aws-sdk/client-dynamodb';
import { reading } from './contention.ts';
import { toValues } from './key-item.ts';

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

/** One page of a partition, strongly consistent. `after` is the sort key behind which it starts. */
export async function queryPage(
  client: DynamoDBClient,
  query: PartitionQuery & { readonly limit?: number; readonly after?: string | undefined },
): Promise<{ readonly items: readonly Item[]; readonly isLast: boolean }> {
  const { table, pk, order, limit } = query;
  const { first, last } = rangeOf(query);
  // A range without room for anything is one that DynamoDB does not take.
  if (inOrder(first, last) > 0) return { items: [], isLast: true };
  const { Items = [], LastEvaluatedKey } = await reading(() =>
    client.send(
      new QueryCommand({
        TableName: table,
        KeyConditionExpression: 'pk = :pk AND sk BETWEEN :first AND :last',
        ExpressionAttributeValues: toValues({ ':pk': pk, ':first': first, ':last': last }),
        ScanIndexForward: order === 'ascending',
        ConsistentRead: true,
        Limit: limit,
      }),
    ),
  );
  return { items: Items, isLast: LastEvaluatedKey === undefined };
}

/** Sorts behind every text that begins alike: sort keys are in the order of their UTF-8. */
const END = '\u{10FFFF}';

/**
 * The sort keys of a page. Where it starts is part of its condition: a start key beside it costs DynamoDB Local a walk over
 * all pages before, and wants an item to be there.
 */
function rangeOf(query: PartitionQuery & { readonly after?: string | undefined }) {
  const { prefix, order, after, within = { first: prefix, last: prefix + END } } = query;
  if (after === undefined) return within;
  if (order === 'ascending') return { ...within, first: later(within.first, `${after}\u0000`) };
  return { ...within, last: earlier(within.last, after.slice(0, -1) + precedingText(after.slice(-1))) };
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

/** @param character of an identifier, which is ASCII and not the first of it. */
function precedingText(character: string): string {
  return String.fromCharCode(character.charCodeAt(0) - 1) + END;
}

/** How many items there are, strongly consistent. */
export async function countItems(
  client: DynamoDBClient,
  query: PartitionQuery & { readonly after?: string | undefined },
): Promise<number> {
  const { first, last } = rangeOf(query);
  if (inOrder(first, last) > 0) return 0;
  const pages = paginateQuery(
    { client },
    {
      TableName: query.table,
      KeyConditionExpression: 'pk = :pk AND sk BETWEEN :first AND :last',
      ExpressionAttributeValues: toValues({ ':pk': query.pk, ':first': first, ':last': last }),
      ConsistentRead: true,
      Select: 'COUNT',
    },
  );
  let count = 0;
  for await (const page of pages) count += page.Count ?? 0;
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
