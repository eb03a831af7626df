import {
  DynamoDBClient,
  TransactionCanceledException,
  TransactionConflictException,
} from '@aws-sdk/client-dynamodb';
import type { OperatorTables } from '../../../stores/dynamodb/table/tables.ts';
import { scaled } from '../../campaigns/campaign.ts';
import type { TestTables } from './tables.ts';

/** Where a process dies: before its n-th operation is sent, or when it was done but its answer has not arrived. */
export interface Crash {
  readonly at: number;
  readonly moment: 'before' | 'after';
}

export class Crashed extends Error {
  override readonly name = 'Crashed';
}

/** A process that can be killed at any operation; nothing that it tries afterwards reaches the store. */
export interface MortalProcess {
  readonly tables: OperatorTables;
  live(crash: Crash): void;
  isDead(): boolean;
  /** How many operations it has tried since it came to life. */
  operations(): number;
}

export function mortalProcess(tables: TestTables): MortalProcess {
  let crash: Crash = { at: Number.POSITIVE_INFINITY, moment: 'before' };
  let sent = 0;
  let dead = false;
  const own = tables.connect();
  own.client.middlewareStack.add(
    (next) => async (args) => {
      sent += 1;
      const isLast = sent === crash.at;
      if (dead || (isLast && crash.moment === 'before')) {
        dead = true;
        throw new Crashed();
      }
      if (isLast) dead = true;
      const answer = await next(args);
      if (dead) throw new Crashed();
      return answer;
    },
    { step: 'initialize', name: 'crash' },
  );
  return {
    tables: own,
    live(next) {
      crash = next;
      sent = 0;
      dead = false;
    },
    isDead: () => dead,
    operations: () => sent,
  };
}

/**
 * Lets a process die in the states that it can leave behind: before its first operation, its second, and so on; and at last
 * when all was done and only its answer is lost. Losing the answer to any other operation leaves the same as dying before the
 * next one. `npm test` tries a few of these deaths, and `npm run check:campaigns` all of them.
 * @param attempt is made undisturbed first, and then once for each death, each time on something new.
 * @returns how many operations there are.
 */
export async function eachDeath(mortal: MortalProcess, attempt: () => Promise<void>): Promise<number> {
  mortal.live({ at: Number.POSITIVE_INFINITY, moment: 'before' });
  await attempt();
  const operations = mortal.operations();
  const deaths: Crash[] = Array.from({ length: operations }, (_, index) => ({
    at: index + 1,
    moment: 'before',
  }));
  deaths.push({ at: operations, moment: 'after' });
  for (const death of someOf(deaths, scaled({ few: 2, part: deaths.length, whole: deaths.length }))) {
    mortal.live(death);
    await attempt();
  }
  return operations;
}

/** So many things of a list, spread evenly from the first to the last. */
export function someOf<T>(list: readonly T[], count: number): T[] {
  if (list.length <= count) return [...list];
  const step = (list.length - 1) / (count - 1);
  return Array.from({ length: count }, (_, index) => list[Math.round(index * step)] as T);
}

/**
 * Tables on which a share of all writes meets another write, as AWS reports it and DynamoDB Local never does.
 * @param random from 0 to 1, seeded.
 */
export function conflictingTables(tables: TestTables, share: number, random: () => number): OperatorTables {
  const own = tables.connect();
  addConflicts(own, share, random);
  return own;
}

/** As {@link conflictingTables}, for a client that is there already. */
export function addConflicts(
  { client }: Pick<OperatorTables, 'client'>,
  share: number,
  random: () => number,
): void {
  client.middlewareStack.add(
    (next, { commandName }) =>
      async (args) => {
        const isWrite = /^(Update|Put|Delete|TransactWrite)/.test(commandName ?? '');
        if (!isWrite || random() >= share) return next(args);
        const { TransactItems } = args.input as { TransactItems?: unknown[] };
        if (TransactItems === undefined)
          throw new TransactionConflictException({
            $metadata: {},
            message: 'Transaction is ongoing for the item',
          });
        throw new TransactionCanceledException({
          $metadata: {},
          message: 'Transaction cancelled',
          CancellationReasons: TransactItems.map((_, index) => ({
            Code: index === 0 ? 'TransactionConflict' : 'None',
          })),
        });
      },
    { step: 'initialize', name: 'conflict' },
  );
}

