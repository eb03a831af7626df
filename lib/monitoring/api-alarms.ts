import { Duration } from 'aws-cdk-lib';
import type { Stage } from 'aws-cdk-lib/aws-apigateway';
import {
  Alarm,
  type AlarmProps,
  ComparisonOperator,
  type IAlarmAction,
  MathExpression,
  TreatMissingData,
} from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import { type ITopic, Topic } from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import { metricsNameOf } from '../parts/part-name.ts';
import { keywardMetric, PERIOD } from './metrics.ts';

/** Whom alarms notify when they go off, and when they are over. */
export interface AlarmGroupProps {
  /**
   * The SNS topic that alarms notify.
   * @default alarms notify nobody: they are seen in CloudWatch only
   */
  readonly alarmTopic?: ITopic | undefined;
  /**
   * The ARN of an SNS topic that alarms notify, for a topic that no app of yours makes.
   * @default none beside `alarmTopic`
   */
  readonly alarmTopicArn?: string | undefined;
}

/** Picks whom alarms notify out of the props of a construct that holds alarms. */
export function alarmTargetOf({ alarmTopic, alarmTopicArn }: AlarmGroupProps): AlarmGroupProps {
  return { alarmTopic, alarmTopicArn };
}

type AlarmDefinition = Partial<AlarmProps> & Pick<AlarmProps, 'alarmDescription' | 'metric' | 'threshold'>;

/** Alarms that notify one topic. The description of each says what is wrong; docs/operations.md says what to do. */
export class AlarmGroup extends Construct {
  readonly #actions: readonly IAlarmAction[];

  constructor(scope: Construct, id: string, { alarmTopic, alarmTopicArn }: AlarmGroupProps) {
    super(scope, id);
    const named = alarmTopicArn && Topic.fromTopicArn(this, 'Topic', alarmTopicArn);
    this.#actions = [alarmTopic, named].flatMap((topic) => (topic ? [new SnsAction(topic)] : []));
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

export type ApiAlarm = 'AuthorizationFaults' | 'Latency' | 'LimitDegraded' | 'RefusalsMany' | 'ServerErrors';

export interface ApiAlarmsProps extends AlarmGroupProps {
  /** The stage of the API. Its alarms read the metrics of the stage, and those that Keyward’s functions write. */
  readonly stage: Stage;
  /**
   * Alarms that the API does without. An alarm costs 0.10 USD a month for each of its metrics.
   * @default none
   */
  readonly without?: readonly ApiAlarm[] | undefined;
}

/** With fewer requests in a period, the share of refused ones says nothing. */
const REQUESTS_THAT_TELL = 100;
const MANY_PERCENT = 20;

/**
 * The alarms of an API that Keyward guards. Keyward has metrics of its own for refusals and faults: an authorizer must throw
 * to answer 401, and Lambda counts that as an error, so Lambda's metric mostly counts calls without a key. A throttled
 * authorizer is among the server errors.
 */
export class ApiAlarms extends AlarmGroup {
  constructor(scope: Construct, id: string, props: ApiAlarmsProps) {
    super(scope, id, props);
    const { stage, without = [] } = props;
    for (const [name, definition] of Object.entries(definitionsFor(stage))) {
      if (!without.includes(name as ApiAlarm)) this.add(name, definition);
    }
  }
}

function definitionsFor(stage: Stage): Record<ApiAlarm, AlarmDefinition> {
  const stackName = metricsNameOf(stage);
  const own = (metricName: string) => keywardMetric(metricName, { stackName });
  return {
    AuthorizationFaults: {
      alarmDescription:
        'Credentials could not be checked; their calls were answered 503, or 500 for a defect.',
      metric: own('AuthorizationFault'),
      threshold: 5,
    },
    LimitDegraded: {
      alarmDescription: 'A key is used more often than it can be counted: its rate limit gives way.',
      metric: own('LimitDegraded'),
      threshold: 1,
    },
    ServerErrors: {
      alarmDescription: 'Calls were answered 5xx, by a function or because one failed or took too long.',
      metric: stage.metricServerError({ statistic: 'Sum', period: PERIOD }),
      threshold: 5,
    },
    Latency: {
      alarmDescription:
        'One call in a hundred takes three seconds or longer, the function behind it included.',
      metric: stage.metricLatency({ statistic: 'p99', period: PERIOD }),
      threshold: Duration.seconds(3).toMilliseconds(),
      evaluateLowSampleCountPercentile: 'ignore',
      // A single slow period comes from a deployment, or from a few new instances.
      evaluationPeriods: 3,
      datapointsToAlarm: 2,
    },
    RefusalsMany: {
      alarmDescription: `Of at least ${REQUESTS_THAT_TELL} calls in five minutes, ${MANY_PERCENT} % or more are refused, for a quarter of an hour.`,
      metric: new MathExpression({
        expression: `IF(requests >= ${REQUESTS_THAT_TELL}, 100 * FILL(refused, 0) / requests, 0)`,
        usingMetrics: {
          refused: own('Refused'),
          requests: stage.metricCount({ statistic: 'Sum', period: PERIOD }),
        },
        label: 'refused, percent of all calls',
        period: PERIOD,
      }),
      threshold: MANY_PERCENT,
      evaluationPeriods: 3,
    },
  };
}
