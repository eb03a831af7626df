import { EventQueue } from './event-queue.ts';
import { FACTS } from './facts.ts';
import { seededRandom } from './random.ts';
import { TokenBucket } from './token-bucket.ts';

/** One key under constant load, as Keyward, the SDK, Lambda and one DynamoDB partition would treat it. */
export interface HotKey {
  readonly callsPerSecond: number;
  readonly seconds: number;
  /** Counted against a limit, or only read. */
  readonly path: 'counting' | 'reading';
  /** The limit of each window; absent if the key has no limit. */
  readonly rateLimit?: { readonly limit: number; readonly windowSeconds: number };
  /** Whether reads and writes of a partition share its capacity. AWS says both, for different modes. */
  readonly capacity: 'apart' | 'shared';
  /** Which throttled operations the SDK tries again. By default, all. */
  readonly retried: 'reads and writes' | 'reads' | 'nothing';
  /** Whether the read that replaces a throttled count refuses if the limit is used up. */
  readonly fallback: 'ignores the limit' | 'heeds the limit';
}

export interface HotKeyOutcome {
  /** Parts of all calls, which sum up to one. */
  readonly counted: number;
  readonly letThroughUncounted: number;
  readonly refusedByLimit: number;
  /** 503: the store throttled the read as well, the authorizer timed out, or no environment was left. */
  readonly failed: number;
  /** Allowed calls for each call that the limit allows; absent without a limit. */
  readonly timesLimit?: number;
  readonly meanMs: number;
  /** The most environments of the authorizer that were busy at once. */
  readonly environments: number;
}

const OPERATION_MS = 5;
const AUTHORIZER_TIMEOUT_MS = 3_000;
/** `maxAttempts` of `stores/dynamodb/client.ts`. */
const ATTEMPTS = 3;
/** The SDK's values in its version of 2026: the longest first pause after throttling, which doubles each time, and its budget. */
const THROTTLED_PAUSE_MS = 1_000;
const RETRY_BUDGET = 500;
const RETRY_COST = 5;
const SEED = 20_261_122;

/** One environment of the authorizer, with the SDK's budget for retries. */
interface Environment {
  budget: number;
}

interface Call {
  readonly startedMs: number;
  readonly environment: Environment;
}

/** One operation on the item, and what the call does next. */
interface Operation {
  readonly call: Call;
  readonly isRetried: boolean;
  /** @returns whether the partition had the capacity for it. */
  readonly take: (nowMs: number) => boolean;
  readonly onTaken: (nowMs: number) => void;
  readonly onGivenUp: (nowMs: number) => void;
}

type Ending = 'counted' | 'uncounted' | 'refused' | 'failed';

/**
 * Simulates calls that arrive at random. The partition starts with the capacity of one second and saves up no more
 * than that. AWS does not promise more.
 */
export function simulateHotKey(key: HotKey): HotKeyOutcome {
  return new Simulation(key).run();
}

class Simulation {
  readonly #key: HotKey;
  readonly #random = seededRandom(SEED);
  readonly #events = new EventQueue();
  readonly #partition: ReturnType<typeof partitionOf>;
  readonly #idle: Environment[] = [];
  readonly #endings: Record<Ending, number> = { counted: 0, uncounted: 0, refused: 0, failed: 0 };
  #window = { endsMs: 0, used: 0 };
  #calls = 0;
  #busy = 0;
  #mostBusy = 0;
  #busyMs = 0;

  constructor(key: HotKey) {
    this.#key = key;
    this.#partition = partitionOf(key);
  }

  run(): HotKeyOutcome {
    this.#arrive(0);
    this.#events.run();
    const { counted, uncounted, refused, failed } = this.#endings;
    const { rateLimit, seconds } = this.#key;
    const part = (number: number) => number / this.#calls;
    return {
      counted: part(counted),
      letThroughUncounted: part(uncounted),
      refusedByLimit: part(refused),
      failed: part(failed),
      ...(rateLimit && { timesLimit: (counted + uncounted) / allowedBy(rateLimit, seconds) }),
      meanMs: this.#busyMs / this.#calls,
      environments: this.#mostBusy,
    };
  }

