import {
  Alarm,
  type AlarmProps,
  ComparisonOperator,
  type IAlarmAction,
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

export type AlarmDefinition = Partial<AlarmProps> &
  Pick<AlarmProps, 'alarmDescription' | 'metric' | 'threshold'>;

/** Alarms that tell one topic. Each says in its description what to look at; docs/operations.md says what to do. */
export class AlarmGroup extends Construct {
  readonly #actions: readonly IAlarmAction[];

  constructor(scope: Construct, id: string, { alarmTopicArn }: AlarmGroupProps) {
    super(scope, id);
    this.#actions =
      alarmTopicArn === undefined ? [] : [new SnsAction(Topic.fromTopicArn(this, 'Topic', alarmTopicArn))];
  }

  /**
   * Goes off at the threshold or above it, in the first period that is bad: a burst is over in one. What is bad only when
   * it lasts says so. Without data it is quiet, so a new deployment sets none off.
   */
  protected add(id: string, definition: AlarmDefinition): void {
    const alarm = new Alarm(this, id, {
      evaluationPeriods: 1,
      comparisonOperator: ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
      treatMissingData: TreatMissingData.NOT_BREACHING,
      ...definition,
    });
    alarm.addAlarmAction(...this.#actions);
    alarm.addOkAction(...this.#actions);
  }
}
