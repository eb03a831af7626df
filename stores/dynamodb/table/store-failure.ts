import {
  type CancellationReason,
  ConditionalCheckFailedException,
  TransactionCanceledException,
} from '@aws-sdk/client-dynamodb';
import { Unavailable } from '../../../core/errors/fault.ts';

/**
 * What a failed operation means. `condition`: what it required is not so. `conflict`: another write was in its way, and
 * nothing was done. `in_progress`: DynamoDB still works on an earlier sending of the same transaction. `throttled`: too much
 * for the item or the table. `passing`: DynamoDB or the way to it is in trouble. `defect`: sending it again will not help;
 * the request is wrong, a right or a table is missing, or the code that sent it is broken.
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

/** Codes by which Node tells that the network, and not the request, was the trouble. */
const NETWORK_CODES = new Set([
  ...['ECONNRESET', 'ECONNREFUSED', 'ECONNABORTED', 'EPIPE', 'ETIMEDOUT', 'EADDRNOTAVAIL', 'ENOBUFS'],
  ...['EHOSTUNREACH', 'EHOSTDOWN', 'ENETUNREACH', 'ENETDOWN', 'ENETRESET', 'ENOTFOUND', 'EAI_AGAIN'],
]);

/** Why DynamoDB cancels a transaction with whose items nothing is wrong. */
const REASONS: Readonly<Record<string, StoreFailure>> = {
  ConditionalCheckFailed: 'condition',
  TransactionConflict: 'conflict',
  ThrottlingError: 'throttled',
  ProvisionedThroughputExceeded: 'throttled',
};

/** The one place that says what a failure of DynamoDB means, for reads, writes and verification alike. */
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
 * A condition that failed decides, whatever else was in the way: it will not hold the next time either. Then what somebody has
 * to mend; then what may be slow to pass.
 */
function cancellationOf(error: TransactionCanceledException): StoreFailure {
  const failures = reasonsOf(error).flatMap(({ Code = 'None' }) =>
    Code === 'None' ? [] : [Object.hasOwn(REASONS, Code) ? REASONS[Code] : 'defect'],
  );
  const order = ['condition', 'defect', 'throttled'] as const;
  return order.find((failure) => failures.includes(failure)) ?? 'conflict';
}

/** @returns the reasons of a cancelled transaction, in the order of its items. */
export function reasonsOf(error: TransactionCanceledException): CancellationReason[] {
  return error.CancellationReasons ?? [];
}

/** Of an answer that the SDK knows no name for, or could not read. */
function statusOf(error: Error): number {
  const { $metadata, $response } = error as {
    $metadata?: { httpStatusCode?: number };
    $response?: { statusCode?: number };
  };
  return $metadata?.httpStatusCode ?? $response?.statusCode ?? 0;
}

/** Node wraps what happened to a connection: its code may be that of a cause, or of each address that was tried. */
function isOfNetwork(error: unknown, depth = 0): boolean {
  if (!(error instanceof Error) || depth > 3) return false;
  if (NETWORK_CODES.has((error as { code?: string }).code ?? '')) return true;
  const tried = error instanceof AggregateError ? error.errors : [];
  return [error.cause, ...tried].some((each) => isOfNetwork(each, depth + 1));
}
