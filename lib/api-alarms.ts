import { Duration, Stack } from 'aws-cdk-lib';
import type { Stage } from 'aws-cdk-lib/aws-apigateway';
import {
  AlarmRule,
  AlarmState,
  AnomalyDetectionAlarm,
  ComparisonOperator,
  CompositeAlarm,
  MathExpression,
  TreatMissingData,
} from 'aws-cdk-lib/aws-cloudwatch';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import type { Construct } from 'constructs';
import { AlarmGroup, type AlarmGroupProps } from './alarm-group.ts';
import { keywardMetric, PERIOD } from './metrics.ts';

export interface ApiAlarmsProps extends AlarmGroupProps {
  readonly stage: Stage;
  /** @default none: functions verify by themselves */
  readonly authorizer?: IFunction | undefined;
}

/** Fewer requests than that in a period say nothing about a share of them. */
const REQUESTS_THAT_TELL = 100;
const MANY_PERCENT = 5;

/**
 * What is watched of an API that Keyward guards. Refusals and faults are counted by metrics of our own: an authorizer has to
 * throw to answer 401, and Lambda counts that among its errors, so that Lambda's own metric only says how many came without
 * a key.
 */
export class ApiAlarms extends AlarmGroup {
  readonly #stackName: string;

  constructor(scope: Construct, id: string, props: ApiAlarmsProps) {
    super(scope, id, props);
    const { stage, authorizer } = props;
    this.#stackName = Stack.of(this).stackName;
    this.add('AuthorizationFaults', {
      alarmDescription:
        'Credentials could not be checked; their calls were answered 503, or 500 for a defect.',
      metric: this.#own('AuthorizationFault'),
      threshold: 5,
    });
    this.add('LimitDegraded', {
      alarmDescription: 'A key is used more often than it can be counted: its rate limit gives way.',
      metric: this.#own('LimitDegraded'),
      threshold: 1,
    });
    this.add('ServerErrors', {
      alarmDescription: 'Calls were answered 5xx, by a function or because one failed or took too long.',
      metric: stage.metricServerError({ statistic: 'Sum', period: PERIOD }),
      threshold: 5,
    });
    this.add('Latency', {
      alarmDescription:
        'One call in a hundred takes three seconds or longer, the function behind it included.',
      metric: stage.metricLatency({ statistic: 'p99', period: PERIOD }),
      threshold: Duration.seconds(3).toMilliseconds(),
      evaluateLowSampleCountPercentile: 'ignore',
    });
    if (authorizer !== undefined) this.#watchAuthorizer(authorizer);
    this.#watchRefusals(stage);
  }

  #own(metricName: string) {
    return keywardMetric(metricName, { stackName: this.#stackName });
  }

  #watchAuthorizer(authorizer: IFunction): void {
    this.add('AuthorizerDuration', {
      alarmDescription: 'One verification in a hundred takes half a second or longer.',
      metric: authorizer.metricDuration({ statistic: 'p99', period: PERIOD }),
      threshold: 500,
      evaluateLowSampleCountPercentile: 'ignore',
    });
    this.add('AuthorizerThrottles', {
      alarmDescription: 'The account has no more concurrency for the authorizer: calls are answered 503.',
      metric: authorizer.metricThrottles({ statistic: 'Sum', period: PERIOD }),
      threshold: 1,
    });
  }

  /** A jump is more than this API usually refuses, and more than a few of its calls: either alone happens every day. */
  #watchRefusals(stage: Stage): void {
    const refused = this.#own('Refused');
    const unusual = new AnomalyDetectionAlarm(this, 'RefusalsUnusual', {
      alarmDescription: 'More calls are refused than usually at this time.',
      metric: refused,
      stdDevs: 3,
      comparisonOperator: ComparisonOperator.GREATER_THAN_UPPER_THRESHOLD,
      evaluationPeriods: 3,
      treatMissingData: TreatMissingData.NOT_BREACHING,
    });
    const many = this.watch('RefusalsMany', {
      alarmDescription: `Of at least ${REQUESTS_THAT_TELL} calls in five minutes, ${MANY_PERCENT} % or more are refused.`,
      metric: new MathExpression({
        expression: `IF(requests >= ${REQUESTS_THAT_TELL}, 100 * FILL(refused, 0) / requests, 0)`,
        usingMetrics: { refused, requests: stage.metricCount({ statistic: 'Sum', period: PERIOD }) },
        label: 'refused, percent of all calls',
        period: PERIOD,
      }),
      threshold: MANY_PERCENT,
      datapointsToAlarm: 3,
    });
    const jumped = new CompositeAlarm(this, 'RefusalsJumped', {
      alarmDescription:
        'More calls are refused than usual, and they are many: a key that ended, or somebody who guesses.',
      alarmRule: AlarmRule.allOf(
        AlarmRule.fromAlarm(unusual, AlarmState.ALARM),
        AlarmRule.fromAlarm(many, AlarmState.ALARM),
      ),
    });
    this.notify(jumped);
  }
}
