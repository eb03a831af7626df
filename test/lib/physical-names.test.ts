import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import { App, Stack } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { GuardedApi } from '../../lib/apis/guarded-api.ts';
import { Dashboard } from '../../lib/dashboard.ts';
import { DataStack } from '../../lib/data-stack.ts';
import { loadProfile } from '../../lib/files/profile-file.ts';
import { ManagementStack } from '../../lib/management-stack.ts';
import { SampleStack } from '../../lib/sample-stack.ts';
import { KeyTables } from '../../lib/tables/key-tables.ts';
import { namesIn } from './physical-names.ts';

const folder = mkdtempSync(join(tmpdir(), 'keyward-names-'));
afterAll(() => rmSync(folder, { recursive: true }));

const profileFile = loadProfile('standard');
const bareApp = () =>
  new App({
    outdir: mkdtempSync(join(folder, 'app-')),
    builtinCloudFormationValidation: false,
    context: { 'aws:cdk:bundling-stacks': [], '@aws-cdk/core:defaultCrossStackReferences': 'strong' },
  });

/** Two deployments whose stacks have equal ids in apps of their own, and other names. */
function deployedAs(name: string): string[] {
  const app = bareApp();
  const { tables, signIn } = new DataStack(app, 'Data', { profileFile, stackName: `${name}-Data` });
  const shared = { profileFile, tables };
  const api = new ManagementStack(app, 'Api', { ...shared, signIn, stackName: `${name}-Api` });
  new SampleStack(app, 'Sample', { ...shared, stackName: `${name}-Sample` });
  new Dashboard(api, 'Dashboard', { tables, dataStackName: `${name}-Data`, apis: [] });
  return app
    .synth()
    .stacks.flatMap(({ templateFullPath }) => namesIn(readFileSync(templateFullPath, 'utf8')));
}

describe('two deployments in one account', () => {
  const [one, two] = [deployedAs('one'), deployedAs('two')];

  test('share no physical name, though their logical ids are equal', () => {
    expect(one.length).toBeGreaterThan(10);
    expect(one).toHaveLength(two.length);
    expect(one.filter((name) => two.includes(name))).toEqual([]);
  });

  test('set physical names only for APIs, whose metrics need them, for the sign-in domain and for exports', () => {
    const kinds = one
      .filter((name) => !name.startsWith('Export '))
      .map((name) => name.split(' "')[0]?.split(' {')[0]);
    expect([...new Set(kinds)].sort()).toEqual([
      'AWS::ApiGateway::RestApi Name',
      'AWS::Cognito::UserPoolDomain Domain',
    ]);
  });
});

test('APIs and tables in one stack have different names, even where their logical ids end alike', () => {
  const app = bareApp();
  const stack = new Stack(app, 'Own');
  for (const part of ['Left', 'Right']) {
    const scope = new Construct(stack, part);
    new KeyTables(scope, 'Keys', { profile: profileFile });
    new GuardedApi(scope, 'Api', {
      description: 'x',
      presentation: { kind: 'bearer' },
      realm: 'x',
    } as const).restApi.root.addMethod('GET');
  }
  const [artifact] = app.synth().stacks;
  const names = namesIn(readFileSync(artifact?.templateFullPath ?? '', 'utf8'));
  expect(names).toContain('AWS::ApiGateway::RestApi Name "Own-Left-Api"');
  expect(names.length).toBeGreaterThan(3);
  expect(new Set(names).size).toBe(names.length);
});
