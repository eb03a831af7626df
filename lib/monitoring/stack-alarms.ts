import { Duration } from 'aws-cdk-lib';
import type { Stage } from 'aws-cdk-lib/aws-apigateway';
import { type IMetric, MathExpression } from 'aws-cdk-lib/aws-cloudwatch';
import type { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import type { Construct } from 'constructs';
import { metricsNameOf } from '../parts/part-name.ts';
import type { IKeyTables } from '../tables/table-access.ts';
import { AlarmGroup, type AlarmGroupProps, type ApiAlarm } from './api-alarms.ts';
import { keywardMetric, PERIOD, throttleMetric } from './metrics.ts';

export interface DataAlarmsProps extends AlarmGroupProps {
  readonly tables: IKeyTables;
  /**
   * The function that runs when a person signs in.
   * @default people sign in elsewhere
   */
  readonly onSignIn?: LambdaFunction | undefined;
}

/** The alarms of the data stack: DynamoDB throttles its tables, or a person who was invited does not become a member. */
export class DataAlarms extends AlarmGroup {
  constructor(scope: Construct, id: string, props: DataAlarmsProps) {
    super(scope, id, props);
    const { tables, onSignIn } = props;
    this.add('TablesThrottled', {
      alarmDescription:
        'DynamoDB turns reads or writes away: a key or a workspace is used more than one partition can take.',
      metric: throttleMetric(tables),
      threshold: 1,
    });
    if (onSignIn === undefined) return;
    this.add('SignInFaults', {
      alarmDescription:
        'Invitations could not be looked for when people signed in: they are not members yet.',
      metric: keywardMetric('SignInFault', { stackName: metricsNameOf(this) }),
      threshold: 1,
    });
    this.add('SignInErrors', {
      alarmDescription: 'The function that runs when people sign in failed: Cognito turned them away.',
      metric: onSignIn.metricErrors({ statistic: 'Sum', period: PERIOD }),
      threshold: 1,
    });
  }
}

export interface ManagementAlarmsProps extends AlarmGroupProps {
  /** The stage of the management API. */
  readonly stage: Stage;
}

/**
 * The alarms of a product's API that the management API does without. `ManagementFaults` counts its server errors. Calls that
 * reach many keys may be slow. It has no rate limits, and few people call it.
 */
export const NOT_OF_MANAGEMENT: readonly ApiAlarm[] = [
  'Latency',
  'LimitDegraded',
  'RefusalsMany',
  'ServerErrors',
];

/** The sweeper takes up every change within two minutes. A change that waits longer than this needs an operator. */
const TOO_OLD = Duration.minutes(10);

/** The sweeper runs five times in a period. Each run tries again what the last one could not finish. */
const SWEEPS_THAT_TELL = 3;

/** The alarms of the management API: it does not answer, or neither calls nor the sweeper finish a change. */
export class ManagementAlarms extends AlarmGroup {
  constructor(scope: Construct, id: string, props: ManagementAlarmsProps) {
    super(scope, id, props);
    const stackName = metricsNameOf(this);
    const own = (metricName: string) => keywardMetric(metricName, { stackName });
    this.add('ManagementFaults', {
      alarmDescription:
        'Calls of the management API were answered 5xx: 503 passes and is finished by the sweeper, 500 has to be mended.',
      metric: faults(props.stage, stackName),
      threshold: 3,
    });
    this.add('AuditFaults', {
      alarmDescription:
        'Refused calls are not in the audit log. Changes always are: they are written with their events.',
      metric: own('AuditFault'),
      threshold: 1,
    });
    this.add('SweepFaults', {
      alarmDescription: 'The sweeper could not finish something, again and again.',
      metric: own('SweepFault'),
      threshold: SWEEPS_THAT_TELL,
    });
    this.add('FlushFaults', {
      alarmDescription:
        'Kept verdicts could not be flushed after a change: they hold until their time is over.',
      metric: own('FlushFault'),
      threshold: 1,
    });
    this.add('PendingTooOld', {
      alarmDescription:
        'A change has made no progress for ten minutes, or the management API is called and the sweeper does not run.',
      metric: oldestPending(stackName),
      threshold: TOO_OLD.toSeconds(),
      // A call may come just before the first run, or between two periods.
      evaluationPeriods: 2,
    });
  }
}

/** Counts the 5xx of functions and of API Gateway. Unfinished changes do not count: the sweeper finishes them. */
function faults(stage: Stage, stackName: string): IMetric {
  return new MathExpression({
    expression: 'FILL(errors, 0) - FILL(unfinished, 0)',
    usingMetrics: {
      errors: stage.metricServerError({ statistic: 'Sum', period: PERIOD }),
      unfinished: keywardMetric('ManagementCall', { stackName, by: { outcome: 'unfinished' } }),
    },
    label: 'calls that were answered 5xx',
    period: PERIOD,
  });
}

/**
 * How long the oldest change has waited. Every run of the sweeper reports it, so a missing value is bad as well. It is bad only
 * while the API has calls: a deployment that is new or was taken down reports nothing either.
 */
function oldestPending(stackName: string): IMetric {
  return new MathExpression({
    expression: `IF(FILL(calls, 0) > 0 AND FILL(oldest, -1) < 0, ${TOO_OLD.toSeconds()}, FILL(oldest, 0))`,
    usingMetrics: {
      calls: keywardMetric('ManagementCall', { stackName }),
      oldest: keywardMetric('OldestPendingSeconds', { stackName }).with({ statistic: 'Maximum' }),
    },
    label: 'seconds without progress',
    period: PERIOD,
  });
}
