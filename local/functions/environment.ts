import { randomUUID } from 'node:crypto';
import { extname, join } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { EnvironmentMessage, EnvironmentSetup, InvocationMessage } from './environment-message.ts';
import type { FunctionDefinition } from './function-definition.ts';

export type InvocationResult =
  | { readonly kind: 'returned'; readonly payload: unknown }
  | { readonly kind: 'failed'; readonly errorType: string; readonly errorMessage: string };

/** Lambda's bound on the request and on the response of a synchronous invocation. */
export const PAYLOAD_LIMIT_BYTES = 6 * 1024 * 1024;

/**
 * A bound on the time before the first invocation. Lambda's own is ten seconds, on a processor that nobody else uses; several
 * environments start on this machine at a time, beside other programs.
 */
const INIT_TIMEOUT_MS = 60_000;

/** Where Node keeps what it has compiled, if the runner was told a place. The worker hides it from the function. */
const { NODE_COMPILE_CACHE } = process.env;

/** It has the ending of this file: TypeScript in the repository, JavaScript in the package. */
const WORKER = join(import.meta.dirname, `environment-worker${extname(import.meta.filename)}`);

/**
 * One execution environment. It lives on between invocations and serves one at a time.
 *
 * It is a worker thread and not a child process: a thread has modules, globals and environment variables of its own,
 * starts in a few milliseconds, and cannot outlive the run. It shares with the runner what Lambda would not: the
 * working directory, the time zone (which Node reads once per process) and the processor; and it is not frozen
 * between invocations.
 */
export class Environment {
  readonly #function: FunctionDefinition;
  readonly #print: (text: string) => void;
  readonly #worker: Worker;
  readonly #ready: Promise<InvocationResult | undefined>;
  #settle: ((result: InvocationResult) => void) | undefined;
  #dead = false;
  #unprinted = '';

  constructor(
    definition: FunctionDefinition,
    variables: Readonly<Record<string, string>>,
    print: (text: string) => void,
  ) {
    this.#function = definition;
    this.#print = print;
    const setup: EnvironmentSetup = {
      handlerFile: definition.handlerFile,
      handlerName: definition.handlerName,
      functionName: definition.name,
      functionArn: definition.arn,
      memoryMegabytes: definition.memoryMegabytes,
    };
    this.#worker = new Worker(WORKER, {
      workerData: setup,
      env: { ...variables, ...(NODE_COMPILE_CACHE !== undefined && { NODE_COMPILE_CACHE }) },
      execArgv: [],
      stdout: true,
      stderr: true,
    });
    this.#ready = this.#start();
  }

  get dead(): boolean {
    return this.#dead;
  }

  /** @returns undefined when the handler is imported, the failure otherwise. */
  get ready(): Promise<InvocationResult | undefined> {
    return this.#ready;
  }

  async invoke(event: string): Promise<InvocationResult> {
    const requestId = randomUUID();
    const timeoutMs = this.#function.timeoutSeconds * 1000;
    const result = await this.#settleWithin(timeoutMs, () => {
      const message: InvocationMessage = { event, requestId, deadline: Date.now() + timeoutMs };
      this.#worker.postMessage(message);
    });
    if (result !== 'timeout') return result;
    await this.end();
    const errorMessage = `${new Date().toISOString()} ${requestId} Task timed out after ${this.#function.timeoutSeconds.toFixed(2)} seconds`;
    this.#print(errorMessage);
    return { kind: 'failed', errorType: 'Sandbox.Timedout', errorMessage };
  }

  async end(): Promise<void> {
    this.#dead = true;
    await this.#worker.terminate();
  }

  async #start(): Promise<InvocationResult | undefined> {
    this.#worker.on('message', (message: EnvironmentMessage) => this.#receive(message));
    this.#worker.on('error', (error: unknown) => this.#fail(error));
    this.#worker.on('exit', (code) => {
      this.#dead = true;
      const errorMessage = `Runtime exited with ${code === 0 ? 'no error' : `error: exit status ${code}`}`;
      this.#settle?.({ kind: 'failed', errorType: 'Runtime.ExitError', errorMessage });
    });
    const result = await this.#settleWithin(INIT_TIMEOUT_MS, () => undefined);
    if (result === 'timeout') {
      await this.end();
      return {
        kind: 'failed',
        errorType: 'Sandbox.Timedout',
        errorMessage: `The function took over ${INIT_TIMEOUT_MS / 1000} seconds to start.`,
      };
    }
    return result.kind === 'failed' ? result : undefined;
  }

  #settleWithin(milliseconds: number, begin: () => void): Promise<InvocationResult | 'timeout'> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => resolve('timeout'), milliseconds);
      this.#settle = (result) => {
        clearTimeout(timer);
        this.#settle = undefined;
        resolve(result);
      };
      if (this.#dead)
        this.#settle({ kind: 'failed', errorType: 'Runtime.ExitError', errorMessage: 'Runtime exited' });
      else begin();
    });
  }

  #receive(message: EnvironmentMessage): void {
    if (message.kind === 'printed') {
      const lines = (this.#unprinted + message.text).split('\n');
      this.#unprinted = lines.pop() ?? '';
      for (const line of lines) this.#print(line);
      return;
    }
    if (this.#unprinted) this.#print(this.#unprinted);
    this.#unprinted = '';
    if (message.kind === 'ready') this.#settle?.({ kind: 'returned', payload: null });
    if (message.kind === 'returned') this.#settle?.(resultOf(message.payload));
    if (message.kind !== 'failed') return;
    const { errorType, errorMessage } = message.error;
    // Lambda's runtime logs what a handler throws, so the runner does too.
    this.#print(
      `ERROR Invoke Error ${JSON.stringify({ errorType, errorMessage, stack: message.trace.split('\n') })}`,
    );
    this.#settle?.({ kind: 'failed', errorType, errorMessage });
  }

  /** An uncaught error ended the thread, while importing the handler or later. */
  #fail(error: unknown): void {
    this.#dead = true;
    const { name, message, stack } = error as Partial<Error>;
    const errorType = name ?? 'Error';
    const errorMessage = message ?? String(error);
    this.#print(
      `ERROR Uncaught Exception ${JSON.stringify({ errorType, errorMessage, stack: stack?.split('\n') })}`,
    );
    this.#settle?.({ kind: 'failed', errorType, errorMessage });
  }
}

function resultOf(payload: string): InvocationResult {
  if (Buffer.byteLength(payload) <= PAYLOAD_LIMIT_BYTES)
    return { kind: 'returned', payload: JSON.parse(payload) };
  const errorMessage = `Response payload size exceeded maximum allowed payload size (${PAYLOAD_LIMIT_BYTES} bytes).`;
  return { kind: 'failed', errorType: 'Function.ResponseSizeTooLarge', errorMessage };
}
