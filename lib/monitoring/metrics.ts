import { Duration } from 'aws-cdk-lib';
import { type IMetric, MathExpression, Metric } from 'aws-cdk-lib/aws-cloudwatch';
import type { ITable } from 'aws-cdk-lib/aws-dynamodb';
import { type IKeyTables, PENDING_INDEX } from '../tables/table-access.ts';

/** How long one data point of an alarm lasts. */
export const PERIOD = Duration.minutes(5);

/**
 * A metric that Keyward's functions write with their log lines. `lambdas/log/entry.ts` has the names.
 * @param options.stackName the stack whose functions write the metric.
 * @param options.by one value of a further dimension, such as `{ outcome: 'unfinished' }`.
 */
export function keywardMetric(
  metricName: string,
  { stackName, by = {} }: { readonly stackName: string; readonly by?: Readonly<Record<string, string>> },
): Metric {
  return new Metric({
    namespace: 'Keyward',
    metricName,
    dimensionsMap: { stack: stackName, ...by },
    statistic: 'Sum',
    period: PERIOD,
  });
}

/**
 * Counts the reads and writes that DynamoDB throttles, including those that succeed when the SDK repeats them. The metrics of
 * a table leave its indexes out, so the index has metrics of its own here. An alarm takes ten metrics, and these are ten.
 */
export function throttleMetric({ records, secrets, events, managementKeys }: IKeyTables): IMetric {
  const usingMetrics = {
    ...throttledOf('records', records),
    ...throttledOf('pending', records, PENDING_INDEX),
    ...throttledOf('secrets', secrets),
    ...throttledOf('events', events),
    ...throttledOf('managementKeys', managementKeys),
  };
  const filled = Object.keys(usingMetrics).map((name) => `FILL(${name}, 0)`);
  return new MathExpression({
    expression: filled.join(' + '),
    usingMetrics,
    label: 'throttled reads and writes',
    period: PERIOD,
  });
}

function throttledOf(name: string, table: ITable, index?: string): Record<string, IMetric> {
  const dimensionsMap: Record<string, string> = { TableName: table.tableName };
  if (index !== undefined) dimensionsMap.GlobalSecondaryIndexName = index;
  const metric = (metricName: string) =>
    table.metric(metricName, { dimensionsMap, statistic: 'Sum', period: PERIOD });
  return {
    [`${name}Reads`]: metric('ReadThrottleEvents'),
    [`${name}Writes`]: metric('WriteThrottleEvents'),
  };
}
