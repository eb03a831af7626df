import { ConditionalCheckFailedException, type DynamoDBClient } from '@aws-sdk/client-dynamodb';
import {
  BatchGetCommand,
  DynamoDBDocumentClient,
  GetCommand,
  type UpdateCommandOutput,
} from '@aws-sdk/lib-dynamodb';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import * as v from 'valibot';
import { ROLES } from '../../../core/access/role.ts';
import { readBatches } from './batches.ts';
import { readOrUnavailable, writeWithRetry } from './contention.ts';
import type { ItemKey } from './tables.ts';

/** An item as plain values, as it was read. Parse it with {@link parseItem} before you use it. */
export type Document = Readonly<Record<string, unknown>>;

const CLIENTS = new WeakMap<DynamoDBClient, DynamoDBDocumentClient>();

/**
 * The document client of a client, for everything but secrets. Both share their settings and their middleware. An attribute
 * that is `undefined` is left out of the item.
 */
export function documentClient(client: DynamoDBClient): DynamoDBDocumentClient {
  const known = CLIENTS.get(client);
  if (known !== undefined) return known;
  const documents = DynamoDBDocumentClient.from(client, { marshallOptions: { removeUndefinedValues: true } });
  CLIENTS.set(client, documents);
  return documents;
}

/** Reads one item, strongly consistent. @returns `undefined` when there is none. */
export async function readDocument(
  client: DynamoDBClient,
  table: string,
  { pk, sk }: ItemKey,
): Promise<Document | undefined> {
  const command = new GetCommand({ TableName: table, Key: { pk, sk }, ConsistentRead: true });
  const { Item } = await readOrUnavailable(() => documentClient(client).send(command));
  return Item;
}

/** Reads any number of items, strongly consistent. Missing items are left out; the order is DynamoDB's. */
export function readDocuments(
  client: DynamoDBClient,
  { table, keys }: { readonly table: string; readonly keys: readonly ItemKey[] },
): Promise<Document[]> {
  return readBatches(keys, async (Keys) => {
    const RequestItems = { [table]: { Keys, ConsistentRead: true } };
    const answer = await documentClient(client).send(new BatchGetCommand({ RequestItems }));
    return {
      found: answer.Responses?.[table] ?? [],
      left: (answer.UnprocessedKeys?.[table]?.Keys ?? []) as ItemKey[],
    };
  });
}

/**
 * Updates an item. The write asks for the item, with `ALL_NEW`, and with `ALL_OLD` for a failed condition.
 * @returns the item after the update. If the condition failed, the item as it is; `undefined` where there is none.
 */
export async function updateDocument(
  write: () => Promise<UpdateCommandOutput>,
): Promise<Document | undefined> {
  try {
    return (await writeWithRetry(write)).Attributes;
  } catch (error) {
    if (!(error instanceof ConditionalCheckFailedException)) throw error;
    // The document client leaves the items of errors in DynamoDB's own notation.
    return error.Item && unmarshall(error.Item);
  }
}

/** An update expression that sets and removes attributes. Names go through placeholders, since some are reserved words. */
export function assign(attributes: Readonly<Record<string, unknown>>) {
  const names = Object.keys(attributes);
  const set = names.filter((name) => attributes[name] !== undefined);
  const removed = names.filter((name) => attributes[name] === undefined);
  const parts = [];
  if (set.length > 0) parts.push(`SET ${set.map((name) => `#${name} = :${name}`).join(', ')}`);
  if (removed.length > 0) parts.push(`REMOVE ${removed.map((name) => `#${name}`).join(', ')}`);
  return {
    expression: parts.join(' '),
    names: Object.fromEntries(names.map((name) => [`#${name}`, name])),
    values: Object.fromEntries(set.map((name) => [`:${name}`, attributes[name]])),
  };
}

/**
 * Parses an item that was read. Attributes that the schema does not name are left out.
 * @param kind of the item, for the error, such as `API key`.
 * @throws {Error} when an attribute is missing or has an unknown value. That is a fault.
 */
export function parseItem<Schema extends v.GenericSchema>(
  schema: Schema,
  item: Document,
  kind: string,
): v.InferOutput<Schema> {
  const parsed = v.safeParse(schema, item);
  if (parsed.success) return parsed.output;
  const [issue] = parsed.issues;
  const attribute = v.getDotPath(issue) ?? 'form';
  const where = `Stored ${kind} ${String(item.pk)} ${String(item.sk)}`;
  throw new Error(`${where} has an unknown ${attribute}: ${issue.received}. Expected ${issue.expected}.`);
}

/** Parts of schemas that several kinds of items share. Times are Unix seconds. */
export const storedRole = v.picklist(ROLES);

export const storedScopes = v.union([v.literal('all'), v.tupleWithRest([v.string()], v.string())]);

export const storedLimit = v.object({ limit: v.number(), windowSeconds: v.number() });

export const storedText = v.nullable(v.string());

export const storedNumber = v.nullable(v.number());

/** Of an attribute that older versions did not write: they meant `null`. */
export const addedLater = <Schema extends v.GenericSchema>(schema: Schema) =>
  v.optional(v.nullable(schema), null);

/** What each rank has set for one field of a key. Unknown ranks are a fault: leaving one out would loosen the key. */
const byRank = <Schema extends v.GenericSchema>(value: Schema) =>
  v.strictObject({
    operator: v.exactOptional(value),
    owner: v.exactOptional(value),
    admin: v.exactOptional(value),
  });

const storedBounds = v.strictObject({
  enabled: v.exactOptional(byRank(v.boolean())),
  expiresAt: v.exactOptional(byRank(storedNumber)),
  allowedCidrs: v.exactOptional(byRank(v.array(v.string()))),
  scopes: v.exactOptional(byRank(storedScopes)),
});

/** The fields of an API key that may be changed, as records, intents and events hold them. */
export const storedKeyFields = v.object({
  name: storedText,
  description: storedText,
  externalId: addedLater(v.string()),
  scopes: storedScopes,
  enabled: v.boolean(),
  expiresAt: storedNumber,
  allowedCidrs: v.array(v.string()),
  rateLimit: v.nullable(storedLimit),
  issuerLimit: addedLater(storedLimit),
  bounds: v.optional(storedBounds, {}),
});