/**
 * Tables whose every write is done twice over: its first answer is lost on the way, so that the SDK sends it again by
 * itself.
 */
export function forgetfulTables(tables: TestTables): OperatorTables {
  const own = tables.connect({ maxAttempts: 3, retryMode: 'standard' });
  const answered = new WeakSet<object>();
  own.client.middlewareStack.add(
    (next, { commandName }) =>
      async (args) => {
        const isWrite = /^(Update|Put|Delete|TransactWrite)/.test(commandName ?? '');
        const answer = await next(args);
        if (!isWrite || answered.has(args.input)) return answer;
        answered.add(args.input);
        throw Object.assign(new Error('socket hang up'), { name: 'TimeoutError' });
      },
    // After the SDK's own retry, hence once for each attempt.
    { step: 'finalizeRequest', name: 'forget', priority: 'low' },
  );
  return own;
}

/**
 * Tables of which one kind of operation fails a number of times, past whatever the SDK itself would try again.
 * @param fault.name of the error, as the SDK names what AWS answers.
 */
export function failingTables(
  tables: TestTables,
  fault: {
    readonly command: RegExp;
    readonly name: string;
    readonly times: number;
    /** @default 'before the retries': the SDK, which may try again what the store answers, sees nothing of it. */
    readonly where?: 'before the retries' | 'behind the retries';
  },
) {
  const own = tables.connect();
  const failed: string[] = [];
  const isDue = (commandName = '') => fault.command.test(commandName) && failed.length < fault.times;
  const fail = (commandName = '') => {
    failed.push(commandName);
    throw Object.assign(new Error(`${fault.name} of the test`), { name: fault.name });
  };
  if (fault.where === 'behind the retries')
    own.client.middlewareStack.add(
      (next, { commandName }) =>
        async (args) =>
          isDue(commandName) ? fail(commandName) : next(args),
      { step: 'deserialize', name: 'fail' },
    );
  else
    own.client.middlewareStack.add(
      (next, { commandName }) =>
        async (args) =>
          isDue(commandName) ? fail(commandName) : next(args),
      { step: 'initialize', name: 'fail' },
    );
  return { tables: own, failed };
}

/** Tables that write down every read of a base table, and whether it asked to be strongly consistent. */
export function observedReads(tables: TestTables) {
  const own = tables.connect();
  const reads: { readonly command: string; readonly isConsistent: boolean }[] = [];
  own.client.middlewareStack.add(
    (next, { commandName: command = '' }) =>
      async (args) => {
        const input = args.input as {
          ConsistentRead?: boolean;
          RequestItems?: Record<string, { ConsistentRead?: boolean }>;
        };
        const asked = input.RequestItems ? Object.values(input.RequestItems) : [input];
        if (/^(Get|Query|BatchGet)/.test(command))
          reads.push({ command, isConsistent: asked.every(({ ConsistentRead }) => ConsistentRead === true) });
        return next(args);
      },
    { step: 'initialize', name: 'observe' },
  );
  return { tables: own, reads };
}

/** A client without a store: each operation is answered by a function, past whatever the SDK itself would try again. */
export function answeringClient(
  answer: (input: { readonly ClientRequestToken?: string }) => unknown,
): DynamoDBClient {
  const client = new DynamoDBClient({
    region: 'us-east-1',
    credentials: { accessKeyId: 'unused', secretAccessKey: 'unused' },
  });
  client.middlewareStack.add(
    () => async (args) => ({
      response: {},
      output: { $metadata: {}, ...((await answer(args.input as object)) as object) },
    }),
    { step: 'initialize', name: 'answer', priority: 'high' },
  );
  return client;
}

/** A small repeatable source of numbers from 0 to 1 (mulberry32). */
export function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
