import { type AttributeValue, type DynamoDBClient, QueryCommand } from '@aws-sdk/client-dynamodb';
import { reading } from './contention.ts';
import { toItem, toValues } from './key-item.ts';

type Item = Record<string, AttributeValue>;

/** The items of one partition whose sort keys begin alike. */
export interface PartitionQuery {
  readonly table: string;
  readonly pk: string;
  /** How the sort keys begin. */
  readonly prefix: string;
  readonly order: 'ascending' | 'descending';
}

/** One page of a partition, strongly consistent. `after` is the sort key behind which it starts. */
export async function queryPage(
  client: DynamoDBClient,
  query: PartitionQuery & { readonly limit?: number; readonly after?: string | undefined },
): Promise<{ readonly items: readonly Item[]; readonly isLast: boolean }> {
  const { table, pk, prefix, order, limit, after } = query;
  const { Items = [], LastEvaluatedKey } = await reading(() =>
    client.send(
      new QueryCommand({
        TableName: table,
        KeyConditionExpression: 'pk = :pk AND begins_with(sk, :sk)',
        ExpressionAttributeValues: toValues({ ':pk': pk, ':sk': prefix }),
        ScanIndexForward: order === 'ascending',
        ConsistentRead: true,
        Limit: limit,
        ExclusiveStartKey: after === undefined ? undefined : toItem({ pk, sk: after }),
      }),
    ),
  );
  return { items: Items, isLast: LastEvaluatedKey === undefined };
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
