/** The metrics of our own. What they mean, and what to do about them, stands in docs/operations.md. */
export const METRIC_NAMES = [
  'Refused',
  'AuthorizationFault',
  'LimitDegraded',
  'UseNotNoted',
  'ManagementCall',
  'OldestPendingSeconds',
  'SweepFault',
  'AuditFault',
  'FlushFault',
  'SignInFault',
] as const;

export type MetricName = (typeof METRIC_NAMES)[number];

export interface Metric {
  readonly name: MetricName;
  readonly value: number;
  readonly unit: 'Count' | 'Seconds';
  /** The field of its line that splits it further: every value of it is paid for as a metric. */
  readonly by?: 'code' | 'outcome' | 'kind';
}

/** Counts one of something that is split no further. */
export function one(name: MetricName): Metric {
  return { name, value: 1, unit: 'Count' };
}

/** A credential that could not be checked, by whether that passes or has to be mended: its line says the `kind`. */
export const AUTHORIZATION_FAULT: Metric = { ...one('AuthorizationFault'), by: 'kind' };

/**
 * What makes CloudWatch count a line of a log: its embedded metric format. Dimensions are names of the line's own fields.
 * @param at milliseconds since the epoch.
 * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
 */
export function embeddedMetric({ name, value, unit, by }: Metric, at: number): Record<string, unknown> {
  const dimensions = [['stack'], ...(by === undefined ? [] : [['stack', by]])];
  return {
    _aws: {
      Timestamp: at,
      CloudWatchMetrics: [
        { Namespace: 'Keyward', Dimensions: dimensions, Metrics: [{ Name: name, Unit: unit }] },
      ],
    },
    [name]: value,
  };
}
