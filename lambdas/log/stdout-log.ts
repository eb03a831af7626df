import { embedMetric, type LogEntry, SERVICE, stackName } from './entry.ts';

/** One call of a function, as its log lines name it. */
export interface Invocation {
  /** The id that the caller sees. */
  readonly requestId: string;
  readonly coldStart: boolean;
}

let isCold = true;

export function beginInvocation(requestId: string): Invocation {
  // With provisioned concurrency, Lambda starts an instance before anybody waits for it: that is no cold start.
  const coldStart = isCold && process.env.AWS_LAMBDA_INITIALIZATION_TYPE === 'on-demand';
  isCold = false;
  return { requestId, coldStart };
}

/**
 * Writes the same line as Powertools' logger, without loading it. Authorizers use this because every cold start would load
 * Powertools, and guards because they are bundled into the functions of others.
 *
 * It writes to stdout directly: Lambda's `console` puts a text in front, and CloudWatch then finds no metric in the line.
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
    ...(metric && embedMetric(metric, now.getTime())),
  };
  // `null` and missing values are left out of the line, as Powertools does.
  process.stdout.write(`${JSON.stringify(line, (_, value) => value ?? undefined)}\n`);
}
