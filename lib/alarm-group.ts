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
   * The ARN of the SNS topic that alarms notify: when they go off, and when they are over.
   * @default alarms notify nobody: they are seen in CloudWatch only
   */
  readonly alarmTopicArn?: string | undefined;
}

export type AlarmDefinition = Partial<AlarmProps> &
  Pick<AlarmProps, 'alarmDescription' | 'metric' | 'threshold'>;

/** Alarms that notify one topic. The description of each says what is wrong; docs/operations.md says what to do. */
export class AlarmGroup extends Construct {
  readonly #actions: readonly IAlarmAction[];

  constructor(scope: Construct, id: string, { alarmTopicArn }: AlarmGroupProps) {
    super(scope, id);
    this.#actions =
      alarmTopicArn === undefined ? [] : [new SnsAction(Topic.fromTopicArn(this, 'Topic', alarmTopicArn))];
  }

  /**
   * Adds an alarm. It goes off in the first period that reaches the threshold, since a burst lasts no longer. The definition
   * can ask for more periods. Without data an alarm stays quiet, so a new deployment sets none off.
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
