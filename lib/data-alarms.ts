import { Stack } from 'aws-cdk-lib';
import type { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import type { Construct } from 'constructs';
import { AlarmGroup, type AlarmGroupProps } from './alarm-group.ts';
import type { KeyTables } from './key-tables.ts';
import { keywardMetric, PERIOD, throttleMetric } from './metrics.ts';

export interface DataAlarmsProps extends AlarmGroupProps {
  readonly tables: KeyTables;
  /** The function that runs when a person signs in. */
  readonly onSignIn: LambdaFunction;
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
    this.add('SignInFaults', {
      alarmDescription:
        'Invitations could not be looked for when people signed in: they are not members yet.',
      metric: keywardMetric('SignInFault', { stackName: Stack.of(this).stackName }),
      threshold: 1,
    });
    this.add('SignInErrors', {
      alarmDescription: 'The function that runs when people sign in failed: Cognito turned them away.',
      metric: onSignIn.metricErrors({ statistic: 'Sum', period: PERIOD }),
      threshold: 1,
    });
  }
}
