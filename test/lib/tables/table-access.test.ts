import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import { App, CfnParameter, Stack, Token } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { Table } from 'aws-cdk-lib/aws-dynamodb';
import { AccountPrincipal, type IGrantable, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Key } from 'aws-cdk-lib/aws-kms';
import { Code, Function as LambdaFunction, Runtime } from 'aws-cdk-lib/aws-lambda';
import { KeyAuthorizer } from '../../../lib/apis/key-authorizer.ts';
import { ManagementApi } from '../../../lib/management/management-api.ts';
import { OwnIssuer } from '../../../lib/sign-in/own-issuer.ts';
import { KeyTables, type OwnTableProps } from '../../../lib/tables/key-tables.ts';
import { aliasOf, propertiesOf } from '../apis/own-apis.ts';

const directory = mkdtempSync(join(tmpdir(), 'keyward-tables-'));
afterAll(() => rmSync(directory, { recursive: true }));

function ownStack() {
  const app = new App({
    outdir: mkdtempSync(join(directory, 'app-')),
    builtinCloudFormationValidation: false,
    context: { 'aws:cdk:bundling-stacks': [] },
  });
  return new Stack(app, 'Own', { env: { account: '123456789012', region: 'eu-central-1' } });
}

const NAMES = { profile: 'standard', secrets: 'the-secrets' };
const ARN = 'arn:aws:dynamodb:eu-central-1:210987654321:table/the-secrets';

/** What the policies of a stack allow, as `ACTION RESOURCE`. */
function grantsIn(stack: Stack): string[] {
  const policies = propertiesOf(Template.fromStack(stack), 'AWS::IAM::Policy');
  return policies.flatMap(({ PolicyDocument }) =>
    PolicyDocument.Statement.flatMap(
      ({ Action, Resource }: { Action: string | string[]; Resource: unknown }) =>
        [Action].flat().map((action) => `${action} ${JSON.stringify(Resource)}`),
    ),
  );
}

describe('who is granted to verify', () => {
  test('may be a function, an alias, or the role of a container; each may read and count, and nothing else', () => {
    const stack = ownStack();
    const tables = new KeyTables(stack, 'Keys', { profile: 'standard' });
    const fn = new LambdaFunction(stack, 'Fn', {
      runtime: Runtime.NODEJS_24_X,
      handler: 'index.handler',
      code: Code.fromInline('//'),
      environment: tables.verifyEnvironment,
    });
    const role = new Role(stack, 'Task', { assumedBy: new ServicePrincipal('ecs-tasks.amazonaws.com') });
    for (const grantee of [aliasOf(stack, fn), role as IGrantable]) tables.grantVerify(grantee);
    const secrets = JSON.stringify(stack.resolve(tables.secrets.tableArn));
    expect(grantsIn(stack).sort()).toEqual([
      `dynamodb:GetItem ${secrets}`,
      `dynamodb:GetItem ${secrets}`,
      `dynamodb:UpdateItem ${secrets}`,
      `dynamodb:UpdateItem ${secrets}`,
    ]);
    Template.fromStack(stack).hasResourceProperties('AWS::Lambda::Function', {
      Environment: { Variables: { KEYWARD_SECRETS_TABLE: stack.resolve(tables.secrets.tableName) } },
    });
  });

  test('may be another account: the table and its key then say so', () => {
    const stack = ownStack();
    const tables = new KeyTables(stack, 'Keys', {
      profile: 'standard',
      encryptionKey: new Key(stack, 'Key'),
    });
    tables.grantVerify(new AccountPrincipal('210987654321'));
    const template = Template.fromStack(stack);
    const policies = propertiesOf(template, 'AWS::DynamoDB::Table').flatMap(({ ResourcePolicy }) =>
      ResourcePolicy === undefined ? [] : ResourcePolicy.PolicyDocument.Statement,
    );
    expect(policies).toEqual([
      {
        Action: ['dynamodb:GetItem', 'dynamodb:UpdateItem'],
        Effect: 'Allow',
        Principal: { AWS: expect.anything() },
        Resource: '*',
      },
    ]);
    expect(JSON.stringify(policies)).toContain('210987654321');
    expect(JSON.stringify(propertiesOf(template, 'AWS::KMS::Key'))).toContain('210987654321');
  });
});

test('a prop of the tables that is undefined takes no protection away, and none changes what the functions rely on', () => {
  const stack = ownStack();
  // Most projects let TypeScript pass `undefined` to an optional prop, and JavaScript passes anything.
  const tableProps = {
    deletionProtection: undefined,
    pointInTimeRecoverySpecification: undefined,
    removalPolicy: undefined,
    timeToLiveAttribute: 'theirs',
  } as unknown as OwnTableProps;
  new KeyTables(stack, 'Keys', { profile: 'standard', tableProps });
  const tables = Object.values(Template.fromStack(stack).findResources('AWS::DynamoDB::Table'));
  expect(tables).toHaveLength(4);
  for (const table of tables)
    expect(table).toMatchObject({
      DeletionPolicy: 'RetainExceptOnCreate',
      UpdateReplacePolicy: 'Retain',
      Properties: {
        DeletionProtectionEnabled: true,
        PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
        TimeToLiveSpecification: { AttributeName: 'deleteAt' },
      },
    });
});

