import * as v from 'valibot';
import {
  type FoundRequest,
  IDEMPOTENCY_SECONDS,
  type IdempotentRequest,
  type RequestStore,
} from '../../../core/management/idempotency.ts';
import { parseItem, readDocument } from './documents.ts';
import { type RecordTable, requestKey } from './tables.ts';
import type { TransactionItem } from './transaction.ts';

/** Requests with an `Idempotency-Key`, on DynamoDB: one item for each caller and key. */
export function dynamoRequestStore(tables: RecordTable): RequestStore {
  return { find: (request) => findRequest(tables, request) };
}

/** `deleteAt` is when the item ends, in Unix seconds. DynamoDB deletes it some time after that. */
const requestItem = v.object({
  fingerprint: v.string(),
  madeId: v.string(),
  eventId: v.string(),
  deleteAt: v.number(),
});

async function findRequest(
  { client, records }: RecordTable,
  { id, fingerprint, at }: IdempotentRequest,
): Promise<FoundRequest> {
  const item = await readDocument(client, records, requestKey(id));
  if (item === undefined) return { kind: 'new' };
  const { madeId, eventId, deleteAt, ...stored } = parseItem(requestItem, item, 'request');
  if (deleteAt <= at) return { kind: 'new' };
  return stored.fingerprint === fingerprint ? { kind: 'done', madeId, eventId } : { kind: 'other' };
}

/** What came of a request. */
interface Doing {
  readonly madeId: string;
  readonly eventId: string;
}

/**
 * The part of a transaction that remembers the request which it carries out. It fails where another call with the same
 * `Idempotency-Key` was faster. None for a request without such a key.
 */
export function putRequestParts(
  { records }: Pick<RecordTable, 'records'>,
  request: IdempotentRequest | undefined,
  { madeId, eventId }: Doing,
): readonly TransactionItem[] {
  if (request === undefined) return [];
  const { id, fingerprint, at } = request;
  const put = {
    TableName: records,
    Item: { ...requestKey(id), fingerprint, madeId, eventId, deleteAt: at + IDEMPOTENCY_SECONDS },
    ConditionExpression: 'attribute_not_exists(pk) OR deleteAt <= :at',
    ExpressionAttributeValues: { ':at': at },
  };
  return [{ Put: put }];
}

/** The part of a transaction that forgets a request whose change is undone. Sent again, it is a new one. */
export function deleteRequestParts(
  { records }: Pick<RecordTable, 'records'>,
  id: string | undefined,
): readonly TransactionItem[] {
  return id === undefined ? [] : [{ Delete: { TableName: records, Key: requestKey(id) } }];
}
