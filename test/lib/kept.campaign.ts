import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import { App } from 'aws-cdk-lib';
import { CURRENTLY_RECOMMENDED_FLAGS, DEFAULT_CROSS_STACK_REFERENCES } from 'aws-cdk-lib/cx-api';
import { DataStack } from '../../lib/data-stack.ts';
import { loadProfile } from '../../lib/files/profile-file.ts';
import { stackNameOf } from '../../lib/files/stack-names.ts';
import { KeywardApp } from '../../lib/keyward-app.ts';
import { ManagementStack } from '../../lib/management-stack.ts';
import { sharedAssembly } from '../shared-assembly.ts';
import { PROFILES } from './role-reasons.ts';
import type { Resource, Template } from './template-file.ts';

const folder = mkdtempSync(join(tmpdir(), 'keyward-kept-'));
afterAll(() => rmSync(folder, { recursive: true }));

interface WholeTemplate {
  readonly Resources: Template;
  readonly Outputs: Readonly<
    Record<string, { readonly Value: object; readonly Export?: { readonly Name: string } }>
  >;
}

const read = (directory: string, stack: string): WholeTemplate =>
  JSON.parse(readFileSync(join(directory, `${stack}.template.json`), 'utf8'));

const isKept = ({ Type }: Resource) => Type === 'AWS::DynamoDB::Table' || Type === 'AWS::Cognito::UserPool';
const keptOf = ({ Resources }: WholeTemplate): Template =>
  Object.fromEntries(Object.entries(Resources).filter(([, resource]) => isKept(resource)));

/** Another id is another table, another issuer, other users: nobody’s key would work. */
const KEPT_IDS = [
  'KeysEventsEE72122D',
  'KeysManagementKeysEA697D9E',
  'KeysRecordsC94E819F',
  'KeysSecretsC2A8CD45',
  'SignInPeople26B168CC',
];

const BARE = { 'aws:cdk:bundling-stacks': [] };

/** Synthesizes as the CDK’s command line does, which hands the context of `cdk.json` and `-c` on in a variable. */
function synthesizeUnder(cliContext: object, makeApp: (outdir: string) => App): string {
  const before = process.env.CDK_CONTEXT_JSON;
  process.env.CDK_CONTEXT_JSON = JSON.stringify({ ...cliContext, ...BARE });
  try {
    return makeApp(mkdtempSync(join(folder, 'app-'))).synth().directory;
  } finally {
    if (before === undefined) delete process.env.CDK_CONTEXT_JSON;
    else process.env.CDK_CONTEXT_JSON = before;
  }
}

const ownApp = (outdir: string) =>
  new KeywardApp({ deployment: { profile: 'standard' }, outdir, builtinCloudFormationValidation: false });

/** An app that somebody else wrote, who puts the stacks together themselves. */
function foreignApp(outdir: string): App {
  const app = new App({ outdir, builtinCloudFormationValidation: false });
  const profileFile = loadProfile('standard');
  const { tables, signIn } = new DataStack(app, 'Keyward-Standard-Data', { profileFile });
  new ManagementStack(app, 'Keyward-Standard-Api', { profileFile, tables, signIn });
  return app;
}

const plain = synthesizeUnder({}, ownApp);

test.each(PROFILES)(
  'tables and user pool of %s keep the ids under which they were deployed',
  async (profile) => {
    const kept = keptOf(read(await sharedAssembly(profile), stackNameOf({ profile }, 'Data')));
    expect(Object.keys(kept).sort()).toEqual(KEPT_IDS);
  },
);

describe('tables and the user pool', () => {
  const kept = keptOf(read(plain, 'Keyward-Standard-Data'));

  test('outlive their stack and a replacement, and go only when their first deployment is rolled back', () => {
    for (const { DeletionPolicy, UpdateReplacePolicy } of Object.values(kept))
      expect({ DeletionPolicy, UpdateReplacePolicy }).toEqual({
        DeletionPolicy: 'RetainExceptOnCreate',
        UpdateReplacePolicy: 'Retain',
      });
  });

  test('have deletion protection, and so does their stack', () => {
    for (const { Type, Properties } of Object.values(kept))
      if (Type === 'AWS::DynamoDB::Table') expect(Properties.DeletionProtectionEnabled).toBe(true);
      else expect(Properties.DeletionProtection).toBe('ACTIVE');
    const { artifacts } = JSON.parse(readFileSync(join(plain, 'manifest.json'), 'utf8'));
    expect(artifacts['Keyward-Standard-Data'].properties.terminationProtection).toBe(true);
    const profileFile = loadProfile('standard');
    const throwaway = new DataStack(new App({ context: BARE }), 'Data', {
      profileFile,
      terminationProtection: false,
    });
    expect(throwaway.terminationProtection).toBe(false);
  });

  describe.each([
    ['weak references', { [DEFAULT_CROSS_STACK_REFERENCES]: 'weak' }],
    ['references of both kinds', { [DEFAULT_CROSS_STACK_REFERENCES]: 'both' }],
    ['all that `cdk init` writes', CURRENTLY_RECOMMENDED_FLAGS],
  ])('under a cdk.json with %s', (_, context) => {
    const apps = [synthesizeUnder(context, ownApp), synthesizeUnder(context, foreignApp)];

    test('are exported to the stack that uses them, in any app, so that CloudFormation refuses to replace them', () => {
      for (const directory of apps) {
        const { Outputs } = read(directory, 'Keyward-Standard-Data');
        const imports = JSON.stringify(read(directory, 'Keyward-Standard-Api'));
        for (const id of [...KEPT_IDS, 'SignInConsole2E72CBD2']) {
          const exported = Object.values(Outputs).filter(
            ({ Value, Export }) => Export !== undefined && JSON.stringify(Value).includes(`"${id}"`),
          );
          expect([id, exported.length > 0]).toEqual([id, true]);
          for (const { Export } of exported)
            expect(imports).toContain(`{"Fn::ImportValue":"${Export?.Name}"}`);
        }
        expect(imports).not.toContain('Fn::GetStackOutput');
      }
    });

    test('have the same definitions as under an empty cdk.json', () => {
      for (const directory of apps) expect(keptOf(read(directory, 'Keyward-Standard-Data'))).toEqual(kept);
    });
  });
});

describe('CloudFormation can import kept tables', () => {
  const adopting = read(synthesizeUnder({ 'keyward:adopting': 'true' }, ownApp), 'Keyward-Standard-Data');

  test('because their definitions name no other resource and no physical name', () => {
    const kept = keptOf(adopting);
    expect(Object.keys(kept).sort()).toEqual(KEPT_IDS);
    for (const { Properties, DeletionPolicy } of Object.values(kept)) {
      expect(JSON.stringify(Properties)).not.toMatch(/"(?:Ref|Fn::\w+)"/);
      expect(Properties).not.toHaveProperty('TableName');
      expect(Properties).not.toHaveProperty('UserPoolName');
      expect(DeletionPolicy).toBe('RetainExceptOnCreate');
    }
  });

  test('with a template that lacks only the sign-in trigger, which the next deployment adds', () => {
    const { Resources } = read(plain, 'Keyward-Standard-Data');
    const pool = structuredClone(Resources.SignInPeople26B168CC);
    expect(pool?.Properties.LambdaConfig).toHaveProperty('PreTokenGeneration');
    delete pool?.Properties.LambdaConfig;
    const expected = Object.entries({ ...Resources, SignInPeople26B168CC: pool }).filter(
      ([, resource]) => resource?.Type !== 'AWS::Lambda::Permission',
    );
    expect(adopting.Resources).toEqual(Object.fromEntries(expected));
  });
});
