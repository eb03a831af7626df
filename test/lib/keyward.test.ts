import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import { App, Stack, Stage } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { LambdaIntegration, RestApi } from 'aws-cdk-lib/aws-apigateway';
import { Certificate } from 'aws-cdk-lib/aws-certificatemanager';
import { Key } from 'aws-cdk-lib/aws-kms';
import { Code, type IFunction, Function as LambdaFunction, Runtime } from 'aws-cdk-lib/aws-lambda';
import { RetentionDays } from 'aws-cdk-lib/aws-logs';
import { type ITopic, Topic } from 'aws-cdk-lib/aws-sns';
import { Keyward, type KeywardProps } from '../../lib/keyward.ts';
import { propertiesOf } from './apis/own-apis.ts';
import { namesIn } from './physical-names.ts';

const directory = mkdtempSync(join(tmpdir(), 'keyward-whole-'));
afterAll(() => rmSync(directory, { recursive: true }));

/** Nothing is bundled, and CDK's own validation, which takes long and only warns, is left out. */
const bareApp = () =>
  new App({
    outdir: mkdtempSync(join(directory, 'app-')),
    builtinCloudFormationValidation: false,
    context: { 'aws:cdk:bundling-stacks': [] },
  });

const ENV = { account: '123456789012', region: 'eu-central-1' };

const ownFunction = (stack: Stack) =>
  new LambdaFunction(stack, 'Fn', {
    runtime: Runtime.NODEJS_24_X,
    handler: 'index.handler',
    code: Code.fromInline('//'),
  }) as IFunction;

