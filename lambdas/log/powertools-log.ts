import { LogFormatter, Logger, LogItem } from '@aws-lambda-powertools/logger';
import type { LogAttributes, UnformattedAttributes } from '@aws-lambda-powertools/logger/types';
import type { Context } from 'aws-lambda';
import { embedMetric, type LogEntry, SERVICE, stackName } from './entry.ts';

/** Call it at the start of each invocation, before anything is logged, with Lambda's own context. */
export function beginInvocation(context: Pick<Context, 'awsRequestId'>): void {
  logger.addContext(context as Context);
}

/** @param requestId the id that the caller sees, or Lambda's own where there is no caller. */
export function writeEntry({ level, message, fields, metric }: LogEntry, requestId: string): void {
  logger[METHODS[level]](message, {
    request_id: requestId,
    ...fields,
    ...(metric && embedMetric(metric, Date.now())),
  });
}

const METHODS = { INFO: 'info', WARN: 'warn', ERROR: 'error' } as const;

/** Writes the same fields in the same order as stdout-log.ts, so that one query finds the lines of all functions. */
class LineFormatter extends LogFormatter {
  override formatAttributes(
    { logLevel, message, timestamp, serviceName, lambdaContext }: UnformattedAttributes,
    fields: LogAttributes,
  ): LogItem {
    const attributes: LogAttributes = {
      level: logLevel,
      message,
      timestamp: this.formatTimestamp(timestamp),
      service: serviceName,
      stack: stackName(),
      function: process.env.AWS_LAMBDA_FUNCTION_NAME,
      cold_start: lambdaContext?.coldStart,
    };
    return new LogItem({ attributes }).addAttributes(fields);
  }
}

// Powertools can also log events, and errors with their stacks. Nothing here does: either may hold a secret.
const logger = new Logger({ serviceName: SERVICE, logLevel: 'INFO', logFormatter: new LineFormatter() });
