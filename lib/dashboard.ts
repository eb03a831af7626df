import {
  Dashboard as CloudWatchDashboard,
  GraphWidget,
  type IMetric,
  type IWidget,
  MathExpression,
  Metric,
  TextWidget,
} from 'aws-cdk-lib/aws-cloudwatch';
import { Construct } from 'constructs';
import { apiName, STAGE_NAME } from './apis/api-stage.ts';
import { keywardMetric, PERIOD, throttleMetric } from './monitoring/metrics.ts';
import { metricsNameOf } from './parts/part-name.ts';
import type { IKeyTables } from './tables/table-access.ts';

/** An API, named by texts alone: its construct would make the two stacks depend on each other. */
export interface WatchedApi {
  /** The heading of its row. */
  readonly title: string;
  /** The name of the stack that holds it. */
  readonly stackName: string;
  /** The ids that lead to its {@link GuardedApi} in its stack, with hyphens between them. */
  readonly apiId: string;
}

export interface DashboardProps {
  /** The tables whose throttles it shows. */
  readonly tables: IKeyTables;
  /** The name that the metrics of sign-ins carry: that of the stack with the tables. */
  readonly dataStackName: string;
  /**
   * The name that the metrics of the management API carry.
   * @default that of the dashboard's own stack
   */
  readonly managementStackName?: string | undefined;
  /** The APIs that the dashboard shows, in this order. */
  readonly apis: readonly WatchedApi[];
}

/** The first page for an operator: how many calls there are, how many are refused and why, how long they take, what is stuck. */
export class Dashboard extends Construct {
  constructor(scope: Construct, id: string, props: DashboardProps) {
    super(scope, id);
    const { tables, dataStackName, apis, managementStackName: stackName = metricsNameOf(this) } = props;
    const dashboard = new CloudWatchDashboard(this, 'Keyward');
    for (const api of apis) {
      dashboard.addWidgets(new TextWidget({ markdown: `## ${api.title}`, width: 24, height: 1 }));
      dashboard.addWidgets(...apiRow(api));
    }
    dashboard.addWidgets(new TextWidget({ markdown: '## Changes and tables', width: 24, height: 1 }));
    dashboard.addWidgets(
      graph('Seconds that the oldest change is under way', [
        keywardMetric('OldestPendingSeconds', { stackName }).with({ statistic: 'Maximum' }),
      ]),
      graph('Calls of the management API, by outcome', [byDimension('ManagementCall', 'outcome', stackName)]),
      graph('Throttled by DynamoDB', [throttleMetric(tables)]),
      graph('Faults beside the calls', [
        ...['SweepFault', 'AuditFault', 'FlushFault'].map((name) => keywardMetric(name, { stackName })),
        keywardMetric('SignInFault', { stackName: dataStackName }),
      ]),
    );
  }
}

function apiRow({ stackName, apiId }: WatchedApi): IWidget[] {
  const own = (name: string) => keywardMetric(name, { stackName });
  const ofApi = (metricName: string, statistic: string) =>
    new Metric({
      namespace: 'AWS/ApiGateway',
      metricName,
      dimensionsMap: { ApiName: apiName(stackName, apiId), Stage: STAGE_NAME },
      statistic,
      period: PERIOD,
      label: `${metricName} ${statistic}`,
    });
  return [
    graph('Calls, and those that were refused', [ofApi('Count', 'Sum'), own('Refused')]),
    graph('Refused, by reason', [byDimension('Refused', 'code', stackName)]),
    graph('Faults and limits that gave way', [
      ...[own('AuthorizationFault'), own('LimitDegraded'), own('UseNotNoted')],
      ofApi('5XXError', 'Sum'),
    ]),
    graph('Milliseconds: whole, and in the function behind', [
      ...[ofApi('Latency', 'p50'), ofApi('Latency', 'p99')],
      ofApi('IntegrationLatency', 'p99'),
    ]),
  ];
}

/** One line for each value of a dimension. */
function byDimension(metricName: string, dimension: string, stackName: string): IMetric {
  const search = `{Keyward,stack,${dimension}} stack="${stackName}" MetricName="${metricName}"`;
  return new MathExpression({
    expression: `SEARCH('${search}', 'Sum', ${PERIOD.toSeconds()})`,
    usingMetrics: {},
    label: '',
    period: PERIOD,
  });
}

function graph(title: string, left: IMetric[]): IWidget {
  return new GraphWidget({ title, left, width: 6, height: 6 });
}
