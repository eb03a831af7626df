import { embeddedMetric, type LogEntry, SERVICE, stackName } from './entry.ts';

/** One call of a function, as its lines tell of it. */
export interface Invocation {
  /** The id that the caller sees. */
  readonly requestId: string;
  readonly coldStart: boolean;
}

let isCold = true;

export function beginInvocation(requestId: string): Invocation {
  // An instance that was started ahead of its calls keeps nobody waiting.
  const coldStart = isCold && process.env.AWS_LAMBDA_INITIALIZATION_TYPE === 'on-demand';
  isCold = false;
  return { requestId, coldStart };
}

/**
 * Writes the line that Powertools' logger writes elsewhere, without its weight: for the authorizers, which every cold start
 * loads, and for guards, which are bundled into other people's functions.
 *
 * Straight to the output: Lambda's `console` would put a text in front, and then no metric is found in the line.
 * @see docs/decisions/0014-operations.md
 */
export function writeEntry({ level, message, fields, metric }: LogEntry, invocation: Invocation): void {
  const now = new Date();
  const line = {
    level,
    message,
    timestamp: now.toISOString(),
    service: SERVICE,
    stack: stackName(),
    function: process.env.AWS_LAMBDA_FUNCTION_NAME,
    cold_start: invocation.coldStart,
    request_id: invocation.requestId,
    ...fields,
    ...(metric && embeddedMetric(metric, now.getTime())),
  };
  // What is not known is left out.
  process.stdout.write(`${JSON.stringify(line, (_, value) => value ?? undefined)}\n`);
}
