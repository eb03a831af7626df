import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import { METRIC_NAMES } from '../../lambdas/log/metric.ts';
import { KeywardApp } from '../../lib/keyward-app.ts';

const TOPIC = 'arn:aws:sns:eu-west-1:123456789012:pager';
const STACKS = ['Keyward-Standard-Data', 'Keyward-Standard-Api', 'Keyward-Standard-Sample'];

interface Resource {
  readonly Type: string;
  // biome-ignore lint/suspicious/noExplicitAny: properties of every resource type.
  readonly Properties: any;
}

const folder = mkdtempSync(join(tmpdir(), 'keyward-alarms-'));
afterAll(() => rmSync(folder, { recursive: true }));

function resourcesWith(context: object): Record<string, [string, Resource][]> {
  const outdir = mkdtempSync(join(folder, 'app-'));
  new KeywardApp({
    ...{ outdir, profile: 'standard', builtinCloudFormationValidation: false },
    context: { ...context, 'aws:cdk:bundling-stacks': [] },
  }).synth();
  const read = (stack: string): [string, Resource][] =>
    Object.entries(JSON.parse(readFileSync(join(outdir, `${stack}.template.json`), 'utf8')).Resources);
  return Object.fromEntries(STACKS.map((stack) => [stack, read(stack)]));
}

const told = resourcesWith({ 'alarm-topic': TOPIC });
const isAlarm = ([, { Type }]: [string, Resource]) => Type.endsWith('Alarm');
const alarms = Object.entries(told).flatMap(([stack, resources]) =>
  resources.filter(isAlarm).map(([id, { Type, Properties }]) => ({
    name: `${stack} ${id.replace(/^(Api)?Alarms|[0-9A-F]{8}$/g, '')}`,
    isComposite: Type.includes('Composite'),
    ...Properties,
  })),
);
const named = (name: string) => alarms.find((alarm) => alarm.name === name);

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

const OF_AN_API = [
  ...['AuthorizationFaults', 'AuthorizerDuration', 'AuthorizerThrottles', 'Latency', 'LimitDegraded'],
  ...['RefusalsJumped', 'RefusalsMany', 'RefusalsUnusual', 'ServerErrors'],
];
const EXPECTED = [
  ...['SignInErrors', 'SignInFaults', 'TablesThrottled'].map((name) => `Keyward-Standard-Data ${name}`),
  ...OF_AN_API.flatMap((name) => [`Keyward-Standard-Api ${name}`, `Keyward-Standard-Sample ${name}`]),
  ...['AuditFaults', 'ManagementFaults', 'PendingTooOld'].map((name) => `Keyward-Standard-Api ${name}`),
];

describe('the alarms', () => {
  test('are these, and docs/operations.md says of each what to do', () => {
    expect(alarms.map(({ name }) => name).sort()).toEqual([...EXPECTED].sort());
    const page = readFileSync(join(import.meta.dirname, '..', '..', 'docs', 'operations.md'), 'utf8');
    const described = new Set([...page.matchAll(/^\| `(\w+)`/gm)].map(([, name]) => name));
    const names = new Set(EXPECTED.map((name) => name.split(' ')[1]));
    expect([...names].filter((name) => !described.has(name))).toEqual([]);
  });

  test('have beside them a line of docs/operations.md for every metric of our own', () => {
    const page = readFileSync(join(import.meta.dirname, '..', '..', 'docs', 'operations.md'), 'utf8');
    expect(METRIC_NAMES.filter((name) => !page.includes(`\`${name}\``))).toEqual([]);
  });

  test('tell the topic when they go off and when they are over, but for the parts of another one', () => {
    const parts = /Refusals(Many|Unusual)$/;
    for (const { name, AlarmActions, OKActions } of alarms)
      expect([name, AlarmActions, OKActions]).toEqual(
        parts.test(name) ? [name, undefined, undefined] : [name, [TOPIC], [TOPIC]],
      );
  });

  test('tell nobody where no topic is named, and are there all the same', () => {
    const untold = Object.values(resourcesWith({})).flat().filter(isAlarm);
    expect(untold).toHaveLength(alarms.length);
    expect(JSON.stringify(untold)).not.toContain('Actions"');
  });

  test('never look at the errors of an authorizer, among which Lambda counts every 401', () => {
    for (const alarm of alarms.filter(({ isComposite }) => !isComposite))
      for (const { metric, dimensions } of looksAt(alarm)) {
        if (metric !== 'AWS/Lambda Errors') continue;
        expect(JSON.stringify(dimensions)).not.toContain('Authorizer');
      }
  });

  test('look at faults, refusals and limits that gave way by metrics of our own, each of its own stack', () => {
    for (const stack of ['Keyward-Standard-Api', 'Keyward-Standard-Sample']) {
      const dimensions = { stack };
      expect(looksAt(named(`${stack} AuthorizationFaults`))).toEqual([
        { metric: 'Keyward AuthorizationFault', dimensions },
      ]);
      expect(looksAt(named(`${stack} LimitDegraded`))).toEqual([
        { metric: 'Keyward LimitDegraded', dimensions },
      ]);
      expect(looksAt(named(`${stack} RefusalsUnusual`))).toEqual([{ metric: 'Keyward Refused', dimensions }]);
    }
  });

  test('go off for refusals that are unusual and many, which neither is alone', () => {
    const rule = JSON.stringify(named('Keyward-Standard-Sample RefusalsJumped')?.AlarmRule);
    expect(rule).toMatch(/ALARM.*RefusalsUnusual.* AND .*ALARM.*RefusalsMany/);
    const share = named('Keyward-Standard-Sample RefusalsMany');
    expect(
      looksAt(share)
        .map(({ metric }) => metric)
        .sort(),
    ).toEqual(['AWS/ApiGateway Count', 'Keyward Refused']);
  });

  test('take the silence of the sweeper for a fault, and no other silence', () => {
    const breaching = alarms.filter(({ TreatMissingData }) => TreatMissingData === 'breaching');
    expect(breaching.map(({ name }) => name)).toEqual(['Keyward-Standard-Api PendingTooOld']);
  });

  test('look at p99 for what takes time, and at every table for what DynamoDB turns away', () => {
    for (const name of ['Latency', 'AuthorizerDuration'])
      expect(named(`Keyward-Standard-Sample ${name}`)?.ExtendedStatistic).toBe('p99');
    const tables = looksAt(named('Keyward-Standard-Data TablesThrottled')).map(
      ({ dimensions }) => dimensions,
    );
    expect(new Set(tables.map(({ TableName }) => JSON.stringify(TableName))).size).toBe(4);
    expect(tables).toHaveLength(8);
  });
});

test('APIs have names of their own, or CloudWatch would add their metrics up', () => {
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
