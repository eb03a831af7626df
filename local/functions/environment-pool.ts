import { Environment, type InvocationResult, PAYLOAD_LIMIT_BYTES } from './environment.ts';
import type { FunctionDefinition } from './function-definition.ts';

export interface PoolOptions {
  readonly definition: FunctionDefinition;
  readonly variables: Readonly<Record<string, string>>;
  readonly maxEnvironments: number;
  readonly print: (text: string) => void;
}

interface Waiting {
  readonly event: string;
  readonly answer: (result: InvocationResult) => void;
}

/** Runs one function. It prefers warm environments, starts more up to a bound, and then queues requests. */
export class EnvironmentPool {
  readonly #options: PoolOptions;
  readonly #environments = new Set<Environment>();
  readonly #idle: Environment[] = [];
  readonly #queue: Waiting[] = [];
  #starting = 0;
  #stopped = false;

  constructor(options: PoolOptions) {
    this.#options = options;
  }

  get environmentCount(): number {
    return this.#environments.size;
  }

  async invoke(payload: unknown): Promise<InvocationResult> {
    const event = JSON.stringify(payload) ?? 'null';
    if (Buffer.byteLength(event) > PAYLOAD_LIMIT_BYTES) {
      return failure(
        'RequestEntityTooLargeException',
        `Request must be smaller than ${PAYLOAD_LIMIT_BYTES} bytes`,
      );
    }
    if (this.#stopped) return failure('Runner.Stopped', 'The run has ended.');
    return new Promise<InvocationResult>((answer) => {
      this.#queue.push({ event, answer });
      this.#dispatch();
    });
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    for (const { answer } of this.#queue.splice(0)) answer(failure('Runner.Stopped', 'The run has ended.'));
    await Promise.all([...this.#environments].map((environment) => environment.end()));
    this.#environments.clear();
  }

  #dispatch(): void {
    while (this.#queue.length > 0) {
      const environment = this.#takeIdle();
      const waiting = environment && this.#queue.shift();
      if (!environment || !waiting) break;
      void this.#serve(environment, waiting);
    }
    const isShort = this.#queue.length > this.#starting;
    if (isShort && this.#environments.size < this.#options.maxEnvironments) void this.#grow();
  }

  #takeIdle(): Environment | undefined {
    for (let environment = this.#idle.pop(); environment; environment = this.#idle.pop()) {
      if (!environment.dead) return environment;
      this.#environments.delete(environment);
    }
    return undefined;
  }

  async #grow(): Promise<void> {
    const { definition, variables, print } = this.#options;
    const environment = new Environment(definition, variables, print);
    this.#environments.add(environment);
    this.#starting++;
    const failed = await environment.ready;
    this.#starting--;
    if (failed) {
      this.#environments.delete(environment);
      await environment.end();
      this.#queue.shift()?.answer(failed);
    } else {
      this.#idle.push(environment);
    }
    this.#dispatch();
  }

  async #serve(environment: Environment, { event, answer }: Waiting): Promise<void> {
    const result = await environment.invoke(event);
    if (environment.dead) this.#environments.delete(environment);
    else this.#idle.push(environment);
    answer(result);
    this.#dispatch();
  }
}

function failure(errorType: string, errorMessage: string): InvocationResult {
  return { kind: 'failed', errorType, errorMessage };
}
