import {
  Alarm,
  type AlarmBase,
  type AlarmProps,
  ComparisonOperator,
  TreatMissingData,
} from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';

export interface AlarmGroupProps {
  /**
   * The ARN of the SNS topic that is told when an alarm goes off, and when it is over.
   * @default nobody is told: alarms are seen in CloudWatch only
   */
  readonly alarmTopicArn?: string | undefined;
}

/** Alarms that tell one topic. Each says in its description what to look at; docs/operations.md says what to do. */
export class AlarmGroup extends Construct {
  readonly #action: SnsAction | undefined;

  constructor(scope: Construct, id: string, { alarmTopicArn }: AlarmGroupProps) {
    super(scope, id);
    this.#action =
      alarmTopicArn === undefined
        ? undefined
        : new SnsAction(Topic.fromTopicArn(this, 'Topic', alarmTopicArn));
  }

  /** Goes off at the threshold or above it; without data it is quiet, unless it is told that silence is the fault. */
  protected add(id: string, props: Omit<AlarmProps, 'evaluationPeriods'>): Alarm {
    const alarm = this.watch(id, props);
    this.notify(alarm);
    return alarm;
  }

  /** An alarm that tells nobody: a part of another one. */
  protected watch(id: string, props: Omit<AlarmProps, 'evaluationPeriods'>): Alarm {
    return new Alarm(this, id, {
      evaluationPeriods: 3,
      datapointsToAlarm: 2,
      comparisonOperator: ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
      treatMissingData: TreatMissingData.NOT_BREACHING,
      ...props,
    });
  }

  protected notify(alarm: AlarmBase): void {
    if (this.#action === undefined) return;
    alarm.addAlarmAction(this.#action);
    alarm.addOkAction(this.#action);
  }
}
