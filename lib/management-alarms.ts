import { Duration, Stack } from 'aws-cdk-lib';
import type { Stage } from 'aws-cdk-lib/aws-apigateway';
import { type IMetric, MathExpression } from 'aws-cdk-lib/aws-cloudwatch';
import type { Construct } from 'constructs';
import { AlarmGroup, type AlarmGroupProps } from './alarm-group.ts';
import type { ApiAlarm } from './api-alarms.ts';
import { keywardMetric, PERIOD } from './metrics.ts';

export interface ManagementAlarmsProps extends AlarmGroupProps {
  /** Of the management API. */
  readonly stage: Stage;
}

/**
 * What an API of a product has and the management API does without. `ManagementFaults` counts its server errors; calls that
 * reach many keys may be slow; nothing there is counted against a limit, and few people call it.
 */
export const NOT_OF_MANAGEMENT: readonly ApiAlarm[] = [
  'Latency',
  'LimitDegraded',
  'RefusalsMany',
  'ServerErrors',
];

/** The sweeper goes on with every change within two minutes; what waits longer than this needs somebody to look. */
const TOO_OLD = Duration.minutes(10);

/** The sweeper runs five times in a period, and what one run could not finish the next one tries again. */
const SWEEPS_THAT_TELL = 3;

/** What is watched of the management API: that it answers, and that changes are finished, by calls or by the sweeper. */
export class ManagementAlarms extends AlarmGroup {
  constructor(scope: Construct, id: string, props: ManagementAlarmsProps) {
    super(scope, id, props);
    const { stackName } = Stack.of(this);
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

/** Counts answers 5xx, of functions and of API Gateway, without those that say how far a change is: it goes on by itself. */
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
 * How long the oldest change has waited. Every run of the sweeper says it, so silence is bad too; but only while somebody
 * calls the API, since a deployment that is new or taken down is silent as well.
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
