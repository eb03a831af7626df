/**
 * Runs inside a worker thread, as one execution environment of one function. Like Lambda's own runtime, it
 * imports the handler once, and answers one invocation at a time.
 */
import { flushCompileCache } from 'node:module';
import { pathToFileURL } from 'node:url';
import { parentPort, workerData } from 'node:worker_threads';
import type {
  EnvironmentMessage,
  EnvironmentSetup,
  FunctionError,
  InvocationMessage,
} from './environment-message.ts';

type Handler = (event: unknown, context: unknown) => unknown;

const setup: EnvironmentSetup = workerData;
const port = parentPort;
if (!port) throw new Error('An environment runs in a worker thread only.');

const tell = (message: EnvironmentMessage) => port.postMessage(message);

// Printed lines travel the same way as answers, so that a caller gets every line before the answer.
const print = (chunk: string | Uint8Array, encoding?: unknown, done?: unknown): boolean => {
  tell({ kind: 'printed', text: typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString('utf8') });
  const callback = typeof encoding === 'function' ? encoding : done;
  if (typeof callback === 'function') callback();
  return true;
};
process.stdout.write = print;
process.stderr.write = print;

// Lambda ends an environment on either of these. Here Node ends the thread, and the runner reports the error.
process.on('unhandledRejection', (reason) => {
  throw reason instanceof Error ? reason : new Error(String(reason));
});

// Node has read it; a function sees only the variables that Lambda would give it.
delete process.env.NODE_COMPILE_CACHE;
const handler = await importHandler();
// The next environment starts faster.
flushCompileCache();
port.on('message', (message: InvocationMessage) => void invoke(message));
tell({ kind: 'ready' });

async function importHandler(): Promise<Handler> {
  const module = await import(pathToFileURL(setup.handlerFile).href);
  const found: unknown = module[setup.handlerName] ?? module.default?.[setup.handlerName];
  if (typeof found !== 'function')
    throw named('Runtime.HandlerNotFound', `${setup.handlerName} is undefined or not exported`);
  // "Node.js 24 no longer supports callback-based function handlers", AWS Lambda Developer Guide.
  if (found.length >= 3)
    throw named('Runtime.CallbackHandlerDeprecated', 'callback-based handlers are not supported');
  return found as Handler;
}

async function invoke({ event, requestId, deadline }: InvocationMessage): Promise<void> {
  try {
    const result = await handler(JSON.parse(event), contextOf(requestId, deadline));
    tell({ kind: 'returned', payload: JSON.stringify(result) ?? 'null' });
  } catch (thrown) {
    tell({
      kind: 'failed',
      error: errorOf(thrown),
      trace: thrown instanceof Error ? (thrown.stack ?? '') : '',
    });
  }
}

function contextOf(requestId: string, deadline: number): object {
  return {
    callbackWaitsForEmptyEventLoop: true,
    functionVersion: '$LATEST',
    functionName: setup.functionName,
    memoryLimitInMB: String(setup.memoryMegabytes),
    logGroupName: process.env.AWS_LAMBDA_LOG_GROUP_NAME,
    logStreamName: process.env.AWS_LAMBDA_LOG_STREAM_NAME,
    clientContext: undefined,
    identity: undefined,
    invokedFunctionArn: setup.functionArn,
    awsRequestId: requestId,
    getRemainingTimeInMillis: () => Math.max(0, deadline - Date.now()),
  };
}

function errorOf(thrown: unknown): FunctionError {
  if (thrown instanceof Error) return { errorType: thrown.name, errorMessage: thrown.message };
  return { errorType: typeof thrown, errorMessage: String(thrown) };
}

function named(name: string, message: string): Error {
  const error = new Error(message);
  error.name = name;
  return error;
}
