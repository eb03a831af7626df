import {
  type AttributeValue,
  BatchGetItemCommand,
  type BatchGetItemCommandOutput,
  type DynamoDBClient,
} from '@aws-sdk/client-dynamodb';
import { Unavailable } from '../../../core/errors/fault.ts';
import { toItem } from '../keys/key-item.ts';
import { pause, reading } from './contention.ts';

const BATCH = 100;
const BATCH_ATTEMPTS = 8;

type Item = Record<string, AttributeValue>;

interface ItemsAsked {
  readonly table: string;
  readonly keys: readonly { readonly pk: string; readonly sk: string }[];
  /** The attributes that are wanted; absent for all of them. */
  readonly projection?: string;
}

/** Reads any number of items by their keys, strongly consistent. What is not there is left out; they come in any order. */
export async function readItems(client: DynamoDBClient, { keys, ...asked }: ItemsAsked): Promise<Item[]> {
  const found: Item[] = [];
  for (let start = 0; start < keys.length; start += BATCH)
    found.push(...(await readBatch(client, { ...asked, keys: keys.slice(start, start + BATCH) })));
  return found;
}

async function readBatch(client: DynamoDBClient, { table, keys, projection }: ItemsAsked): Promise<Item[]> {
  const found: Item[] = [];
  let wanted: NonNullable<BatchGetItemCommandOutput['UnprocessedKeys']> = {
    [table]: { Keys: keys.map(toItem), ProjectionExpression: projection, ConsistentRead: true },
  };
  for (let attempt = 1; attempt <= BATCH_ATTEMPTS; attempt += 1) {
    const request = { RequestItems: wanted };
    const { Responses, UnprocessedKeys }: BatchGetItemCommandOutput = await reading(() =>
      client.send(new BatchGetItemCommand(request)),
    );
    found.push(...(Responses?.[table] ?? []));
    if (UnprocessedKeys === undefined || Object.keys(UnprocessedKeys).length === 0) return found;
    wanted = UnprocessedKeys;
    await pause(attempt);
  }
  throw new Unavailable('The store did not answer a whole batch.');
}