describe('tables that were made elsewhere', () => {
  test('are verified against by name, and nothing is made', () => {
    const stack = ownStack();
    const tables = KeyTables.fromTableNames(stack, 'Keys', NAMES);
    new KeyAuthorizer(stack, 'Authorizer', { tables });
    expect(grantsIn(stack).filter((grant) => grant.startsWith('dynamodb:'))).toEqual(
      ['GetItem', 'UpdateItem'].map((name) => expect.stringMatching(`dynamodb:${name} .*:table/the-secrets`)),
    );
    Template.fromStack(stack).resourceCountIs('AWS::DynamoDB::Table', 0);
    expect(tables.verifyEnvironment).toEqual({ KEYWARD_SECRETS_TABLE: 'the-secrets' });
  });

  test('in another account are named by their ARN, which functions are told too', () => {
    const stack = ownStack();
    const key = 'arn:aws:kms:eu-central-1:210987654321:key/1234abcd-12ab-34cd-56ef-1234567890ab';
    const encryptionKey = Key.fromKeyArn(stack, 'Key', key);
    const tables = KeyTables.fromTableNames(stack, 'Keys', { ...NAMES, secrets: ARN, encryptionKey });
    new KeyAuthorizer(stack, 'Authorizer', { tables });
    expect(tables.verifyEnvironment).toEqual({ KEYWARD_SECRETS_TABLE: ARN });
    expect(grantsIn(stack)).toContain(`dynamodb:UpdateItem "${ARN}"`);
    expect(grantsIn(stack)).toContain(`kms:Decrypt "${key}"`);
  });

  test("may be CDK's own, also where their ARN is known only at deployment", () => {
    const stack = ownStack();
    const { valueAsString } = new CfnParameter(stack, 'SecretsArn');
    const encryptionKey = new Key(stack, 'Key');
    const secrets = Table.fromTableArn(stack, 'Secrets', valueAsString);
    const tables = KeyTables.fromTableNames(stack, 'Keys', { profile: 'standard', secrets, encryptionKey });
    new KeyAuthorizer(stack, 'Authorizer', { tables });
    expect(stack.resolve(tables.verifyEnvironment)).toEqual({ KEYWARD_SECRETS_TABLE: { Ref: 'SecretsArn' } });
    const grants = grantsIn(stack);
    expect(grants).toContain('dynamodb:UpdateItem {"Ref":"SecretsArn"}');
    expect(grants.some((grant) => grant.startsWith('kms:Decrypt'))).toBe(true);
    const far = Table.fromTableArn(stack, 'Far', ARN.replace('eu-central-1', 'us-east-1'));
    expect(() => KeyTables.fromTableNames(stack, 'FarKeys', { ...NAMES, secrets: far })).toThrow(
      'in us-east-1',
    );
    const partly = ARN.replace('210987654321', Token.asString({ Ref: 'TheirAccount' }));
    expect(() => KeyTables.fromTableNames(stack, 'PartlyKnown', { ...NAMES, secrets: partly })).not.toThrow();
  });

  test('let in nobody whose rights would stand in the policy of a table, and say where to grant them', () => {
    const stack = ownStack();
    const account = new AccountPrincipal('210987654321');
    const message = 'has no policy in this app, and the tables Own/Keys were made elsewhere';
    const byName = KeyTables.fromTableNames(stack, 'Keys', NAMES);
    expect(() => byName.grantVerify(account)).toThrow(message);
    const made = new KeyTables(stack, 'Made', { profile: 'standard' });
    const bySecrets = KeyTables.fromTableNames(stack, 'Given', { ...NAMES, secrets: made.secrets });
    bySecrets.grantVerify(account);
    expect(JSON.stringify(propertiesOf(Template.fromStack(stack), 'AWS::DynamoDB::Table'))).toContain(
      '210987654321',
    );
  });

  test('in another Region are refused, and so is a management API over tables for verifying', () => {
    const stack = ownStack();
    const elsewhere = ARN.replace('eu-central-1', 'us-east-1');
    expect(() => KeyTables.fromTableNames(stack, 'Far', { ...NAMES, secrets: elsewhere })).toThrow(
      'is in us-east-1, and this stack is in eu-central-1: functions read the tables of their own Region.',
    );
    const records = ARN.replace('the-secrets', 'the-records');
    expect(() => KeyTables.fromTableNames(stack, 'Theirs', { ...NAMES, records })).toThrow(
      'is of another account: only `secrets` can be',
    );
    const tables = KeyTables.fromTableNames(stack, 'Keys', NAMES);
    const signIn = new OwnIssuer({
      issuer: 'https://login.example.com/',
      client: 'keyward-console',
      audience: 'https://keys.example.com',
    });
    expect(() => new ManagementApi(stack, 'Api', { tables, signIn })).toThrow(
      'The tables Own/Keys were imported without `records`, which the management API needs',
    );
  });

  test('carry a management API where all four are named', () => {
    const stack = ownStack();
    const others = { records: 'the-records', events: 'the-events', managementKeys: 'the-management-keys' };
    const tables = KeyTables.fromTableNames(stack, 'Keys', { ...NAMES, ...others, profile: 'supertone' });
    const signIn = new OwnIssuer({
      issuer: 'https://login.example.com/',
      client: 'keyward-console',
      audience: 'https://keys.example.com',
    });
    new ManagementApi(stack, 'Api', { tables, signIn });
    const grants = grantsIn(stack);
    for (const name of ['the-secrets', ...Object.values(others)])
      expect(grants.some((grant) => grant.includes(`:table/${name}"`))).toBe(true);
    expect(Object.keys(Template.fromStack(stack).toJSON().Outputs).join()).not.toContain('ProductOfTables');
  });
});
