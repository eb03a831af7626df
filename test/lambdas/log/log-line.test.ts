import { Metrics } from '@aws-lambda-powertools/metrics';
import { describe, expect, test } from '@jest/globals';
import type { Context } from 'aws-lambda';
import { Throttled, Unavailable } from '../../../core/errors/fault.ts';
import {
  AUTHORIZATION_FAULT,
  degradedEntry,
  embedMetric,
  faultEntry,
  type LogEntry,
  refusalEntry,
} from '../../../lambdas/log/entry.ts';
import * as stdoutLog from '../../../lambdas/log/stdout-log.ts';
import { PRINCIPAL } from '../../core/verification/stored-secrets.ts';
import { capturedLog } from '../captured-log.ts';

Object.assign(process.env, {
  AWS_LAMBDA_FUNCTION_NAME: 'Keyward-Api-IssueKey',
  KEYWARD_STACK: 'Keyward-Api',
  AWS_LAMBDA_INITIALIZATION_TYPE: 'on-demand',
});
// It reads the environment when it is loaded, as in a function.
const functionLog = await import('../../../lambdas/log/powertools-log.ts');
const lines = capturedLog();
const CONTEXT = { awsRequestId: 'lambda-1', functionName: 'Keyward-Api-IssueKey' } as Context;
const written = () => lines.map((line) => JSON.parse(line));
/** Without what differs from one moment to the next. */
const timeless = (line: string) =>
  line.replace(/"timestamp":"[^"]+"/, '"timestamp":""').replace(/"Timestamp":\d+/, '"Timestamp":0');

const ENTRIES: LogEntry[] = [
  faultEntry(new Error('down', { cause: new TypeError('socket hang up') }), AUTHORIZATION_FAULT),
  faultEntry('thrown as text'),
  refusalEntry({ kind: 'refuse', code: 'revoked', principal: PRINCIPAL }),
  refusalEntry({ kind: 'refuse', code: 'missing' }),
  degradedEntry({ degraded: 'limit', degradedBy: new Throttled('too often'), principal: PRINCIPAL }),
];

describe('a log line', () => {
  test('says whether it belongs to a cold start, whichever logger has written it', () => {
    const [entry] = ENTRIES as [LogEntry];
    for (const _ of [1, 2]) {
      stdoutLog.writeEntry(entry, stdoutLog.beginInvocation('request-1'));
      functionLog.beginInvocation(CONTEXT);
      functionLog.writeEntry(entry, 'request-1');
    }
    expect(written().map(({ cold_start }) => cold_start)).toEqual([true, true, false, false]);
  });

  test.each(ENTRIES)(
    'is the same, to the letter, from Powertools and from the authorizer’s own logger: $message',
    (entry) => {
      stdoutLog.writeEntry(entry, stdoutLog.beginInvocation('request-1'));
      functionLog.beginInvocation(CONTEXT);
      functionLog.writeEntry(entry, 'request-1');
      const [small = '', full = '', ...more] = lines.map(timeless);
      expect(more).toEqual([]);
      expect(small).toBe(full);
      expect(JSON.parse(small)).toMatchObject({
        level: entry.level,
        message: entry.message,
        request_id: 'request-1',
        service: 'keyward',
        stack: 'Keyward-Api',
        function: 'Keyward-Api-IssueKey',
      });
    },
  );

  test('is one line of JSON and nothing else, because CloudWatch would otherwise find no metric in it', () => {
    for (const entry of ENTRIES) stdoutLog.writeEntry(entry, stdoutLog.beginInvocation('request-1'));
    expect(lines).toHaveLength(ENTRIES.length);
    for (const line of lines) expect(JSON.stringify(JSON.parse(line))).toBe(line);
  });

  test('splits a metric only by one of its own fields, and only by a field with a fixed set of values', () => {
    for (const { fields, metric } of ENTRIES.filter((entry) => entry.metric?.by !== undefined)) {
      expect(Object.keys(fields)).toContain(metric?.by);
      expect(['code', 'outcome', 'kind']).toContain(metric?.by);
    }
  });
});

test.each([
  [new Unavailable('slow'), 'passing'],
  [new Throttled('too often'), 'passing'],
  [new Error('not in the audit log', { cause: new Unavailable('slow') }), 'passing'],
  [new TypeError('x is not a function'), 'defect'],
  [new Error('done by halves', { cause: new TypeError('x is not a function') }), 'defect'],
  ['thrown as text', 'defect'],
])('a line about a fault says whether it passes by itself or has to be mended: %s is %s', (fault, kind) => {
  expect(faultEntry(fault).fields).toMatchObject({ kind });
  const degraded = degradedEntry({ degraded: 'stamp', degradedBy: fault, principal: PRINCIPAL });
  expect(degraded).toMatchObject({ fields: { kind, gave_way: 'stamp' }, metric: { name: 'UseNotNoted' } });
});

test('a fault that is its own cause is logged with an end', () => {
  const circle = new Error('round');
  circle.cause = circle;
  expect(faultEntry(circle).fields).toMatchObject({
    kind: 'defect',
    causes: Array(5).fill({ name: 'Error', message: 'round' }),
  });
});

test('a metric is embedded in the format that Powertools uses', () => {
  const powertools = new Metrics({ namespace: 'Keyward', serviceName: 'keyward', singleMetric: false });
  powertools.setDefaultDimensions({ stack: 'Keyward-Api' });
  powertools.addDimension('code', 'revoked');
  powertools.addMetric('Refused', 'Count', 1);
  const { _aws: theirs, Refused } = powertools.serializeMetrics();
  const ours = embedMetric(
    { name: 'Refused', value: 1, unit: 'Count', by: 'code' },
    0,
  ) as unknown as ReturnType<Metrics['serializeMetrics']>;
  const [directive] = theirs.CloudWatchMetrics;
  expect(Refused).toBe(1);
  expect(Object.keys(ours._aws)).toEqual(Object.keys(theirs));
  expect(ours._aws.CloudWatchMetrics[0]).toMatchObject({
    Namespace: directive?.Namespace,
    Metrics: directive?.Metrics.map(({ Name, Unit }) => ({ Name, Unit })),
  });
  expect(Object.keys(ours._aws.CloudWatchMetrics[0] ?? {}).sort()).toEqual(
    Object.keys(directive ?? {}).sort(),
  );
});
