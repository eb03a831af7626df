import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import { METRIC_NAMES } from '../../../lambdas/log/entry.ts';
import { KeywardApp } from '../../../lib/keyward-app.ts';

const TOPIC = 'arn:aws:sns:eu-west-1:123456789012:pager';
const STACKS = ['Keyward-Standard-Data', 'Keyward-Standard-Api', 'Keyward-Standard-Sample'];

interface Resource {
  readonly Type: string;
  // biome-ignore lint/suspicious/noExplicitAny: properties of every resource type.
  readonly Properties: any;
}

const folder = mkdtempSync(join(tmpdir(), 'keyward-alarms-'));
afterAll(() => rmSync(folder, { recursive: true }));

function resourcesWith(settings: object, profile = 'standard'): Record<string, [string, Resource][]> {
  const outdir = mkdtempSync(join(folder, 'app-'));
  new KeywardApp({
    outdir,
    deployment: { profile, ...settings },
    builtinCloudFormationValidation: false,
    context: { 'aws:cdk:bundling-stacks': [] },
  }).synth();
  const read = (stack: string): [string, Resource][] =>
    Object.entries(JSON.parse(readFileSync(join(outdir, `${stack}.template.json`), 'utf8')).Resources);
  return Object.fromEntries(STACKS.map((stack) => [stack, read(stack)]));
}

const SAMPLE = { sample: true };
const told = resourcesWith({ ...SAMPLE, alarms: { topic_arn: TOPIC } });
const isAlarm = ([, { Type }]: [string, Resource]) => Type.endsWith('Alarm');
const alarms = Object.entries(told).flatMap(([stack, resources]) =>
  resources.filter(isAlarm).map(([id, { Type, Properties }]) => ({
    name: `${stack} ${id.replace(/^(Api)?Alarms|[0-9A-F]{8}$/g, '')}`,
    type: Type,
    ...Properties,
  })),
);
const named = (name: string) => alarms.find((alarm) => alarm.name === name);
const PAGE = readFileSync(join(import.meta.dirname, '../../../docs/operations.md'), 'utf8');

/** What an alarm looks at: `Namespace MetricName`, each with its dimensions. */
function looksAt(alarm: ReturnType<typeof named>): { metric: string; dimensions: Record<string, unknown> }[] {
  const stats = alarm?.Metrics?.flatMap(
    ({ MetricStat }: { MetricStat?: { Metric: object } }) => MetricStat?.Metric ?? [],
  ) ?? [alarm];
  return stats.map(({ Namespace, MetricName, Dimensions }: Record<string, never>) => ({
    metric: `${Namespace} ${MetricName}`,
    dimensions: Object.fromEntries(
      ((Dimensions ?? []) as { Name: string; Value: unknown }[]).map(({ Name, Value }) => [Name, Value]),
    ),
  }));
}

/** What an alarm's formula makes of its metrics, of which one without data is undefined. */
function valueIn(alarm: ReturnType<typeof named>, metrics: Record<string, number | undefined>): number {
  const formula: string = alarm?.Metrics.find(
    ({ ReturnData }: { ReturnData?: boolean }) => ReturnData !== false,
  )?.Expression;
  const functions = {
    FILL: (value: number | undefined, otherwise: number) => value ?? otherwise,
    IF: (condition: boolean, value: number, otherwise: number) => (condition ? value : otherwise),
  };
  const scope = { ...functions, ...metrics };
  return new Function(...Object.keys(scope), `return ${formula.replaceAll(' AND ', ' && ')}`)(
    ...Object.values(scope),
  );
}

const EXPECTED = [
  ...['SignInErrors', 'SignInFaults', 'TablesThrottled'].map((name) => `Keyward-Standard-Data ${name}`),
  ...[
    'AuditFaults',
    'AuthorizationFaults',
    'FlushFaults',
    'ManagementFaults',
    'PendingTooOld',
    'SweepFaults',
  ].map((name) => `Keyward-Standard-Api ${name}`),
  ...['AuthorizationFaults', 'Latency', 'LimitDegraded', 'RefusalsMany', 'ServerErrors'].map(
    (name) => `Keyward-Standard-Sample ${name}`,
  ),
];

