import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { Duration } from 'aws-cdk-lib';
import { Annotations, Match } from 'aws-cdk-lib/assertions';
import type { APIGatewayRequestAuthorizerEvent } from 'aws-lambda';
import { checksum } from '../../../core/credential/key-text.ts';
import { digestOf } from '../../../core/credential/secret.ts';
import { credentialTypesOf, type Profile } from '../../../core/profile/profile.ts';
import { requirementFor } from '../../../core/verification/requirement.ts';
import { createAuthorizer } from '../../../lambdas/authorizer/authorizer.ts';
import { loadProfile } from '../../../lib/files/profile-file.ts';
import { memoryVerificationStore } from '../../core/verification/memory-verification-store.ts';
import { NOW, SECRET } from '../../core/verification/stored-secrets.ts';
import { capturedLog } from '../../lambdas/captured-log.ts';
import { ownApis, propertiesOf, synthesized } from './own-apis.ts';

const lines = capturedLog();
const { directory, ownApi } = ownApis();

const COLLECTIONS = Array.from({ length: 40 }, (_, index) => `things-${index}`);

function writeManyRoutes(): string {
  const path = join(directory, 'many.json');
  const patterns = COLLECTIONS.map((name) => `* /${name}/**`);
  const profile = {
    name: 'many',
    realm: 'many',
    presentation: { kind: 'bearer' },
    api_key: { prefix: 'many_', random_length: 30, checksum: true },
    issuing: { requires_name: false, requires_scopes: false },
    scopes: [
      { name: 'all', description: 'Everything', grants: patterns },
      { name: 'keys', description: 'Administer keys', grants: ['keyward.administer'] },
    ],
    routes: patterns,
  };
  writeFileSync(path, JSON.stringify(profile));
  return path;
}

/** A profile with so many routes that a policy could not name them all. */
const MANY_ROUTES = writeManyRoutes();

const STAGE = 'arn:aws:execute-api:us-east-1:123456789012:api/live';

/** What the authorizer of a product answers to a key with one scope. */
function authorized(profile: Profile, route: string, scope: string) {
  const store = memoryVerificationStore();
  const random = `many_${'a'.repeat(30)}`;
  const text = random + checksum(random);
  store.secrets.set(digestOf(text), { ...SECRET, principal: { ...SECRET.principal, scopes: [scope] } });
  const authorizer = createAuthorizer({
    verification: { credentials: credentialTypesOf(profile), store, tracking: 'count' },
    presentation: profile.presentation,
    requirement: () => requirementFor(profile, route),
    now: () => NOW,
  });
  const [httpMethod = '', resource = ''] = route.split(' ');
  return authorizer({
    type: 'REQUEST',
    methodArn: `${STAGE}/${httpMethod}${resource}`,
    httpMethod,
    resource,
    path: resource,
    multiValueHeaders: { Authorization: [`Bearer ${text}`] },
    requestContext: { requestId: 'request-1', identity: { sourceIp: '203.0.113.7' } },
  } as unknown as APIGatewayRequestAuthorizerEvent);
}

