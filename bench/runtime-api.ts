import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { close, listen } from '../local/listening.ts';

/** One function process, as the calls of its runtime show it. Milliseconds of `performance.now`. */
export interface FunctionLife {
  /** When the runtime asked for its first invocation: the handler is loaded. */
  readonly readyAt: number;
  /** How long each invocation took, in order. */
  readonly invocationsMs: readonly number[];
  /** The answer to each invocation. */
  readonly answers: readonly string[];
}

export interface RuntimeApi {
  /** The address for the runtime client, as in `AWS_LAMBDA_RUNTIME_API`. */
  readonly address: string;
  /**
   * Gives these events, in order, to the next runtime that connects. Resolves when the last one is answered.
   * @throws when the runtime reports an error.
   */
  serve(events: readonly unknown[]): Promise<FunctionLife>;
  stop(): Promise<void>;
}

const PREFIX = '/2018-06-01/runtime';
const DEADLINE_MS = 30_000;

/**
 * The Runtime API of Lambda on loopback, for one runtime at a time.
 * @see "Using the Lambda runtime API for custom runtimes", AWS Lambda Developer Guide
 */
export async function startRuntimeApi(): Promise<RuntimeApi> {
  let session: Session | undefined;
  const server = createServer((request, response) => {
    if (session) session.answer(request, response);
    else response.writeHead(404).end();
  });
  const url = await listen(server, 0);
  return {
    address: new URL(url).host,
    serve(events) {
      return new Promise((resolve, reject) => {
        session = new Session(events, { resolve, reject });
      });
    },
    stop: () => close(server),
  };
}

interface SessionEnd {
  resolve(life: FunctionLife): void;
  reject(error: Error): void;
}

class Session {
  readonly #events: readonly unknown[];
  readonly #end: SessionEnd;
  readonly #invocationsMs: number[] = [];
  readonly #answers: string[] = [];
  #readyAt: number | undefined;
  #sentAt = 0;

  constructor(events: readonly unknown[], end: SessionEnd) {
    this.#events = events;
    this.#end = end;
  }

  answer(request: IncomingMessage, response: ServerResponse): void {
    const now = performance.now();
    const path = (request.url ?? '').replace(PREFIX, '');
    if (path === '/invocation/next') {
      this.#readyAt ??= now;
      this.#sendEvent(response);
      return;
    }
    let text = '';
    request.setEncoding('utf8');
    request.on('data', (chunk: string) => {
      text += chunk;
    });
    request.on('end', () => {
      response.writeHead(202).end('{}');
      if (path.endsWith('/response')) this.#noteAnswer(text);
      else this.#end.reject(new Error(`The function has failed: ${text}`));
    });
  }

  #sendEvent(response: ServerResponse): void {
    const event = this.#events[this.#answers.length];
    // A runtime that got all events waits, as on Lambda, until its process ends.
    if (event === undefined) return;
    response.writeHead(200, {
      'content-type': 'application/json',
      'lambda-runtime-aws-request-id': randomUUID(),
      'lambda-runtime-deadline-ms': String(Date.now() + DEADLINE_MS),
      'lambda-runtime-invoked-function-arn': 'arn:aws:lambda:us-east-1:123456789012:function:bench',
    });
    this.#sentAt = performance.now();
    response.end(JSON.stringify(event));
  }

  #noteAnswer(text: string): void {
    this.#invocationsMs.push(performance.now() - this.#sentAt);
    this.#answers.push(text);
    if (this.#answers.length < this.#events.length) return;
    this.#end.resolve({
      readyAt: this.#readyAt ?? 0,
      invocationsMs: this.#invocationsMs,
      answers: this.#answers,
    });
  }
}