describe('a Keyward in somebody’s own stack', () => {
  const stack = new Stack(new Stage(bareApp(), 'Prod'), 'Orders', { env: ENV });
  const topic = new Topic(stack, 'Alarms');
  const keys = new Keyward(stack, 'Keys', {
    profile: './profiles/standard.json',
    allowedOrigins: ['https://a.example'],
    logRetention: RetentionDays.ONE_YEAR,
    encryptionKey: new Key(stack, 'Key'),
    alarmTopic: topic as ITopic,
    hasDashboard: true,
    reservedConcurrentExecutions: 50,
    tableProps: { deletionProtection: false },
    domain: {
      domainName: 'keys.example.com',
      certificate: Certificate.fromCertificateArn(
        stack,
        'Certificate',
        'arn:aws:acm:us-east-1:123456789012:certificate/1234-abcd',
      ),
    },
  });
  const users = new RestApi(stack, 'Api').root.addResource('users');
  users.addMethod('GET', new LambdaIntegration(ownFunction(stack)), { authorizer: keys.authorizer.rest });
  const template = Template.fromStack(stack);
  const all = (type: string) => propertiesOf(template, type);

  test('is tables, sign-in, management API, console and authorizer, with room for an API of theirs', () => {
    expect(all('AWS::DynamoDB::Table')).toHaveLength(5);
    expect(all('AWS::Cognito::UserPool')).toHaveLength(1);
    expect(all('AWS::ApiGateway::RestApi')).toHaveLength(2);
    expect(all('AWS::CloudFront::Distribution')).toHaveLength(1);
    expect(keys.authorizer).toBe(keys.authorizer);
    expect(Object.keys(template.toJSON().Resources).length).toBeLessThan(360);
  });

  test('hands its props on to every part', () => {
    for (const { RetentionInDays } of all('AWS::Logs::LogGroup')) expect(RetentionInDays).toBe(365);
    for (const { SSESpecification } of all('AWS::DynamoDB::Table'))
      expect(SSESpecification).toMatchObject({ KMSMasterKeyId: expect.anything(), SSEType: 'KMS' });
    const kept = all('AWS::DynamoDB::Table').map(
      ({ DeletionProtectionEnabled }) => DeletionProtectionEnabled,
    );
    expect(kept.filter(Boolean)).toEqual([]);
    for (const { AlarmActions } of all('AWS::CloudWatch::Alarm'))
      expect(AlarmActions).toEqual([stack.resolve(topic.topicArn)]);
    const reserved = all('AWS::Lambda::Function').map((fn) => fn.ReservedConcurrentExecutions);
    expect(reserved.filter(Boolean)).toEqual([50]);
    const [client] = all('AWS::Cognito::UserPoolClient');
    expect(client.CallbackURLs).toContain('https://keys.example.com/console/');
  });

  test('lets every function that reaches its tables use their key, and no other', () => {
    const policies = all('AWS::IAM::Policy').map(({ PolicyDocument }) => JSON.stringify(PolicyDocument));
    const reaching = policies.filter((text) => text.includes('dynamodb:'));
    expect(reaching.length).toBeGreaterThan(25);
    expect(reaching.filter((text) => !text.includes('kms:Decrypt'))).toEqual([]);
    expect(policies.filter((text) => text.includes('kms:') && !text.includes('dynamodb:'))).toEqual([]);
  });

  test('tells the command line where it is, by outputs that begin with its id', () => {
    const outputs = Object.keys(template.toJSON().Outputs);
    const expected = [
      'RecordsTable',
      'SecretsTable',
      'EventsTable',
      'ManagementKeysTable',
      'EventsRetention',
    ];
    for (const name of [...expected, 'Plans', 'IssuerUrl', 'ClientId', 'ManagementUrl', 'ConsoleUrl'])
      expect(outputs).toContain(`Keys${name}`);
    expect(template.toJSON().Outputs.KeysConsoleUrl.Value).toBe('https://keys.example.com/console/');
  });

  test('is held to its product, as the stacks are', () => {
    const { Parameters } = template.toJSON();
    const allowed = Object.values<{ AllowedValues?: string[] }>(Parameters).map((each) => each.AllowedValues);
    expect(allowed).toContainEqual(['standard']);
  });

  test('has metrics of its own, which its alarms and its dashboard read', () => {
    const variables = all('AWS::Lambda::Function').map(
      ({ Environment }) => Environment?.Variables.KEYWARD_STACK,
    );
    expect(new Set(variables.filter(Boolean))).toEqual(
      new Set(['Prod-Orders-Keys-ManagementApi', 'Prod-Orders-Keys-Data', 'Prod-Orders']),
    );
    const text = JSON.stringify(all('AWS::CloudWatch::Alarm'));
    const named = new Set([...text.matchAll(/"Name":"stack","Value":"([^"]*)"/g)].map(([, name]) => name));
    expect(named).toEqual(new Set(['Prod-Orders-Keys-ManagementApi', 'Prod-Orders-Keys-Data']));
    expect(JSON.stringify(all('AWS::CloudWatch::Dashboard'))).toContain('Prod-Orders-Keys-ManagementApi-Api');
  });
});

describe('two Keywards', () => {
  const SMALL = { profile: 'supertone', hasConsole: false } satisfies KeywardProps;

  test('in one stack share no name, no export and no metric', () => {
    const stack = new Stack(bareApp(), 'Both', { env: ENV });
    for (const id of ['One', 'Two']) new Keyward(stack, id, SMALL);
    const template = Template.fromStack(stack);
    const names = namesIn(JSON.stringify(template.toJSON()));
    expect(names.length).toBeGreaterThan(5);
    expect(new Set(names).size).toBe(names.length);
    const metrics = propertiesOf(template, 'AWS::Lambda::Function').map(
      ({ Environment }) => Environment.Variables.KEYWARD_STACK,
    );
    expect(new Set(metrics)).toEqual(
      new Set(['One', 'Two'].flatMap((id) => [`Both-${id}-Data`, `Both-${id}-ManagementApi`])),
    );
  });

  test('that no stack can hold are refused in a sentence', () => {
    const app = bareApp();
    const stack = new Stack(app, 'Both', { env: ENV });
    for (const id of ['One', 'Two']) new Keyward(stack, id, { ...SMALL, profile: 'sophic' });
    expect(() => app.synth()).toThrow(
      /The stack Both has \d+ resources, and CloudFormation takes 500\. \d+ of them are of Both\/One\/ManagementApi, the management API: give Keyward a stack of its own\./,
    );
  });
});

test('a console beside an API that it cannot reach is refused', () => {
  const stack = new Stack(bareApp(), 'Own');
  const props = { profile: 'standard', closesDefaultEndpoint: true, hasConsole: true };
  expect(() => new Keyward(stack, 'Keys', props)).toThrow(
    'leave closesDefaultEndpoint out, or set hasConsole',
  );
  const keys = new Keyward(stack, 'Others', { profile: 'standard', closesDefaultEndpoint: true });
  expect(keys.console).toBeUndefined();
});
