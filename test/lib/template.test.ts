import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import { managementRoutesOf } from '../../core/management-route.ts';
import { KeywardApp } from '../../lib/keyward-app.ts';
import { loadProfile } from '../../lib/profile-file.ts';

interface Resource {
  readonly Type: string;
  // biome-ignore lint/suspicious/noExplicitAny: properties of every resource type.
  readonly Properties: any;
  readonly DeletionPolicy?: string;
}
type Template = Record<string, Resource>;

const ROUTES = managementRoutesOf(loadProfile('standard').profile);
const assembly = process.env.KEYWARD_TEST_ASSEMBLY ?? '';
const templateOf = (stack: string): Template =>
  JSON.parse(readFileSync(join(assembly, `${stack}.template.json`), 'utf8')).Resources;
const DATA = templateOf('Keyward-Data');
const APIS = { 'Keyward-Api': templateOf('Keyward-Api'), 'Keyward-Sample': templateOf('Keyward-Sample') };
const ofType = (template: Template, type: string) =>
  Object.values(template).filter(({ Type }) => Type === type);
const all = (type: string) => Object.values(APIS).flatMap((template) => ofType(template, type));

describe('the tables of keys', () => {
  const tables = ofType(DATA, 'AWS::DynamoDB::Table');

  test('are paid for by use, can be restored to any second, and outlive their stack', () => {
    expect(tables).toHaveLength(3);
    for (const { Properties, DeletionPolicy } of tables) {
      expect(Properties.BillingMode).toBe('PAY_PER_REQUEST');
      expect(Properties.PointInTimeRecoverySpecification).toEqual({ PointInTimeRecoveryEnabled: true });
      expect(Properties.DeletionProtectionEnabled).toBe(true);
      expect(DeletionPolicy).toBe('Retain');
    }
  });

  test('expire nothing but the secrets that can never work again', () => {
    const expiring = tables.map(({ Properties }) => Properties.TimeToLiveSpecification).filter(Boolean);
    expect(expiring).toEqual([{ AttributeName: 'deleteAt', Enabled: true }]);
  });
});

describe('every API', () => {
  test('has no method without the authorizer', () => {
    const methods = all('AWS::ApiGateway::Method');
    expect(methods.length).toBeGreaterThan(ROUTES.length);
    for (const { Properties } of methods) {
      expect(Properties.AuthorizationType).toBe('CUSTOM');
      expect(Properties.AuthorizerId).toBeDefined();
      expect(Properties.ApiKeyRequired).not.toBe(true);
    }
  });

  test('takes TLS 1.2 or newer', () => {
    for (const { Properties } of all('AWS::ApiGateway::RestApi'))
      expect(Properties.SecurityPolicy).toBe('TLS_1_2');
  });

  test('leaves the account-wide log role to one stack', () => {
    expect(ofType(APIS['Keyward-Api'], 'AWS::ApiGateway::Account')).toHaveLength(1);
    expect(ofType(APIS['Keyward-Sample'], 'AWS::ApiGateway::Account')).toHaveLength(0);
  });

  test('keeps no verdict, and has its authorizer in its own stack', () => {
    const authorizers = all('AWS::ApiGateway::Authorizer');
    expect(authorizers).toHaveLength(2);
    for (const { Properties } of authorizers) {
      expect(Properties).toMatchObject({ Type: 'REQUEST', AuthorizerResultTtlInSeconds: 0 });
      expect(JSON.stringify(Properties.AuthorizerUri)).not.toContain('ImportValue');
    }
  });

  test('logs no header, no query, no path as it was written, and no message made of them', () => {
    const stages = all('AWS::ApiGateway::Stage');
    expect(stages).toHaveLength(2);
    for (const { Properties } of stages) {
      const variables = [...Properties.AccessLogSetting.Format.matchAll(/\$context[\w.]*/g)].map(
        ([name]) => name,
      );
      expect(variables).toContain('$context.requestId');
      const telling =
        /header|query|\$context\.path$|protocol|userAgent|error\.message|authorizer\.(?!credentialId|refusal|latency)/;
      expect(variables.filter((name) => telling.test(name))).toEqual([]);
    }
  });

  test('throttles what all callers send together', () => {
    for (const { Properties } of all('AWS::ApiGateway::Stage')) {
      const [settings] = Properties.MethodSettings;
      expect(settings.ThrottlingRateLimit).toBeGreaterThan(0);
      expect(settings.ThrottlingBurstLimit).toBeGreaterThan(0);
    }
  });

  test('prints nothing that a caller controls in the errors that API Gateway answers by itself', () => {
    const responses = all('AWS::ApiGateway::GatewayResponse');
    for (const { Properties } of responses) {
      const template: string = Properties.ResponseTemplates['application/json'];
      const printed = [...template.matchAll(/\$[\w.]+/g)].map(([name]) => name);
      const fixed = /^\$context\.(requestId|authorizer\.(code|detail|requiredScope))$/;
      expect(printed.filter((name) => !fixed.test(name))).toEqual([]);
      expect(JSON.parse(template)).toMatchObject({ type: 'about:blank', request_id: '$context.requestId' });
    }
    const types = new Set(responses.map(({ Properties }) => Properties.ResponseType));
    expect([...types]).toEqual(
      expect.arrayContaining(['UNAUTHORIZED', 'ACCESS_DENIED', 'DEFAULT_4XX', 'DEFAULT_5XX']),
    );
  });

  test('offers every route of the management API, and no other', () => {
    const template = APIS['Keyward-Api'];
    const pathOf = (id: string): string => {
      const { ParentId, PathPart } = template[id]?.Properties ?? {};
      return PathPart === undefined ? '' : `${pathOf(ParentId.Ref ?? '')}/${PathPart}`;
    };
    const offered = ofType(template, 'AWS::ApiGateway::Method').map(
      ({ Properties }) => `${Properties.HttpMethod} ${pathOf(Properties.ResourceId.Ref)}`,
    );
    expect(offered.sort()).toEqual(ROUTES.map(({ method, path }) => `${method} ${path}`).sort());
  });
});

