import type { DynamoDbIntercept, InterceptedCall } from '../../local/index.ts';
import { randomFrom } from '../campaigns/campaign.ts';

/** What may befall a call on its way to DynamoDB. */
export type Fault =
  | 'throttled'
  | 'internal error'
  | 'connection reset before'
  | 'answer lost after it was done'
  | 'slow'
  | 'arrives after its caller gave up'
  | 'answered after its caller gave up'
  | 'meets a transaction';

/** Longer than any of Keyward's clients waits for an answer. Milliseconds. */
const GIVEN_UP_MS = 3_000;
/** Shorter than any of them does. */
const SLOW_MS = 400;

/** Of all writes, single ones and transactions, as AWS reports it and DynamoDB Local never does. */
const CONFLICTING_SHARE = 0.2;

/** The weather: for so many calls, so large a share meets a fault besides. */
const BLOCK_CALLS = 40;
const WEATHERS = [0.02, 0.05, 0.1, 0.2, 0.55];

/** How often each fault is drawn, among faults: whatever makes a caller wait for seconds is rare. */
const WEIGHTS: readonly (readonly [fault: Exclude<Fault, 'meets a transaction'>, weight: number])[] = [
  ['throttled', 8],
  ['internal error', 8],
  ['connection reset before', 6],
  ['answer lost after it was done', 8],
  ['slow', 4],
  ['arrives after its caller gave up', 1],
  ['answered after its caller gave up', 1],
];
const ALL_WEIGHTS = WEIGHTS.reduce((sum, [, weight]) => sum + weight, 0);

export interface FaultSchedule {
  readonly intercept: DynamoDbIntercept;
  /** @param tables the names of those whose calls meet faults. */
  begin(tables: readonly string[]): void;
  /** @returns once all that is on its way has arrived. */
  end(): Promise<void>;
  /** How often each fault was met. */
  readonly met: ReadonlyMap<Fault, number>;
}

/**
 * Faults in a sequence that the seed fixes: the n-th call meets what was drawn for it, whoever makes it. Which call is the n-th is up
 * to the machine.
 */
export function faultSchedule(name: string): FaultSchedule {
  const draw = drawingFaults(randomFrom(name));
  const met = new Map<Fault, number>();
  let tables: readonly string[] = [];
  const underWay = new Set<Promise<unknown>>();
  return {
    met,
    begin: (names) => {
      tables = names;
    },
    async end() {
      tables = [];
      await Promise.all(underWay);
    },
    async intercept({ operation, body }) {
      if (!tablesIn(body).some((table) => tables.includes(table))) return undefined;
      const fault = draw(/^(Put|Update|Delete|TransactWrite)/.test(operation));
      if (fault === undefined) return undefined;
      met.set(fault, (met.get(fault) ?? 0) + 1);
      const befalling = befall(fault, body);
      underWay.add(befalling);
      return befalling.finally(() => underWay.delete(befalling));
    },
  };
}

/** @returns what draws a fault, or none, for one call after the other. */
export function drawingFaults(random: () => number): (isWrite: boolean) => Fault | undefined {
  let calls = 0;
  let share = 0;
  return (isWrite) => {
    if (calls % BLOCK_CALLS === 0) share = WEATHERS[Math.floor(random() * WEATHERS.length)] ?? 0;
    calls += 1;
    // Three numbers for every call, so that what one call is does not shift what the next one meets.
    const [conflict, fault, which] = [random(), random(), random()];
    if (isWrite && conflict < CONFLICTING_SHARE) return 'meets a transaction';
    return fault < share ? drawn(which * ALL_WEIGHTS) : undefined;
  };
}

function drawn(at: number): Fault | undefined {
  let sum = 0;
  for (const [fault, weight] of WEIGHTS) {
    sum += weight;
    if (at < sum) return fault;
  }
  return undefined;
}

async function befall(fault: Fault, body: unknown): Promise<InterceptedCall | undefined> {
  switch (fault) {
    case 'throttled':
      return throttling(body);
    case 'internal error':
      return refusal(500, 'InternalServerError');
    case 'connection reset before':
      return { kind: 'reset' };
    case 'answer lost after it was done':
      return { kind: 'drop-answer' };
    case 'answered after its caller gave up':
      return { kind: 'delay-answer', milliseconds: GIVEN_UP_MS };
    case 'slow':
      await pass(SLOW_MS);
      return undefined;
    case 'arrives after its caller gave up':
      await pass(GIVEN_UP_MS);
      return undefined;
    case 'meets a transaction':
      return (
        transactionCancelled(body, 'TransactionConflict') ?? refusal(400, 'TransactionConflictException')
      );
  }
}

/** A batch that is throttled is answered all the same, with nothing in it. */
function throttling(body: unknown): InterceptedCall {
  const { RequestItems } = body as { RequestItems?: object };
  if (RequestItems !== undefined)
    return { kind: 'answer', status: 200, body: { Responses: {}, UnprocessedKeys: RequestItems } };
  return (
    transactionCancelled(body, 'ThrottlingError') ?? refusal(400, 'ProvisionedThroughputExceededException')
  );
}

function transactionCancelled(body: unknown, code: string): InterceptedCall | undefined {
  const { TransactItems } = body as { TransactItems?: unknown[] };
  if (TransactItems === undefined) return undefined;
  const CancellationReasons = TransactItems.map((_, index) => ({ Code: index === 0 ? code : 'None' }));
  return refusal(400, 'TransactionCanceledException', { CancellationReasons });
}

function refusal(status: number, name: string, members: object = {}): InterceptedCall {
  const __type = `com.amazonaws.dynamodb.v20120810#${name}`;
  return { kind: 'answer', status, body: { __type, message: `${name} of the schedule`, ...members } };
}

/** The tables that a call of DynamoDB's is about. */
function tablesIn(body: unknown): string[] {
  const { TableName, RequestItems, TransactItems } = body as {
    TableName?: string;
    RequestItems?: object;
    TransactItems?: Record<string, { TableName: string }>[];
  };
  const inTransaction = TransactItems?.flatMap((part) => Object.values(part).map((each) => each.TableName));
  return [
    ...(TableName === undefined ? [] : [TableName]),
    ...Object.keys(RequestItems ?? {}),
    ...(inTransaction ?? []),
  ];
}

async function pass(milliseconds: number): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, milliseconds));
}