describe('a function that serves 200 routes', () => {
  const { stack, api, fn } = ownApi(MANY_ROUTES);
  const routes = COLLECTIONS.flatMap((name) => [
    ...['GET', 'POST'].map((method) => `${method} /${name}`),
    ...['GET', 'PUT', 'DELETE'].map((method) => `${method} /${name}/{id}`),
  ]);
  for (const route of routes) {
    const [method = '', path = ''] = route.split(' ');
    api.addRoute(method, path, fn, { answersRateLimit: 'guard' });
  }
  const template = synthesized(stack);

  test('is invoked through one permission by the stage of its API, and by no other stage', () => {
    expect(propertiesOf(template, 'AWS::ApiGateway::Method')).toHaveLength(200);
    const permissions = propertiesOf(template, 'AWS::Lambda::Permission').filter(
      ({ FunctionName }) =>
        FunctionName['Fn::GetAtt'][0] ===
        Object.keys(template.findResources('AWS::Lambda::Function')).find((id) => id.startsWith('Fn')),
    );
    expect(permissions).toHaveLength(1);
    const [, parts] = permissions[0].SourceArn['Fn::Join'];
    expect(parts.at(-1)).toBe('/live/*');
    expect(JSON.stringify(permissions)).not.toContain('test-invoke');
    // As a statement of a resource policy, of which a function may have 20,480 bytes.
    expect(JSON.stringify(permissions).length).toBeLessThan(1_000);
  });

  test('fits into a template, and its authorizer’s variables into an environment', () => {
    expect(Object.keys(template.toJSON().Resources).length).toBeLessThanOrEqual(500);
    expect(Buffer.byteLength(JSON.stringify(template.toJSON()))).toBeLessThan(1_000_000);
    expect(propertiesOf(template, 'AWS::ApiGateway::Resource').length).toBeLessThanOrEqual(300);
    const { Variables } = propertiesOf(template, 'AWS::Lambda::Function').find(
      ({ Environment }) => Environment?.Variables.KEYWARD_GUARDED_ROUTES,
    ).Environment;
    expect(JSON.stringify(Variables).length).toBeLessThan(4_096);
  });

  test.each(routes.slice(-3))(
    'is reached by a key that may call it, the last routes too: %s',
    async (route) => {
      const { profile } = loadProfile(MANY_ROUTES);
      const { context, policyDocument } = await authorized(profile, route, 'all');
      const [method, path] = route.split(' ');
      expect(policyDocument.Statement).toEqual([
        { Action: 'execute-api:Invoke', Effect: 'Allow', Resource: [`${STAGE}/${method}${path}`] },
      ]);
      expect(Buffer.byteLength(JSON.stringify({ context, policyDocument }))).toBeLessThan(8_192);
      const refused = await authorized(profile, route, 'keys');
      expect(refused.policyDocument.Statement).toMatchObject([{ Effect: 'Deny' }]);
      expect(refused.context).toMatchObject({ code: 'insufficient_scope' });
      expect(lines).toHaveLength(1);
      expect(Buffer.byteLength(JSON.stringify(refused))).toBeLessThan(8_192);
    },
  );

  test('also fits if every route has a path of its own', () => {
    const { stack: flat, api: each, fn: one } = ownApi(MANY_ROUTES);
    for (let at = 0; at < 200; at += 1) each.addRoute('GET', `/things-0/part-${at}`, one);
    const { Resources } = synthesized(flat).toJSON();
    expect(Object.keys(Resources).length).toBeLessThanOrEqual(500);
    Annotations.fromStack(flat).hasNoWarning('*', Match.stringLikeRegexp('Resources per API'));
  });

  test('gets a warning if its paths have more parts than API Gateway’s default quota', () => {
    const { stack: deep, api: each, fn: one } = ownApi(MANY_ROUTES);
    for (let at = 0; at < 151; at += 1) each.addRoute('GET', `/things-0/part-${at}/{id}`, one);
    Annotations.fromStack(deep).hasWarning(
      '*',
      Match.stringLikeRegexp('more than 300 parts.*Resources per API'),
    );
  });

  test('is refused if its routes outgrow a template, with a sentence that says how to go on', () => {
    const { stack: large, api: big, fn: one } = ownApi(MANY_ROUTES);
    for (const name of COLLECTIONS)
      for (let part = 0; part < 6; part += 1) {
        big.addRoute('GET', `/${name}/part-${part}`, one);
        big.addRoute('POST', `/${name}/part-${part}`, one);
      }
    expect(() => synthesized(large)).toThrow(
      /The stack Own has \d+ resources, and CloudFormation takes 500\. 480 of them are methods of this API and 280 are parts of its paths\. Share the routes out over several APIs/,
    );
  });
});

test('an API refuses to cache the verdicts of a product whose policy would be too large, with a sentence', () => {
  const verdictCache = { ttl: Duration.seconds(30), checkedAgainBy: 'guard' } as const;
  expect(() => ownApi(MANY_ROUTES, { verdictCache })).toThrow(
    /The verdicts on credentials of many cannot be cached: the policy that names all its routes may have \d+ bytes, and API Gateway takes 8192/,
  );
});
