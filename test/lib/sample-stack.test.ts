import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { routesOf } from '../../lib/samples.ts';
import { sharedAssembly } from '../shared-assembly.ts';

const assemblyDirectory = await sharedAssembly('supersonic');

interface Resource {
  readonly Type: string;
  // biome-ignore lint/suspicious/noExplicitAny: properties of every resource type.
  readonly Properties: any;
}

const template = readFileSync(join(assemblyDirectory, 'Keyward-Supersonic-Sample.template.json'), 'utf8');
const resources = Object.values(JSON.parse(template).Resources as Record<string, Resource>);
const ofType = (type: string) => resources.filter(({ Type }) => Type === type);

test('a product that serves only MCP has one function, which verifies keys, and no authorizer', () => {
  expect(ofType('AWS::Lambda::Function')).toHaveLength(1);
  expect(ofType('AWS::ApiGateway::Authorizer')).toEqual([]);
  const methods = ofType('AWS::ApiGateway::Method').map(({ Properties }) => Properties);
  expect(methods.map(({ HttpMethod }) => HttpMethod).sort()).toEqual(['DELETE', 'GET', 'POST']);
  for (const { AuthorizationType } of methods) expect(AuthorizationType).toBe('NONE');
});

test('the function of an MCP-only product may read and stamp secrets, and reaches nothing else of Keyward’s', () => {
  const statements = ofType('AWS::IAM::Policy').flatMap(
    ({ Properties }) => Properties.PolicyDocument.Statement,
  );
  const onKeyward = statements.filter(({ Resource }) =>
    JSON.stringify(Resource).includes('Keyward-Supersonic-Data'),
  );
  expect(onKeyward).toHaveLength(1);
  expect(onKeyward[0].Action).toEqual(['dynamodb:GetItem', 'dynamodb:UpdateItem']);
  expect(JSON.stringify(onKeyward[0].Resource)).toContain('Secrets');
});

test('if one function serves REST and another MCP, only the one that verifies keys reaches secrets', async () => {
  const sophic = await sharedAssembly('sophic');
  const text = readFileSync(join(sophic, 'Keyward-Sophic-Sample.template.json'), 'utf8');
  const all = Object.entries(JSON.parse(text).Resources as Record<string, Resource>);
  const onSecrets = all
    .filter(([, { Type }]) => Type === 'AWS::IAM::Policy')
    .flatMap(([id, { Properties }]) =>
      Properties.PolicyDocument.Statement.filter(({ Resource }: { Resource: unknown }) =>
        JSON.stringify(Resource).includes('Keyward-Sophic-Data'),
      ).map(({ Action }: { Action: unknown }) => [id.replace(/Role.*/, ''), Action]),
    );
  const verify = ['dynamodb:GetItem', 'dynamodb:UpdateItem', 'dynamodb:BatchGetItem'];
  expect(Object.fromEntries(onSecrets)).toEqual({ SampleMcp: verify, ProductAuthorizer: verify });
});

test('the API of an MCP-only product has error bodies, a log and throttling, as every API of Keyward has', () => {
  expect(ofType('AWS::ApiGateway::GatewayResponse').length).toBeGreaterThan(10);
  const [stage] = ofType('AWS::ApiGateway::Stage');
  expect(stage?.Properties.AccessLogSetting.Format).toContain('$context.extendedRequestId');
  expect(stage?.Properties.MethodSettings[0].ThrottlingRateLimit).toBe(1000);
});

test('a route that matches several patterns of a profile is made once', () => {
  const routes = routesOf(['GET /users/**', '* /users/**', 'GET /users', 'GET /{shop}/{item}']);
  const named = routes.map(({ method, path }) => `${method} ${path}`).sort();
  const onItem = ['DELETE', 'GET', 'PATCH', 'PUT'].map((method) => `${method} /users/{id}`);
  expect(named).toEqual(['GET /users', ...onItem, 'GET /{shop}/{item}', 'POST /users'].sort());
});

test('a wildcard becomes a parameter with a name that the profile does not use', () => {
  const paths = (patterns: string[]) => routesOf(patterns).map(({ path }) => path);
  expect(paths(['GET /*/{id}'])).toEqual(['/{id_}/{id}']);
  expect(paths(['GET /*/*/{id2}'])).toEqual(['/{id_}/{id_2}/{id2}']);
  expect(paths(['GET /files/{rest+}', 'GET /files/**'])).toEqual(['/files/{rest+}', '/files']);
});

test('a product without a sample of its own gets all routes of its patterns, with one parameter name for each place', () => {
  const routes = routesOf(
    ['* /orders/**', 'GET /orders/{order_id}/lines/*', 'DELETE /shops/*', 'HEAD /**', '* /status'],
    'everything',
  );
  const named = routes.map(({ method, path }) => `${method} ${path}`);
  const methods = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'];
  expect(named).toEqual([
    ...methods.map((method) => `${method} /orders`),
    ...methods.map((method) => `${method} /orders/{order_id}`),
    'GET /orders/{order_id}/lines/{id2}',
    'DELETE /shops/{id}',
    'HEAD /',
    'HEAD /{id}',
    ...methods.map((method) => `${method} /status`),
  ]);
});
