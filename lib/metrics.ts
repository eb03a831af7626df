import { Duration } from 'aws-cdk-lib';
import { type IMetric, MathExpression, Metric } from 'aws-cdk-lib/aws-cloudwatch';
import type { Table } from 'aws-cdk-lib/aws-dynamodb';
import { type KeyTables, PENDING_INDEX } from './key-tables.ts';

/** How long a data point lasts that an alarm looks at. */
export const PERIOD = Duration.minutes(5);

/**
 * A metric of Keyward's own, which its functions write with their lines. The names are those of `lambdas/log/entry.ts`.
 * @param stackName the stack whose functions write it.
 * @param by the one value of what splits it further that is looked at.
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
 * All that DynamoDB turns away; what the SDK then did successfully once more as well. A table's own metrics leave its indexes
 * out. An alarm takes ten metrics, and these are ten.
 */
export function throttled({ records, secrets, events, managementKeys }: KeyTables): IMetric {
  const ofTable = (name: string, table: Table, index?: string) => {
    const dimensionsMap = {
      TableName: table.tableName,
      ...(index !== undefined && { GlobalSecondaryIndexName: index }),
    };
    const metric = (metricName: string) =>
      table.metric(metricName, { dimensionsMap, statistic: 'Sum', period: PERIOD });
    return {
      [`${name}Reads`]: metric('ReadThrottleEvents'),
      [`${name}Writes`]: metric('WriteThrottleEvents'),
    };
  };
  const usingMetrics = {
    ...ofTable('records', records),
    ...ofTable('pending', records, PENDING_INDEX),
    ...ofTable('secrets', secrets),
    ...ofTable('events', events),
    ...ofTable('managementKeys', managementKeys),
  };
  const filled = Object.keys(usingMetrics).map((name) => `FILL(${name}, 0)`);
  return new MathExpression({
    expression: filled.join(' + '),
    usingMetrics,
    label: 'throttled reads and writes',
    period: PERIOD,
  });
}