  #arrive(nowMs: number): void {
    const { seconds, callsPerSecond, path } = this.#key;
    if (nowMs >= seconds * 1000) return;
    const nextMs = nowMs - (Math.log(1 - this.#random()) * 1000) / callsPerSecond;
    this.#events.add(nextMs, () => this.#arrive(nextMs));
    this.#calls += 1;
    if (this.#busy >= FACTS.lambdaConcurrency.value) {
      this.#endings.failed += 1;
      return;
    }
    this.#busy += 1;
    this.#mostBusy = Math.max(this.#mostBusy, this.#busy);
    const call = { startedMs: nowMs, environment: this.#idle.pop() ?? { budget: RETRY_BUDGET } };
    if (path === 'counting') this.#count(call, nowMs);
    else this.#read(call, nowMs);
  }

  #count(call: Call, nowMs: number): void {
    const onTaken = (atMs: number) => {
      // A failed condition also costs a write.
      const isRefused = this.#isUsedUp(atMs);
      if (!isRefused) this.#window.used += 1;
      this.#end(call, atMs, isRefused ? 'refused' : 'counted');
    };
    const onGivenUp = (atMs: number) => this.#read(call, atMs);
    const isRetried = this.#key.retried === 'reads and writes';
    this.#attempt({ call, isRetried, take: this.#partition.takeWrite, onTaken, onGivenUp }, 1, nowMs);
  }

  #read(call: Call, nowMs: number): void {
    const onTaken = (atMs: number) => {
      const isRefused = this.#key.fallback === 'heeds the limit' && this.#isUsedUp(atMs);
      this.#end(call, atMs, isRefused ? 'refused' : 'uncounted');
    };
    const onGivenUp = (atMs: number) => this.#end(call, atMs, 'failed');
    const isRetried = this.#key.retried !== 'nothing';
    this.#attempt({ call, isRetried, take: this.#partition.takeRead, onTaken, onGivenUp }, 1, nowMs);
  }

  /** Sends an operation until the partition takes it or the SDK gives up, with a pause before each retry. */
  #attempt(operation: Operation, number: number, nowMs: number): void {
    const { call, isRetried, take, onTaken, onGivenUp } = operation;
    const { environment } = call;
    const answeredMs = nowMs + OPERATION_MS;
    if (take(nowMs)) {
      environment.budget = Math.min(RETRY_BUDGET, environment.budget + (number > 1 ? RETRY_COST : 1));
      this.#events.add(answeredMs, () => onTaken(answeredMs));
      return;
    }
    const mayRetry = isRetried && number < ATTEMPTS && environment.budget >= RETRY_COST;
    if (!mayRetry) {
      this.#events.add(answeredMs, () => onGivenUp(answeredMs));
      return;
    }
    environment.budget -= RETRY_COST;
    const nextMs = answeredMs + this.#random() * THROTTLED_PAUSE_MS * 2 ** (number - 1);
    this.#events.add(nextMs, () => this.#attempt(operation, number + 1, nextMs));
  }

  #isUsedUp(nowMs: number): boolean {
    const { rateLimit } = this.#key;
    if (rateLimit === undefined) return false;
    if (nowMs >= this.#window.endsMs)
      this.#window = { endsMs: nowMs + rateLimit.windowSeconds * 1000, used: 0 };
    return this.#window.used >= rateLimit.limit;
  }

  #end(call: Call, nowMs: number, ending: Ending): void {
    const elapsedMs = nowMs - call.startedMs;
    this.#endings[elapsedMs > AUTHORIZER_TIMEOUT_MS ? 'failed' : ending] += 1;
    this.#busyMs += Math.min(elapsedMs, AUTHORIZER_TIMEOUT_MS);
    this.#busy -= 1;
    this.#idle.push(call.environment);
  }
}

function allowedBy({ limit, windowSeconds }: NonNullable<HotKey['rateLimit']>, seconds: number): number {
  return limit * Math.ceil(seconds / windowSeconds);
}

/** Where capacity is shared, a write takes as much of it as three reads. */
function partitionOf({ capacity }: HotKey) {
  const writes = FACTS.partitionWrites.value;
  const reads = FACTS.partitionReads.value;
  const readBucket = new TokenBucket(reads);
  const writeBucket = capacity === 'shared' ? readBucket : new TokenBucket(writes);
  const writeCost = capacity === 'shared' ? reads / writes : 1;
  return {
    takeRead: (nowMs: number) => readBucket.take(1, nowMs),
    takeWrite: (nowMs: number) => writeBucket.take(writeCost, nowMs),
  };
}
