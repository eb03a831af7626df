import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import { App } from 'aws-cdk-lib';
import { DataStack } from '../../lib/data-stack.ts';
import { loadProfile } from '../../lib/files/profile-file.ts';
import { KeywardApp } from '../../lib/keyward-app.ts';
import { ManagementStack } from '../../lib/management-stack.ts';
import { SampleStack } from '../../lib/sample-stack.ts';

const folder = mkdtempSync(join(tmpdir(), 'keyward-deployed-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** Nothing here looks into a bundle. */
const UNBUNDLED = { 'aws:cdk:bundling-stacks': [] };

interface StackTemplate {
  readonly Parameters: Readonly<
    Record<string, { readonly Default?: string; readonly AllowedValues?: string[] }>
  >;
  readonly Outputs: Readonly<Record<string, { readonly Export?: { readonly Name: unknown } }>>;
}

/** The stacks of a product under a name that another one could be deployed under as well. */
function stacksOf(profile: string): Record<string, StackTemplate> {
  const outdir = mkdtempSync(join(folder, `${profile}-`));
  const { stacks } = new KeywardApp({
    deployment: { profile, name: 'shared', sample: true },
    outdir,
    context: UNBUNDLED,
    builtinCloudFormationValidation: false,
  }).synth();
  return Object.fromEntries(
    stacks.map(({ stackName, templateFullPath }) => [
      stackName,
      JSON.parse(readFileSync(templateFullPath, 'utf8')),
    ]),
  );
}

const exportsOf = (template: StackTemplate | undefined) =>
  Object.values(template?.Outputs ?? {}).flatMap(({ Export }) => (Export ? [String(Export.Name)] : []));
const importsOf = (template: StackTemplate | undefined) =>
  [...JSON.stringify(template).matchAll(/"Fn::ImportValue":"([^"]+)"/g)].map(([, name]) => name ?? '');

describe('another product cannot be deployed over one with the same stack names', () => {
  const deployed = stacksOf('standard');
  const other = stacksOf('supertone');
  const NAMES = ['Api', 'Console', 'Data', 'Sample'].map((part) => `Keyward-Shared-${part}`);

  test('because each of its stacks refuses the previous parameter value, which cdk deploy sends', () => {
    expect([Object.keys(deployed).sort(), Object.keys(other).sort()]).toEqual([NAMES, NAMES]);
    for (const name of NAMES) {
      // What CloudFormation keeps of a parameter that nobody gave a value is the default of that time.
      const previous = deployed[name]?.Parameters.KeywardProduct?.Default;
      expect(previous).toBe('standard');
      expect(deployed[name]?.Parameters.KeywardProduct?.AllowedValues).toEqual(['standard']);
      expect(other[name]?.Parameters.KeywardProduct?.AllowedValues).toEqual(['supertone']);
    }
  });

  test('because cdk deploy sends previous parameter values by default', () => {
    const cdk = join(import.meta.dirname, '../../node_modules/aws-cdk/bin/cdk');
    const help = execFileSync(process.execPath, [cdk, 'deploy', '--help'], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    expect(help).toMatch(/--previous-parameters\s[\s\S]*?\[default: true\]/);
  });

  test('even without previous values, because an export in use would go or an import would be missing', () => {
    const [data, otherData] = [deployed, other].map((stacks) => stacks['Keyward-Shared-Data']);
    for (const name of ['Keyward-Shared-Api', 'Keyward-Shared-Sample']) {
      const used = importsOf(deployed[name]).filter((each) => exportsOf(data).includes(each));
      expect(used.filter((each) => !exportsOf(otherData).includes(each))).toEqual([
        'Keyward-Shared-Data:Keys:standard',
      ]);
      expect(importsOf(other[name]).filter((each) => !exportsOf(data).includes(each))).toEqual([
        'Keyward-Shared-Data:Keys:supertone',
      ]);
    }
  });
});

test('no stack accepts the tables of another product', () => {
  const app = new App({ outdir: join(folder, 'mixed'), context: UNBUNDLED });
  const { tables, signIn } = new DataStack(app, 'Data', { profileFile: loadProfile('standard') });
  const profileFile = loadProfile('supertone');
  const sentence =
    'The profile is supertone, and the tables are those of standard: each product has its own.';
  expect(() => new ManagementStack(app, 'Api', { profileFile, tables, signIn })).toThrow(sentence);
  expect(() => new SampleStack(app, 'Sample', { profileFile, tables })).toThrow(sentence);
});
