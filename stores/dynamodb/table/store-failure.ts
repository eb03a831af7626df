import {
  type CancellationReason,
  ConditionalCheckFailedException,
  TransactionCanceledException,
} from '@aws-sdk/client-dynamodb';
import { Unavailable } from '../../../core/errors/fault.ts';

/**
 * What a failed operation means.
 * - `condition`: its condition did not hold.
 * - `conflict`: another write was in its way, and nothing was done.
 * - `in_progress`: DynamoDB still works on an earlier sending of the same transaction.
 * - `throttled`: too many requests for the item or the table.
 * - `passing`: DynamoDB or the network is in trouble.
 * - `defect`: sending it again will not help. The request is wrong, a right or a table is missing, or the code is broken.
 */
export type StoreFailure = 'condition' | 'conflict' | 'in_progress' | 'throttled' | 'passing' | 'defect';

const FAILURES: Readonly<Record<string, StoreFailure>> = {
  TransactionConflictException: 'conflict',
  ReplicatedWriteConflictException: 'conflict',
  TransactionInProgressException: 'in_progress',
  // One item takes about a thousand writes a second, whatever the table takes.
  ProvisionedThroughputExceededException: 'throttled',
  ThrottlingException: 'throttled',
  RequestLimitExceeded: 'throttled',
  Throttling: 'throttled',
  ThrottledException: 'throttled',
  RequestThrottled: 'throttled',
  RequestThrottledException: 'throttled',
  TooManyRequestsException: 'throttled',
  LimitExceededException: 'throttled',
  SlowDown: 'throttled',
  InternalServerError: 'passing',
  InternalFailure: 'passing',
  ServiceUnavailable: 'passing',
  ServiceUnavailableException: 'passing',
  RequestTimeout: 'passing',
  RequestTimeoutException: 'passing',
  TimeoutError: 'passing',
  AbortError: 'passing',
};

/** Codes by which Node says that the network was the trouble, and not the request. */
const NETWORK_CODES = new Set([
  ...['ECONNRESET', 'ECONNREFUSED', 'ECONNABORTED', 'EPIPE', 'ETIMEDOUT', 'EADDRNOTAVAIL', 'ENOBUFS'],
  ...['EHOSTUNREACH', 'EHOSTDOWN', 'ENETUNREACH', 'ENETDOWN', 'ENETRESET', 'ENOTFOUND', 'EAI_AGAIN'],
]);

/** The reasons for which DynamoDB cancels a transaction. Any other reason is a defect. */
const REASONS: Readonly<Record<string, StoreFailure>> = {
  ConditionalCheckFailed: 'condition',
  TransactionConflict: 'conflict',
  ThrottlingError: 'throttled',
  ProvisionedThroughputExceeded: 'throttled',
};

/** Says what a failure of DynamoDB means, for reads, writes and verification alike. */
export function failureOf(error: unknown): StoreFailure {
  if (error instanceof ConditionalCheckFailedException) return 'condition';
  if (error instanceof TransactionCanceledException) return cancellationOf(error);
  if (!(error instanceof Error)) return 'defect';
  if (error instanceof Unavailable) return 'passing';
  const named = Object.hasOwn(FAILURES, error.name) ? FAILURES[error.name] : undefined;
  if (named !== undefined) return named;
  const status = statusOf(error);
  if (status === 429) return 'throttled';
  return status >= 500 || isOfNetwork(error) ? 'passing' : 'defect';
}

/**
 * A condition that failed decides, whatever else was in the way: it will not hold the next time either. Next comes what
 * somebody has to mend, then what may be slow to pass.
 */
function cancellationOf(error: TransactionCanceledException): StoreFailure {
  const failures = reasonsOf(error).flatMap(({ Code = 'None' }) =>
    Code === 'None' ? [] : [Object.hasOwn(REASONS, Code) ? REASONS[Code] : 'defect'],
  );
  const order = ['condition', 'defect', 'throttled'] as const;
  return order.find((failure) => failures.includes(failure)) ?? 'conflict';
}

/** @returns why a transaction was cancelled: one reason for each item, in their order. */
export function reasonsOf(error: TransactionCanceledException): CancellationReason[] {
  return error.CancellationReasons ?? [];
}

/** The status of an answer that the SDK has no name for, or could not read; 0 where there was none. */
function statusOf(error: Error): number {
  const { $metadata, $response } = error as {
    $metadata?: { httpStatusCode?: number };
    $response?: { statusCode?: number };
  };
  return $metadata?.httpStatusCode ?? $response?.statusCode ?? 0;
}

/** Node wraps what happened to a connection: the code may be that of a cause, or of each address that was tried. */
function isOfNetwork(error: unknown, depth = 0): boolean {
  if (!(error instanceof Error) || depth > 3) return false;
  if (NETWORK_CODES.has((error as { code?: string }).code ?? '')) return true;
  const tried = error instanceof AggregateError ? error.errors : [];
  return [error.cause, ...tried].some((each) => isOfNetwork(each, depth + 1));
}
