import { Duration, Stack } from 'aws-cdk-lib';
import { TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import type { Construct } from 'constructs';
import { AlarmGroup, type AlarmGroupProps } from './alarm-group.ts';
import { keywardMetric } from './metrics.ts';

/** The sweeper goes on with every change within two minutes; what waits longer than this needs somebody to look. */
const TOO_OLD = Duration.minutes(10);

/** What is watched of the management API besides what every API has: that changes are finished, by calls or by the sweeper. */
export class ManagementAlarms extends AlarmGroup {
  constructor(scope: Construct, id: string, props: AlarmGroupProps) {
    super(scope, id, props);
    const { stackName } = Stack.of(this);
    this.add('ManagementFaults', {
      alarmDescription:
        'Calls of the management API were answered 5xx: 503 passes and is finished by the sweeper, 500 has to be mended.',
      metric: keywardMetric('ManagementCall', { stackName, by: { outcome: 'fault' } }),
      threshold: 3,
    });
    this.add('AuditFaults', {
      alarmDescription:
        'Refused calls are not in the audit log. Changes always are: they are written with their events.',
      metric: keywardMetric('AuditFault', { stackName }),
      threshold: 1,
    });
    this.add('PendingTooOld', {
      alarmDescription: 'A change has made no progress for ten minutes, or the sweeper has stopped to run.',
      metric: keywardMetric('OldestPendingSeconds', { stackName }).with({ statistic: 'Maximum' }),
      threshold: TOO_OLD.toSeconds(),
      // Every run of the sweeper says how old the oldest change is.
      treatMissingData: TreatMissingData.BREACHING,
    });
  }
}
