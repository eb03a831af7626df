import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { sharedAssembly } from '../shared-assembly.ts';

const assemblyDirectory = await sharedAssembly('socialcrm');

interface Resource {
  readonly Type: string;
  // biome-ignore lint/suspicious/noExplicitAny: properties of every resource type.
  readonly Properties: any;
}
type Template = Readonly<Record<string, Resource>>;

const templateIn = (directory: string, stack: string): Template =>
  JSON.parse(readFileSync(join(directory, `${stack}.template.json`), 'utf8')).Resources;

interface DeployedFunction {
  readonly name: string;
  readonly megabytes: number;
  /** What it may do with the table of secrets. */
  readonly onSecrets: readonly string[];
}

function functionsOf(template: Template): DeployedFunction[] {
  const policies = Object.values(template).filter(({ Type }) => Type === 'AWS::IAM::Policy');
  return Object.entries(template)
    .filter(([, { Type }]) => Type === 'AWS::Lambda::Function')
    .map(([id, { Properties }]) => {
      const [role] = Properties.Role['Fn::GetAtt'];
      const statements = policies
        .filter(({ Properties: policy }) => policy.Roles.some(({ Ref }: { Ref: string }) => Ref === role))
        .flatMap(({ Properties: policy }) => policy.PolicyDocument.Statement)
        .filter(({ Resource: resource }) => JSON.stringify(resource).includes('Secrets'));
      return {
        name: id.replace(/[0-9A-F]{8}$/, ''),
        megabytes: Properties.MemorySize,
        onSecrets: statements.flatMap(({ Action }) => Action),
      };
    });
}

const functionsIn = (directory: string, product: string) =>
  ['Api', 'Sample'].flatMap((part) => functionsOf(templateIn(directory, `Keyward-${product}-${part}`)));
const namesOf = (functions: readonly DeployedFunction[]) => functions.map(({ name }) => name).sort();

const functions = functionsIn(assemblyDirectory, 'Socialcrm');
const VERIFYING = ['ManagementAuthorizer', 'Sample', 'VerifyKey'];

describe('in a product with bcrypt keys', () => {
  test('every function that compares or hashes has a whole processor, and no other function does', () => {
    const large = functions.filter(({ megabytes }) => megabytes === 1769);
    expect(namesOf(large)).toEqual([...VERIFYING, 'IssueKey', 'RotateKey'].sort());
    expect(new Set(functions.filter((fn) => !large.includes(fn)).map(({ megabytes }) => megabytes))).toEqual(
      new Set([512]),
    );
  });

  test('only the functions that verify or import may query secrets', () => {
    const querying = functions.filter(({ onSecrets }) => onSecrets.includes('dynamodb:Query'));
    expect(namesOf(querying)).toEqual(['ImportKeys', ...VERIFYING]);
  });
});

test('in a product without bcrypt keys, no function may query secrets or has more memory', async () => {
  const standard = functionsIn(await sharedAssembly('standard'), 'Standard');
  expect(standard.length).toBeGreaterThan(10);
  expect(standard.filter(({ onSecrets }) => onSecrets.includes('dynamodb:Query'))).toEqual([]);
  expect(new Set(standard.map(({ megabytes }) => megabytes))).toEqual(new Set([512]));
});

test('the API of socialcrm has each route of the page once, and its function decides on all of them', () => {
  const template = templateIn(assemblyDirectory, 'Keyward-Socialcrm-Sample');
  const pathOf = (id: string): string => {
    const { ParentId, PathPart } = template[id]?.Properties ?? {};
    return PathPart === undefined ? '' : `${pathOf(ParentId.Ref ?? '')}/${PathPart}`;
  };
  const methods = Object.values(template).filter(({ Type }) => Type === 'AWS::ApiGateway::Method');
  const routes = methods.map(
    ({ Properties }) => `${Properties.HttpMethod} ${pathOf(Properties.ResourceId.Ref)}`,
  );
  expect(routes.sort()).toEqual(
    ['DELETE /api/mcp-app', 'GET /api/mcp-app', 'GET /mcp.json', 'POST /api/mcp-app'].sort(),
  );
  for (const { Properties } of methods) expect(Properties.AuthorizationType).toBe('NONE');
});
