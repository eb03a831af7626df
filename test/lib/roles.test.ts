import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { stackNameOf } from '../../lib/files/stack-names.ts';
import { sharedAssembly } from '../shared-assembly.ts';
import { PROFILES, ROLES } from './role-reasons.ts';

interface Resource {
  readonly Type: string;
  // biome-ignore lint/suspicious/noExplicitAny: properties of every resource type.
  readonly Properties: any;
}

async function templatesOf(profile: string): Promise<Record<string, Resource>[]> {
  const assembly = await sharedAssembly(profile);
  return (['Data', 'Api', 'Sample'] as const).map((part) => {
    const file = `${stackNameOf({ profile }, part)}.template.json`;
    return JSON.parse(readFileSync(join(assembly, file), 'utf8')).Resources;
  });
}

/** `Function Action Table` of everything that the role of any function holds, its own log apart. */
function grantsOf(template: Record<string, Resource>): string[] {
  return Object.entries(template).flatMap(([id, { Type, Properties }]) => {
    if (Type === 'AWS::IAM::Role' && isOfFunction(Properties)) {
      expect([id, Properties.ManagedPolicyArns, Properties.Policies]).toEqual([id, undefined, undefined]);
    }
    if (Type !== 'AWS::IAM::Policy') return [];
    const name = id.replace(/Role.*/, '');
    return Properties.PolicyDocument.Statement.flatMap(
      ({ Action, Resource, Effect }: Record<string, unknown>) => {
        expect(Effect).toBe('Allow');
        return [Action]
          .flat()
          .map((action) => `${name} ${grantOf(String(action), JSON.stringify(Resource))}`);
      },
    );
  });
}

function isOfFunction({ AssumeRolePolicyDocument }: Resource['Properties']): boolean {
  return JSON.stringify(AssumeRolePolicyDocument).includes('lambda.amazonaws.com');
}

function grantOf(action: string, resource: string): string {
  if (/^logs:(CreateLogStream|PutLogEvents)$/.test(action) && /Log[0-9A-F]{8}/.test(resource)) return 'log';
  if (resource.includes('/index/pending')) return `${action.replace('dynamodb:', '')} Pending`;
  const table = /Keys(Records|Secrets|Events|ManagementKeys)|(Rows|Sessions)/.exec(resource);
  return `${action.replace('dynamodb:', '')} ${table?.[1] ?? table?.[2] ?? resource}`;
}

function expectedFor(profile: string): string[] {
  return Object.entries(ROLES).flatMap(([name, reasons]) =>
    Object.keys(reasons)
      .map((grant) => grant.split(' @'))
      .filter(([, profiles]) => profiles === undefined || profiles.split(',').includes(profile))
      .map(([grant]) => `${name} ${grant}`),
  );
}

test.each(PROFILES)(
  'every role of %s holds what it is reviewed to hold, and nothing else',
  async (profile) => {
    const held = (await templatesOf(profile)).flatMap(grantsOf).filter((grant) => !grant.endsWith(' log'));
    expect([...new Set(held)].sort()).toEqual(expectedFor(profile).sort());
  },
);

test.each(PROFILES)(
  'no function of %s but the authorizer of the management API reaches management keys, and that one may neither put, list nor delete them',
  async (profile) => {
    const templates = await templatesOf(profile);
    const grants = templates.flatMap(grantsOf).filter((grant) => grant.endsWith(' ManagementKeys'));
    expect(grants.sort()).toEqual([
      'ManagementAuthorizer GetItem ManagementKeys',
      'ManagementAuthorizer UpdateItem ManagementKeys',
    ]);
    const knowing = templates.flatMap((template) =>
      Object.entries(template).filter(
        ([, { Type, Properties }]) =>
          Type === 'AWS::Lambda::Function' &&
          JSON.stringify(Properties.Environment).includes('KeysManagementKeys'),
      ),
    );
    expect(knowing.map(([id]) => id.replace(/[0-9A-F]{8}$/, ''))).toEqual(['ManagementAuthorizer']);
  },
);

test('every action has a reason', () => {
  for (const reasons of Object.values(ROLES))
    for (const reason of Object.values(reasons)) expect(reason.length).toBeGreaterThan(10);
});
