import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import { App, Stack, Stage } from 'aws-cdk-lib';
import { AttributeType, Table } from 'aws-cdk-lib/aws-dynamodb';
import { Code, Function as LambdaFunction, Runtime } from 'aws-cdk-lib/aws-lambda';
import { GuardedApi } from '../../lib/apis/guarded-api.ts';
import { AccountLogRole } from '../../lib/parts/account-log-role.ts';

const outdir = mkdtempSync(join(tmpdir(), 'keyward-log-role-'));
afterAll(() => rmSync(outdir, { recursive: true }));

const ENV = { env: { account: '123456789012', region: 'us-east-1' } };
const newApp = () =>
  new App({ outdir: mkdtempSync(join(outdir, 'app-')), builtinCloudFormationValidation: false });

/** An API that everybody may call, and the function behind it. */
function addApi(stack: Stack): LambdaFunction {
  const fn = new LambdaFunction(stack, 'Fn', {
    runtime: Runtime.NODEJS_24_X,
    handler: 'index.handler',
    code: Code.fromInline('//'),
  });
  new GuardedApi(stack, 'Api', {
    description: 'x',
    presentation: { kind: 'bearer' },
    realm: 'x',
  }).addPublicRoute('GET', '/', fn);
  return fn;
}

/** The stacks of an app that make a role for logs. */
const rolesIn = (app: App) =>
  app
    .synth()
    .stacks.filter(({ template }) =>
      Object.values<{ Type: string }>(template.Resources ?? {}).some(
        ({ Type }) => Type === 'AWS::ApiGateway::Account',
      ),
    )
    .map(({ stackName }) => stackName)
    .sort();

describe('the role for logs, in an app of several stacks', () => {
  test('comes from a stack that must be deployed first, or from the shared stack', () => {
    const app = newApp();
    const first = new Stack(app, 'First', ENV);
    const between = new Stack(app, 'Between', ENV);
    const last = new Stack(app, 'Last', ENV);
    between.addStackDependency(first);
    last.addStackDependency(between);
    const own = AccountLogRole.forApi(first);
    expect(AccountLogRole.forApi(first)).toBe(own);
    expect(AccountLogRole.forApi(last)).toBe(own);
    AccountLogRole.addForAll(new Stack(app, 'Data', ENV));
    AccountLogRole.addForAll(new Stack(app, 'OtherData', ENV));
    addApi(new Stack(app, 'Beside', ENV));
    expect(rolesIn(app)).toEqual(['Data', 'First']);
  });

  test('is a separate one in another Region and in another stage of a pipeline', () => {
    const app = newApp();
    const here = new Stack(app, 'Here', ENV);
    AccountLogRole.addForAll(here);
    const own = AccountLogRole.forApi(here);
    const elsewhere = new Stack(app, 'Elsewhere', { env: { ...ENV.env, region: 'eu-west-1' } });
    const later = new Stack(new Stage(app, 'Later'), 'Here', ENV);
    expect(new Set([own, ...[elsewhere, later].map((stack) => AccountLogRole.forApi(stack))]).size).toBe(3);
  });

  test('never comes from a stage inside the app', () => {
    const app = newApp();
    const stage = new Stage(app, 'Staged', ENV);
    AccountLogRole.addForAll(new Stack(stage, 'Data', ENV));
    addApi(new Stack(stage, 'Inside', ENV));
    addApi(new Stack(app, 'Outside', ENV));
    expect(rolesIn(app)).toEqual(['Outside']);
  });

  test('makes no stack depend on a stack that may come to depend on it', () => {
    const app = newApp();
    const [calling, keeping] = [new Stack(app, 'Calling', ENV), new Stack(app, 'Keeping', ENV)];
    const fn = addApi(calling);
    addApi(keeping);
    const table = new Table(keeping, 'Table', { partitionKey: { name: 'id', type: AttributeType.STRING } });
    fn.addEnvironment('TABLE', table.tableName);
    expect(rolesIn(app)).toEqual(['Calling', 'Keeping']);
  });
});