describe('every function', () => {
  test('runs on Node 24 on arm64 from a bundle of its own', () => {
    const functions = all('AWS::Lambda::Function');
    expect(functions.length).toBeGreaterThan(10);
    for (const { Properties } of functions) {
      expect(Properties).toMatchObject({
        Runtime: 'nodejs24.x',
        Architectures: ['arm64'],
        Handler: 'index.handler',
      });
    }
    const keys = functions.map(({ Properties }) => Properties.Code.S3Key);
    expect(new Set(keys).size).toBe(keys.length);
  });

  test('has a role of its own, without a managed policy and without a wildcard', () => {
    const roleOf = ({ Properties }: Resource) => Properties.Role['Fn::GetAtt'][0];
    const functions = all('AWS::Lambda::Function');
    expect(new Set(functions.map(roleOf)).size).toBe(functions.length);
    for (const template of Object.values(APIS)) {
      const roles = new Set(ofType(template, 'AWS::Lambda::Function').map(roleOf));
      for (const id of roles) expect(template[id]?.Properties.ManagedPolicyArns).toBeUndefined();
      for (const { Properties } of ofType(template, 'AWS::IAM::Policy')) {
        for (const { Action, Resource } of Properties.PolicyDocument.Statement) {
          expect(JSON.stringify([Action, Resource])).not.toContain('*');
        }
      }
    }
  });

  test('may put audit events but never change, delete or read them', () => {
    const eventActions = all('AWS::IAM::Policy')
      .flatMap(({ Properties }) => Properties.PolicyDocument.Statement)
      .filter(({ Resource }) => JSON.stringify(Resource).includes('Events'))
      .flatMap(({ Action }) => Action);
    expect(new Set(eventActions)).toEqual(new Set(['dynamodb:PutItem']));
  });
});

const outdir = mkdtempSync(join(tmpdir(), 'keyward-template-'));
afterAll(() => rmSync(outdir, { recursive: true }));

test('two products live in one account: a prefix names their stacks apart, and nothing in them has a fixed name', () => {
  const app = new KeywardApp({ outdir, context: { name: 'Acme', 'aws:cdk:bundling-stacks': [] } });
  const { directory, stacks } = app.synth();
  expect(stacks.map(({ stackName }) => stackName).sort()).toEqual(['Acme-Api', 'Acme-Data', 'Acme-Sample']);
  for (const file of readdirSync(directory).filter((name) => name.endsWith('.template.json'))) {
    const { Resources } = JSON.parse(readFileSync(join(directory, file), 'utf8')) as { Resources: Template };
    for (const { Properties = {} } of Object.values(Resources)) {
      const names = [
        Properties.TableName,
        Properties.FunctionName,
        Properties.RoleName,
        Properties.LogGroupName,
      ];
      expect(names.filter((name) => typeof name === 'string')).toEqual([]);
    }
  }
});

test.each([
  ['an unknown profile', { profile: 'nowhere' }, 'There is no profile nowhere; there are '],
  [
    'a prefix that no stack can have',
    { name: 'no spaces please' },
    'The context value name must be letters, digits and hyphens',
  ],
])('synth stops with one sentence at %s', (_, context, sentence) => {
  expect(() => new KeywardApp({ outdir, context })).toThrow(sentence);
});