describe('the alarms', () => {
  test('are exactly those of the list here, and docs/operations.md says for each what to do', () => {
    expect(alarms.map(({ name }) => name).sort()).toEqual([...EXPECTED].sort());
    const [, table = ''] = /\n(\| alarm [\s\S]*?)\n\n/.exec(PAGE) ?? [];
    const described = [...table.matchAll(/^\| `(\w+)`/gm)].map(([, name]) => name);
    expect(described.sort()).toEqual([...new Set(EXPECTED.map((name) => name.split(' ')[1]))].sort());
  });

  test('cost what docs/operations.md says', () => {
    const dollars = (...stacks: string[]) => {
      const metrics = alarms
        .filter(({ name }) => stacks.some((stack) => name.startsWith(stack)))
        .flatMap(looksAt);
      return (metrics.length * 0.1).toFixed(2);
    };
    expect(alarms.filter(({ type }) => type !== 'AWS::CloudWatch::Alarm')).toEqual([]);
    expect(PAGE).toContain(`alarms ${dollars('Keyward-Standard-Data', 'Keyward-Standard-Api')} USD`);
    expect(PAGE).toContain(`each product API ${dollars('Keyward-Standard-Sample')} USD`);
  });

  test('go off for a single burst, except for troubles that matter only when they last', () => {
    const lasting = Object.fromEntries(
      alarms
        .filter(({ EvaluationPeriods }) => EvaluationPeriods > 1)
        .map(({ name, DatapointsToAlarm, EvaluationPeriods }) => [
          name.split(' ')[1],
          `${DatapointsToAlarm ?? EvaluationPeriods} of ${EvaluationPeriods}`,
        ]),
    );
    expect(lasting).toEqual({ Latency: '2 of 3', RefusalsMany: '3 of 3', PendingTooOld: '2 of 2' });
    for (const { name, Threshold, EvaluationPeriods } of alarms)
      if (Threshold === 1) expect([name, EvaluationPeriods]).toEqual([name, 1]);
  });

  test('are quiet on a deployment that has no data yet', () => {
    expect(new Set(alarms.map(({ TreatMissingData }) => TreatMissingData))).toEqual(
      new Set(['notBreaching']),
    );
  });

  test.each([
    ['nobody has called and the sweeper has not run yet', {}, 0],
    ['a call is made and the sweeper runs', { calls: 3, oldest: 0 }, 0],
    ['nobody calls and the sweeper runs', { oldest: 0 }, 0],
    ['a change waits, whether somebody calls or not', { oldest: 700 }, 700],
    ['somebody calls and the sweeper is silent', { calls: 1 }, 600],
  ])('tell how long a change waits: %s', (_, metrics, seconds) => {
    const alarm = named('Keyward-Standard-Api PendingTooOld');
    expect(valueIn(alarm, { calls: undefined, oldest: undefined, ...metrics })).toBe(seconds);
    expect(alarm.Threshold).toBe(600);
  });

  test('do not count an unfinished change as a fault, though it is answered 503', () => {
    const alarm = named('Keyward-Standard-Api ManagementFaults');
    expect(valueIn(alarm, { errors: 7, unfinished: 7 })).toBe(0);
    expect(valueIn(alarm, { errors: 7, unfinished: undefined })).toBe(7);
    expect(valueIn(alarm, { errors: undefined, unfinished: undefined })).toBe(0);
  });

  test('come with a line in docs/operations.md for every metric of our own', () => {
    expect(METRIC_NAMES.filter((name) => !PAGE.includes(`\`${name}\``))).toEqual([]);
  });

  test('notify the topic when they go off and when they are over', () => {
    for (const { name, AlarmActions, OKActions } of alarms)
      expect([name, AlarmActions, OKActions]).toEqual([name, [TOPIC], [TOPIC]]);
  });

  test('exist without a topic as well, and notify nobody', () => {
    const untold = Object.values(resourcesWith(SAMPLE)).flat().filter(isAlarm);
    expect(untold).toHaveLength(alarms.length);
    expect(JSON.stringify(untold)).not.toContain('Actions"');
  });

  test('never watch the errors of an authorizer, because Lambda counts every 401 among them', () => {
    for (const alarm of alarms)
      for (const { metric, dimensions } of looksAt(alarm)) {
        if (metric !== 'AWS/Lambda Errors') continue;
        expect(JSON.stringify(dimensions)).not.toContain('Authorizer');
      }
  });

  test('watch faults, refusals and skipped limits by metrics of our own, each of its own stack', () => {
    const own = (alarm: string) =>
      looksAt(named(alarm)).filter(({ metric }) => metric.startsWith('Keyward '));
    for (const [stack, name, metric] of [
      ['Keyward-Standard-Api', 'AuthorizationFaults', 'AuthorizationFault'],
      ['Keyward-Standard-Api', 'SweepFaults', 'SweepFault'],
      ['Keyward-Standard-Api', 'FlushFaults', 'FlushFault'],
      ['Keyward-Standard-Sample', 'AuthorizationFaults', 'AuthorizationFault'],
      ['Keyward-Standard-Sample', 'LimitDegraded', 'LimitDegraded'],
      ['Keyward-Standard-Sample', 'RefusalsMany', 'Refused'],
    ])
      expect(own(`${stack} ${name}`)).toEqual([{ metric: `Keyward ${metric}`, dimensions: { stack } }]);
  });

  test('go off if a fifth of many calls is refused, and not for a few refusals', () => {
    const alarm = named('Keyward-Standard-Sample RefusalsMany');
    expect(alarm.Threshold).toBe(20);
    expect(valueIn(alarm, { requests: 100, refused: 20 })).toBe(20);
    expect(valueIn(alarm, { requests: 1000, refused: undefined })).toBe(0);
    expect(valueIn(alarm, { requests: 99, refused: 99 })).toBe(0);
  });

  test('watch p99 for latency', () => {
    expect(named('Keyward-Standard-Sample Latency')?.ExtendedStatistic).toBe('p99');
  });

  test('watch throttling on every table and on every index', () => {
    const watched = looksAt(named('Keyward-Standard-Data TablesThrottled')).map(
      ({ metric, dimensions: { TableName, GlobalSecondaryIndexName: index = '' } }) =>
        `${metric} ${(TableName as { Ref: string }).Ref} ${index}`,
    );
    const expected = (told['Keyward-Standard-Data'] ?? [])
      .filter(([, { Type }]) => Type === 'AWS::DynamoDB::Table')
      .flatMap(([id, { Properties }]) =>
        [
          '',
          ...(Properties.GlobalSecondaryIndexes ?? []).map(
            ({ IndexName }: { IndexName: string }) => IndexName,
          ),
        ].map((index) => `${id} ${index}`),
      )
      .flatMap((place) => ['Read', 'Write'].map((kind) => `AWS/DynamoDB ${kind}ThrottleEvents ${place}`));
    expect(expected).toHaveLength(10);
    expect(watched.sort()).toEqual(expected.sort());
  });

  test('on skipped limits are left out for a product without limits', () => {
    const sample = resourcesWith({ ...SAMPLE, stack_prefix: 'Keyward-Standard' }, 'supersonic');
    const ids = (sample['Keyward-Standard-Sample'] ?? []).filter(isAlarm).map(([id]) => id);
    expect(ids).toHaveLength(4);
    expect(ids.join()).not.toContain('LimitDegraded');
  });
});

test('APIs have different names, because CloudWatch would otherwise add their metrics up', () => {
  const names = Object.values(told)
    .flat()
    .filter(([, { Type }]) => Type === 'AWS::ApiGateway::RestApi')
    .map(([, { Properties }]) => Properties.Name);
  expect(names.sort()).toEqual(['Keyward-Standard-Api-Api', 'Keyward-Standard-Sample-Api']);
  const dashboards =
    told['Keyward-Standard-Api']?.filter(([, { Type }]) => Type === 'AWS::CloudWatch::Dashboard') ?? [];
  expect(dashboards).toHaveLength(1);
  const body = JSON.stringify(dashboards);
  for (const name of [...names, 'Refused', 'OldestPendingSeconds', 'LimitDegraded'])
    expect(body).toContain(name);
});

test('the dashboard is left out if the settings say so', () => {
  const resources = Object.values(resourcesWith({ ...SAMPLE, dashboard: false })).flat();
  expect(resources.filter(([, { Type }]) => Type === 'AWS::CloudWatch::Dashboard')).toEqual([]);
});
