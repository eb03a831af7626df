import { LogFormatter, Logger, LogItem } from '@aws-lambda-powertools/logger';
import type { LogAttributes, UnformattedAttributes } from '@aws-lambda-powertools/logger/types';
import type { Context } from 'aws-lambda';
import { embeddedMetric, type LogEntry, SERVICE, stackName } from './entry.ts';

/** The fields and their order are those of small-log.ts: one query finds the lines of all functions. */
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

// Its other ways to log, such as events or errors with their stacks, are used nowhere: either may hold a secret.
const logger = new Logger({ serviceName: SERVICE, logLevel: 'INFO', logFormatter: new LineFormatter() });

/** To be called with what Lambda calls a handler with, before anything is logged. */
export function beginInvocation(context: Pick<Context, 'awsRequestId'>): void {
  logger.addContext(context as Context);
}

const METHODS = { INFO: 'info', WARN: 'warn', ERROR: 'error' } as const;

/** @param requestId the id that the caller sees; where there is no caller, Lambda's own. */
export function writeEntry({ level, message, fields, metric }: LogEntry, requestId: string): void {
  logger[METHODS[level]](message, {
    request_id: requestId,
    ...fields,
    ...(metric && embeddedMetric(metric, Date.now())),
  });
}
