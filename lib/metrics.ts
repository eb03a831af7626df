import { Duration } from 'aws-cdk-lib';
import { Metric } from 'aws-cdk-lib/aws-cloudwatch';

/** How long a data point lasts that an alarm looks at. */
export const PERIOD = Duration.minutes(5);

/**
 * A metric of Keyward's own, which its functions write with their lines. The names are those of `lambdas/log/metric.ts`.
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
