import { Stack } from 'aws-cdk-lib';
import { type IMetric, MathExpression } from 'aws-cdk-lib/aws-cloudwatch';
import type { Table } from 'aws-cdk-lib/aws-dynamodb';
import type { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import type { Construct } from 'constructs';
import { AlarmGroup, type AlarmGroupProps } from './alarm-group.ts';
import { type KeyTables, PENDING_INDEX } from './key-tables.ts';
import { keywardMetric, PERIOD } from './metrics.ts';

export interface DataAlarmsProps extends AlarmGroupProps {
  readonly tables: KeyTables;
  /** The function that runs when somebody signs in. */
  readonly onSignIn: LambdaFunction;
}

/** What is watched of what is kept: that tables take what is asked of them, and that whoever is invited becomes a member. */
export class DataAlarms extends AlarmGroup {
  constructor(scope: Construct, id: string, props: DataAlarmsProps) {
    super(scope, id, props);
    const { tables, onSignIn } = props;
    this.add('TablesThrottled', {
      alarmDescription:
        'DynamoDB turns reads or writes away: a key or a workspace is used more than one partition can take.',
      metric: throttled(tables),
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
