import {
  DeleteItemCommand,
  DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
} from '@aws-sdk/client-dynamodb';
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';

export interface Row {
  readonly id: string;
  readonly name: string;
  readonly [field: string]: unknown;
}

/** One workspace's rows of one kind. */
export interface Collection {
  readonly workspace: string;
  readonly name: string;
  /** The rows before a workspace has written any, with the ids that `acme` sees. Other workspaces have ids of their own. */
  readonly seeds: readonly Row[];
}

/** `npm start` makes this workspace. Its rows have the plain ids. */
const FIRST_WORKSPACE = 'acme';

const client = new DynamoDBClient({});
const TableName = process.env.ROWS_TABLE;

/** An item of the table. The row is a text of JSON, so it may hold any value; `null` means a seed that was deleted. */
interface Stored {
  readonly id: string;
  readonly row: string;
}

export async function listRows(collection: Collection): Promise<Row[]> {
  const { Items = [] } = await client.send(
    new QueryCommand({
      TableName,
      KeyConditionExpression: 'pk = :pk',
      ExpressionAttributeValues: marshall({ ':pk': partition(collection) }),
      ConsistentRead: true,
    }),
  );
  const stored = new Map(
    Items.map((item) => unmarshall(item) as Stored).map(({ id, row }) => [id, rowOf(row)]),
  );
  const seeds = seedsOf(collection).filter(({ id }) => !stored.has(id));
  return [...seeds, ...[...stored.values()].filter((row) => row !== null)];
}

export async function readRow(collection: Collection, id: string): Promise<Row | undefined> {
  const { Item } = await client.send(
    new GetItemCommand({ TableName, Key: marshall({ pk: partition(collection), id }), ConsistentRead: true }),
  );
  if (Item === undefined) return seedsOf(collection).find((seed) => seed.id === id);
  return rowOf((unmarshall(Item) as Stored).row) ?? undefined;
}

export async function putRow(collection: Collection, row: Row): Promise<Row> {
  await store(collection, row.id, row);
  return row;
}

export async function deleteRow(collection: Collection, id: string): Promise<void> {
  const isSeed = seedsOf(collection).some((seed) => seed.id === id);
  if (isSeed) return store(collection, id, null);
  await client.send(new DeleteItemCommand({ TableName, Key: marshall({ pk: partition(collection), id }) }));
}

async function store(collection: Collection, id: string, row: Row | null): Promise<void> {
  const Item = marshall({ pk: partition(collection), id, row: JSON.stringify(row) });
  await client.send(new PutItemCommand({ TableName, Item }));
}

function rowOf(text: string): Row | null {
  return JSON.parse(text);
}

function partition({ workspace, name }: Collection): string {
  return `${workspace}#${name}`;
}

/** Every id names its workspace: the same row in two workspaces would look like a leak. */
function seedsOf({ workspace, seeds }: Collection): readonly Row[] {
  if (workspace === FIRST_WORKSPACE) return seeds;
  return seeds.map((seed) => {
    const ids = Object.entries(seed).filter(([field]) => field === 'id' || field.endsWith('_id'));
    const ownIds = Object.fromEntries(ids.map(([field, id]) => [field, `${id}-${workspace}`]));
    return { ...seed, ...ownIds };
  });
}
