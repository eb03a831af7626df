import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import { App, Duration, Stack, Stage } from 'aws-cdk-lib';
import { Annotations, Match, Template } from 'aws-cdk-lib/assertions';
import {
  AuthorizationType,
  CfnMethod,
  type IAuthorizer,
  LambdaIntegration,
} from 'aws-cdk-lib/aws-apigateway';
import { Alias, Code, type IFunction, Function as LambdaFunction, Runtime } from 'aws-cdk-lib/aws-lambda';
import type { APIGatewayRequestAuthorizerEvent } from 'aws-lambda';
import { checksum } from '../../core/checksum.ts';
import { digestOf } from '../../core/digest.ts';
import { readGuardedRoutes } from '../../core/guarded-route.ts';
import { credentialTypesOf, type Profile } from '../../core/profile.ts';
import { PROBLEMS } from '../../core/public-problem.ts';
import { requirementFor } from '../../core/requirement.ts';
import { createAuthorizer } from '../../lambdas/authorizer/authorizer.ts';
import { denialTexts } from '../../lambdas/authorizer/principal-context.ts';
import { AccountLogRole, type LogRoleSetter } from '../../lib/account-log-role.ts';
import { GuardedApi, type GuardedApiProps } from '../../lib/guarded-api.ts';
import { KeyTables } from '../../lib/key-tables.ts';
import { ProductAuthorizer } from '../../lib/product-authorizer.ts';
import { loadProfile } from '../../lib/profile-file.ts';
import { PropertyReader } from '../../local/assembly/json.ts';
import {
  type FailureType,
  readGatewayResponse,
  renderGatewayResponse,
  statusOf,
} from '../../local/gateway/gateway-response.ts';
import standard from '../../profiles/standard.json' with { type: 'json' };
import { memoryVerificationStore } from '../core/memory-verification-store.ts';
import { NOW, SECRET } from '../core/stored-secrets.ts';
import { capturedLog } from '../lambdas/captured-log.ts';
import { ERRORS, ERRORS_DATA, madeUpBody, REFUSED_BODIES } from '../made-up-errors.ts';

const lines = capturedLog();
const outdir = mkdtempSync(join(tmpdir(), 'keyward-guarded-'));
afterAll(() => rmSync(outdir, { recursive: true }));

const COLLECTIONS = Array.from({ length: 40 }, (_, index) => `things-${index}`);

/** A profile with so many routes that a policy could not name them all. */
function manyRoutes(): string {
  const path = join(outdir, 'many.json');
  const patterns = COLLECTIONS.map((name) => `* /${name}/**`);
  const profile = {
    ...{ name: 'many', realm: 'many', presentation: { kind: 'bearer' } },
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

/** The profile `standard` under another name, with more fields. */
function profileWith(name: string, fields: object): string {
  const path = join(outdir, `${name}.json`);
  writeFileSync(path, JSON.stringify({ ...standard, name, ...fields }));
  return path;
}

/** An API in somebody's own app: nothing of this repository's `cdk.json` reaches it. */
function ownApi(profileName = 'standard', props: Partial<GuardedApiProps> = {}) {
  const app = new App({
    outdir: join(outdir, 'out'),
    // It takes as long as all the rest, and only warns.
    builtinCloudFormationValidation: false,
    context: { 'aws:cdk:bundling-stacks': [] },
  });
  const stack = new Stack(app, 'Own', { env: { account: '123456789012', region: 'us-east-1' } });
  const profileFile = loadProfile(profileName);
  const { presentation, realm } = profileFile.profile;
  const tables = new KeyTables(stack, 'Keys', profileFile);
  const authorizer = new ProductAuthorizer(stack, 'Authorizer', { profileFile, tables });
  const shared = { description: 'Our API', presentation, realm };
  const api = new GuardedApi(stack, 'Api', { ...shared, authorizer, ...props });
  const makeFunction = (id: string) =>
    new LambdaFunction(stack, id, {
      ...{ runtime: Runtime.NODEJS_24_X, handler: 'index.handler', code: Code.fromInline('//') },
    });
  return { app, stack, tables, authorizer, api, makeFunction, fn: makeFunction('Fn') };
}

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
    ...{
      type: 'REQUEST',
      methodArn: `${STAGE}/${httpMethod}${resource}`,
      httpMethod,
      resource,
      path: resource,
    },
    multiValueHeaders: { Authorization: [`Bearer ${text}`] },
    requestContext: { requestId: 'request-1', identity: { sourceIp: '203.0.113.7' } },
  } as unknown as APIGatewayRequestAuthorizerEvent);
}

const synthesized = (stack: Stack) => Template.fromStack(stack);
// biome-ignore lint/suspicious/noExplicitAny: properties of every resource type.
const propertiesOf = (template: Template, type: string): any[] =>
  Object.values(template.findResources(type)).map(({ Properties }) => Properties);

describe('a function that serves 200 routes', () => {
  const { stack, api, fn } = ownApi(manyRoutes());
  for (const name of COLLECTIONS) {
    for (const method of ['GET', 'POST']) api.addRoute(method, `/${name}`, fn, { answersRateLimit: 'guard' });
    for (const method of ['GET', 'PUT', 'DELETE'])
      api.addRoute(method, `/${name}/{id}`, fn, { answersRateLimit: 'guard' });
  }
  const template = synthesized(stack);
  const routes = COLLECTIONS.flatMap((name) => [
    ...['GET', 'POST'].map((method) => `${method} /${name}`),
    ...['GET', 'PUT', 'DELETE'].map((method) => `${method} /${name}/{id}`),
  ]);

  test('may be invoked by the stage of its API through one permission, and by no other stage', () => {
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
      const { profile } = loadProfile(manyRoutes());
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

  test('fits as well where every route has a path of its own', () => {
    const { stack: flat, api: each, fn: one } = ownApi(manyRoutes());
    for (let at = 0; at < 200; at += 1) each.addRoute('GET', `/things-0/part-${at}`, one);
    const { Resources } = synthesized(flat).toJSON();
    expect(Object.keys(Resources).length).toBeLessThanOrEqual(500);
    Annotations.fromStack(flat).hasNoWarning('*', Match.stringLikeRegexp('Resources per API'));
  });

  test('comes with a warning where its paths have more parts than API Gateway takes by itself', () => {
    const { stack: deep, api: each, fn: one } = ownApi(manyRoutes());
    for (let at = 0; at < 151; at += 1) each.addRoute('GET', `/things-0/part-${at}/{id}`, one);
    Annotations.fromStack(deep).hasWarning(
      '*',
      Match.stringLikeRegexp('more than 300 parts.*Resources per API'),
    );
  });

  test('is refused with a sentence that says how to go on where its routes outgrow a template', () => {
    const { stack: large, api: big, fn: one } = ownApi(manyRoutes());
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

describe('the role by which API Gateway writes logs', () => {
  /** Of an app with two stacks, each with an API. */
  function twoApis(accountLogRole?: LogRoleSetter) {
    const { app, stack, tables, api, fn } = ownApi('standard', { accountLogRole });
    const second = new Stack(app, 'Second', { env: stack.env });
    const profileFile = loadProfile('standard');
    const { presentation, realm } = profileFile.profile;
    const authorizer = new ProductAuthorizer(second, 'Authorizer', { profileFile, tables });
    new GuardedApi(second, 'Api', {
      ...{ description: 'x', presentation, realm, authorizer, accountLogRole },
    }).addRoute('GET', '/users', authorizer);
    api.addRoute('GET', '/users', fn);
    return { stacks: [stack, second] as const, templates: [stack, second].map(synthesized) };
  }

  test('is there before the stage that needs it, in an app of somebody’s own too, and stays when its stack goes', () => {
    const { stack, api, fn } = ownApi();
    api.addRoute('GET', '/users', fn);
    const template = synthesized(stack);
    const [[id, account] = ['', {}], ...others] = Object.entries(
      template.findResources('AWS::ApiGateway::Account'),
    );
    expect(others).toEqual([]);
    const [stage] = Object.values(template.findResources('AWS::ApiGateway::Stage'));
    expect(stage?.DependsOn).toContain(id);
    const [roleId = ''] = account.Properties.CloudWatchRoleArn['Fn::GetAtt'];
    const role = template.toJSON().Resources[roleId];
    expect(JSON.stringify(role.Properties)).toContain('AmazonAPIGatewayPushToCloudWatchLogs');
    for (const { DeletionPolicy, UpdateReplacePolicy } of [account, role])
      expect([DeletionPolicy, UpdateReplacePolicy]).toEqual(['Retain', 'Retain']);
  });

  test('is one for all stacks of an app, in the one that is deployed first', () => {
    const { stacks, templates } = twoApis();
    const [first, second] = templates;
    first?.resourceCountIs('AWS::ApiGateway::Account', 1);
    second?.resourceCountIs('AWS::ApiGateway::Account', 0);
    expect(stacks[1].dependencies).toContain(stacks[0]);
  });

  test('is another one in another Region, and in another stage of a pipeline', () => {
    const { app, stack, authorizer } = ownApi();
    const rolesFor = (scope: Stack) => AccountLogRole.for(scope);
    const elsewhere = new Stack(app, 'Elsewhere', { env: { account: '123456789012', region: 'eu-west-1' } });
    const beside = new Stack(app, 'Beside', { env: stack.env });
    const staged = new Stack(new Stage(app, 'Later'), 'Own', { env: stack.env });
    expect(authorizer.stack).toBe(stack);
    const [own, other, same, later] = [stack, elsewhere, beside, staged].map(rolesFor);
    expect(new Set([own, other, later]).size).toBe(3);
    expect(same).toBe(own);
  });

  test('is left alone where something else manages it', () => {
    for (const template of twoApis('managed-elsewhere').templates) {
      template.resourceCountIs('AWS::ApiGateway::Account', 0);
      expect(JSON.stringify(template.findResources('AWS::IAM::Role'))).not.toContain(
        'apigateway.amazonaws.com',
      );
    }
  });
});

describe('a deployment', () => {
  const idFor = (ttl: number) => {
    const { stack, api, fn } = ownApi(
      'supertone',
      ttl === 0 ? {} : { verdictCache: { ttl: Duration.seconds(ttl), checkedAgainBy: 'guard' } },
    );
    api.addRoute('GET', '/v1/voices', fn);
    return Object.keys(synthesized(stack).findResources('AWS::ApiGateway::Deployment'));
  };

  test('is another one whenever the authorizer’s time or identity sources change, in any app', () => {
    const [none, thirty, sixty, noneAgain] = [0, 30, 60, 0].map(idFor);
    expect(noneAgain).toEqual(none);
    expect(new Set([none, thirty, sixty].flat()).size).toBe(3);
  });

  test('is another one when a route goes to another function', () => {
    const idOf = (name: string) => {
      const { stack, api, makeFunction } = ownApi();
      api.addRoute('GET', '/users', makeFunction(name));
      return Object.keys(synthesized(stack).findResources('AWS::ApiGateway::Deployment'))[0];
    };
    expect(idOf('One')).not.toBe(idOf('Other'));
  });
});

describe('a route is refused where it is added', () => {
  const { api, fn, tables } = ownApi();

  test.each([
    [
      'GET',
      '/nope',
      'The profile standard does not have GET /nope: every call would be answered 403. Add it to its routes and to what one of its scopes grants, or leave the route out.',
    ],
    ['ANY', '/nope/{id}', 'does not have ANY /nope/{id}'],
    ['get', '/users', 'the method must be ANY or one of GET'],
    ['GET', '/users/', 'the path must begin with a slash and not end with one'],
    ['GET', 'users', 'the path must begin with a slash'],
    ['GET', '//users', 'the path must begin with a slash'],
    ['GET', '/{all+}/users', 'the path must begin with a slash'],
  ])('%s %s', (method, path, sentence) => {
    expect(() => api.addRoute(method, path, fn)).toThrow(sentence);
    expect(() => api.addSelfVerifyingRoute(method, path, fn, tables)).toThrow(sentence);
  });

  test.each(['/users', '/users/{id}', '/users/{rest+}', '/users/{id}/photos:all'])(
    'and %s is not',
    (path) => {
      const { api, fn } = ownApi();
      expect(() => api.addRoute('GET', path, fn)).not.toThrow();
    },
  );

  test('if it is none of the MCP server’s: its guard decides by the message there', () => {
    const { api, fn, tables } = ownApi('sophic');
    expect(() => api.addSelfVerifyingRoute('POST', '/api/mcp', fn, tables)).not.toThrow();
    expect(() => api.addSelfVerifyingRoute('POST', '/api/mcp/other', fn, tables)).toThrow('does not have');
  });

  test.each(['', 'a "quoted" realm', "it's", 'back\\slash', 'two\nlines', 'caf\u00e9'])(
    'with the realm %j',
    (realm) => {
      expect(() => ownApi('standard', { realm })).toThrow(
        'The realm must be 1 to 100 printable ASCII characters',
      );
    },
  );
});

describe('an alias, a version and an imported function', () => {
  test('serve routes; what is made here is told what it needs', () => {
    const { stack, api, fn, tables } = ownApi();
    api.addRoute(
      'GET',
      '/users',
      new Alias(stack, 'Live', { aliasName: 'live', version: fn.currentVersion }),
    );
    api.addSelfVerifyingRoute('POST', '/users', fn.currentVersion, tables);
    const template = synthesized(stack);
    template.hasResourceProperties('AWS::Lambda::Function', {
      Environment: { Variables: { KEYWARD_STACK: 'Own', KEYWARD_SECRETS_TABLE: Match.anyValue() } },
    });
    expect(propertiesOf(template, 'AWS::Lambda::Permission')).toHaveLength(3);
  });

  test('a warning says what has to be set by hand on a function that is made elsewhere', () => {
    const { stack, api, tables } = ownApi();
    const functionArn = 'arn:aws:lambda:us-east-1:123456789012:function:theirs';
    const theirs = LambdaFunction.fromFunctionAttributes(stack, 'Theirs', {
      functionArn,
      sameEnvironment: true,
    });
    api.addRoute('GET', '/users', theirs);
    api.addSelfVerifyingRoute('POST', '/users', theirs, tables);
    synthesized(stack);
    const warned = (text: string) =>
      Annotations.fromStack(stack).hasWarning('*', Match.stringLikeRegexp(text));
    warned('KEYWARD_STACK has to be set on it by hand, to Own');
    warned('KEYWARD_SECRETS_TABLE has to be set on it by hand');
  });
});

describe('a call beyond its limit is handed on only where the route says that its function holds the guard', () => {
  /** What the authorizer's function is told, as it would read it. */
  function guardedIn(stack: Stack): (route: string) => boolean {
    const template = synthesized(stack);
    const functions = propertiesOf(template, 'AWS::Lambda::Function');
    const told = functions
      .map(({ Environment }) => Environment?.Variables.KEYWARD_GUARDED_ROUTES)
      .find(Boolean);
    const text =
      told?.['Fn::Join'][1]
        .map((part: string | { Ref: string }) => (typeof part === 'string' ? part : part.Ref))
        .join('') ?? '';
    const [apiId = ''] = Object.keys(template.findResources('AWS::ApiGateway::RestApi'));
    const isGuarded = readGuardedRoutes(text);
    expect(isGuarded('another-api', 'GET /users')).toBe(false);
    return (route) => isGuarded(apiId, route);
  }
  const GUARD = { answersRateLimit: 'guard' } as const;
  const authorizerOf = (api: GuardedApi) => api.node.findChild('Authorizer') as unknown as IAuthorizer;
  const addDirectly = (api: GuardedApi, method: string, path: string, fn: IFunction) =>
    api.restApi.root.resourceForPath(path).addMethod(method, new LambdaIntegration(fn), {
      ...{ authorizer: authorizerOf(api), authorizationType: AuthorizationType.CUSTOM },
    });

  test('and never by default, for an alias, or for a method that somebody adds to the API itself', () => {
    const { stack, api, fn } = ownApi();
    api.addRoute('GET', '/users', fn, GUARD);
    api.addRoute('POST', '/users', fn);
    api.addRoute(
      'GET',
      '/projects',
      new Alias(stack, 'Live', { aliasName: 'live', version: fn.currentVersion }),
    );
    addDirectly(api, 'PUT', '/users/{id}', fn);
    const isGuarded = guardedIn(stack);
    const routes = [
      'GET /users',
      'POST /users',
      'GET /projects',
      'PUT /users/{id}',
      'GET /users/{id}',
      'GET /',
    ];
    expect(routes.filter(isGuarded)).toEqual(['GET /users']);
  });

  test('ANY says it of the methods that its resource does not have by name', () => {
    const { stack, api, fn } = ownApi();
    api.addRoute('ANY', '/users', fn, GUARD);
    addDirectly(api, 'DELETE', '/users', fn);
    const { resourceId } = api.restApi.root.resourceForPath('/users');
    new CfnMethod(stack, 'Bare', {
      ...{ httpMethod: 'PATCH', resourceId, restApiId: api.restApi.restApiId, authorizationType: 'CUSTOM' },
      authorizerId: authorizerOf(api).authorizerId,
    });
    const isGuarded = guardedIn(stack);
    const methods = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD', 'OPTIONS'];
    expect(methods.filter((method) => !isGuarded(`${method} /users`))).toEqual(['PATCH', 'DELETE']);
  });

  test('an authorizer that serves two APIs knows them apart', () => {
    const { stack, api, fn, authorizer } = ownApi();
    api.addRoute('GET', '/users', fn, GUARD);
    const second = new GuardedApi(stack, 'Second', {
      description: 'x',
      presentation: { kind: 'bearer' },
      realm: 'x',
      authorizer,
    });
    second.addRoute('GET', '/projects', fn, GUARD);
    const isGuarded = guardedIn(stack);
    const apiIds = Object.keys(synthesized(stack).findResources('AWS::ApiGateway::RestApi'));
    expect(apiIds).toHaveLength(2);
    expect([isGuarded('GET /users'), isGuarded('GET /projects')]).toEqual([true, false]);
  });

  test('and where the authorizer knows of no limits, saying it is refused', () => {
    const { api, fn } = ownApi('standard', {});
    const other = new GuardedApi(Stack.of(api), 'Other', {
      description: 'x',
      presentation: { kind: 'bearer' },
      realm: 'x',
      authorizer: fn,
    });
    expect(() => other.addRoute('GET', '/users', fn, GUARD)).toThrow(
      'answersRateLimit needs a ProductAuthorizer',
    );
  });
});

describe('the errors that API Gateway answers by itself, of a product whose profile says how they look', () => {
  const { stack, api, fn } = ownApi(profileWith('worded', { errors: ERRORS_DATA }));
  api.addRoute('GET', '/users', fn);
  const template = synthesized(stack);
  const responses = new Map(
    Object.entries(template.findResources('AWS::ApiGateway::GatewayResponse')).map(([id, { Properties }]) => [
      Properties.ResponseType as string,
      readGatewayResponse({ id, properties: new PropertyReader(id, Properties) } as never),
    ]),
  );
  /** As the local gateway answers it, with what the authorizer has put into its context. */
  const answerTo = (type: FailureType, context: object = {}) => {
    const values: Readonly<Record<string, unknown>> = { requestId: 'request-1', ...context };
    const lookup = (name: string) =>
      values[name.replace(/^context\.(authorizer\.)?/, '')] as string | undefined;
    const { statusCode, body } = renderGatewayResponse({ type, message: null }, responses, {
      accept: undefined,
      lookup,
    });
    return { statusCode, body: JSON.parse(body.toString('utf8')) };
  };

  test('are those of the template, in the words of the profile', () => {
    expect(answerTo('UNAUTHORIZED')).toEqual({ statusCode: 401, body: REFUSED_BODIES.unauthorized });
    for (const [denied, body] of [
      [{ code: 'forbidden' }, REFUSED_BODIES.forbidden],
      [{ code: 'insufficient_scope', requiredScope: 'write:all' }, REFUSED_BODIES.lacking('write:all')],
    ] as const)
      expect(answerTo('ACCESS_DENIED', denialTexts(denied, ERRORS))).toEqual({ statusCode: 403, body });
    expect(answerTo('THROTTLED')).toEqual({
      statusCode: 429,
      body: { slow_down: PROBLEMS.throttled.detail, http: 429 },
    });
    expect(answerTo('MISSING_AUTHENTICATION_TOKEN').body).toEqual(
      madeUpBody(404, 'not_found', 'Not Found', 'Nothing here'),
    );
  });

  test.each<FailureType>([
    ...(['UNAUTHORIZED', 'ACCESS_DENIED', 'THROTTLED', 'QUOTA_EXCEEDED', 'WAF_FILTERED'] as const),
    ...(['INVALID_API_KEY', 'UNSUPPORTED_MEDIA_TYPE', 'BAD_REQUEST', 'BAD_REQUEST_BODY'] as const),
    ...(['RESOURCE_NOT_FOUND', 'MISSING_AUTHENTICATION_TOKEN', 'EXPIRED_TOKEN'] as const),
    ...(['AUTHORIZER_FAILURE', 'API_CONFIGURATION_ERROR', 'INTEGRATION_TIMEOUT', 'BAD_GATEWAY'] as const),
  ])('have one status, in the answer as in the body: %s', (type) => {
    const { statusCode, body } = answerTo(type, denialTexts({ code: 'forbidden' }, ERRORS));
    expect(body.http ?? body.error.http).toBe(statusCode);
    const own = statusOf(type);
    // A path that does not exist is 404, whatever API Gateway takes it for.
    if (type.endsWith('TOKEN')) expect(statusCode).toBe(404);
    else if (own < 500) expect(statusCode).toBe(own);
    else expect(statusCode).toBeGreaterThanOrEqual(500);
  });

  test('print nothing that a caller controls', () => {
    const fixed = /^\$context\.(requestId|authorizer\.(code|title|detail|requiredScope(Value|Member)?))$/;
    for (const { templates } of responses.values()) {
      const printed = [...(templates['application/json'] ?? '').matchAll(/\$[\w.]+/g)].map(([name]) => name);
      expect(printed.filter((name) => !fixed.test(name))).toEqual([]);
    }
  });

  test('a function behind the authorizer is told of them', () => {
    const [variables] = propertiesOf(template, 'AWS::Lambda::Function')
      .map(({ Environment }) => Environment?.Variables.KEYWARD_ERRORS)
      .filter((value) => value !== undefined);
    expect(JSON.parse(variables)).toEqual(ERRORS);
  });
});

test('an API of functions that verify by themselves is refused where it forgets how the profile’s errors look', () => {
  const path = profileWith('worded', { errors: ERRORS_DATA });
  const { presentation, realm, errors } = loadProfile(path).profile;
  const { stack, tables, fn } = ownApi(path);
  const shared = { description: 'Alone', presentation, realm };
  const forgetful = new GuardedApi(stack, 'Forgetful', shared);
  expect(() => forgetful.addSelfVerifyingRoute('GET', '/users', fn, tables)).toThrow(
    'The profile worded says how errors look, and this API does not: give it `errors: profile.errors`.',
  );
  const api = new GuardedApi(stack, 'Alone', { ...shared, errors });
  expect(() => api.addSelfVerifyingRoute('GET', '/users', fn, tables)).not.toThrow();
});

describe('an API', () => {
  test('keeps its default endpoint open unless it is told to close it', () => {
    const closed = (props: Partial<GuardedApiProps>) => {
      const { stack, api, fn } = ownApi('standard', props);
      api.addRoute('GET', '/users', fn);
      return (
        propertiesOf(synthesized(stack), 'AWS::ApiGateway::RestApi')[0].DisableExecuteApiEndpoint ?? false
      );
    };
    expect([closed({}), closed({ closesDefaultEndpoint: true })]).toEqual([false, true]);
  });

  test('that keeps verdicts is refused with methods that were added to it directly, if a policy reaches them', () => {
    const ttl = Duration.seconds(30);
    const { stack, api, fn } = ownApi('supertone', { verdictCache: { ttl, checkedAgainBy: 'guard' } });
    api.restApi.root
      .resourceForPath('/v1/voices/{voice_id}/samples')
      .addMethod('GET', new LambdaIntegration(fn), {
        authorizer: api.node.findChild('Authorizer') as unknown as IAuthorizer,
        authorizationType: AuthorizationType.CUSTOM,
      });
    expect(() => synthesized(stack)).toThrow('reaches GET /v1/voices/{voice_id}/samples');
  });

  test('does not keep the verdicts of a product whose policy would be too large, and a sentence says so', () => {
    const verdictCache = { ttl: Duration.seconds(30), checkedAgainBy: 'guard' } as const;
    expect(() => ownApi(manyRoutes(), { verdictCache })).toThrow(
      /The verdicts on credentials of many cannot be kept: the policy that names all its routes may have \d+ bytes, and API Gateway takes 8192/,
    );
  });
});

describe('an API that pages of other origins may call', () => {
  const ORIGINS = ['https://app.example.com', 'http://localhost:5173'];
  const build = (props: Partial<GuardedApiProps> = {}, profileName = 'standard') => {
    const { stack, api, fn } = ownApi(profileName, { allowedOrigins: ORIGINS, ...props });
    const path = profileName === 'supertone' ? '/v1/voices' : '/users';
    api.addRoute('GET', path, fn);
    if (profileName !== 'supertone') {
      api.addRoute('POST', path, fn);
      api.addRoute('ANY', `${path}/{id}`, fn);
    }
    return synthesized(stack);
  };
  const methodsOf = (template: Template) => propertiesOf(template, 'AWS::ApiGateway::Method');
  const optionsOf = (template: Template) =>
    methodsOf(template).filter(({ HttpMethod }) => HttpMethod === 'OPTIONS');
  const gatewayHeaders = (template: Template) =>
    new Map<string, Record<string, string>>(
      propertiesOf(template, 'AWS::ApiGateway::GatewayResponse').map(
        ({ ResponseType, ResponseParameters }) => [ResponseType, ResponseParameters],
      ),
    );
  const ALLOW = 'gatewayresponse.header.Access-Control-Allow-Origin';

  test('answers OPTIONS once on each resource, without an authorizer and without a function', () => {
    const template = build({ allowedHeaders: ['X-Trace', 'authorization'] });
    const options = optionsOf(template);
    const resources = methodsOf(template).map(({ ResourceId }) => JSON.stringify(ResourceId));
    expect(options.map(({ ResourceId }) => JSON.stringify(ResourceId)).sort()).toEqual(
      [...new Set(resources)].sort(),
    );
    for (const { AuthorizationType, AuthorizerId, ApiKeyRequired, Integration } of options) {
      expect({ AuthorizationType, AuthorizerId, ApiKeyRequired }).toEqual({ AuthorizationType: 'NONE' });
      expect(Integration.Type).toBe('MOCK');
      const [{ StatusCode, ResponseParameters, ResponseTemplates }, ...others] =
        Integration.IntegrationResponses;
      expect({ StatusCode, others }).toEqual({ StatusCode: '204', others: [] });
      expect(ResponseParameters).toMatchObject({
        'method.response.header.Vary': "'Origin'",
        'method.response.header.Access-Control-Allow-Headers': expect.stringMatching(
          /^'Authorization, Content-Type, Idempotency-Key, .*, X-Trace'$/,
        ),
      });
      expect(ResponseParameters).not.toHaveProperty(['method.response.header.Access-Control-Allow-Origin']);
      const [text] = Object.values(ResponseTemplates) as string[];
      for (const origin of ORIGINS)
        expect(text).toContain(
          `#set($context.responseOverride.header.Access-Control-Allow-Origin = "${origin}")`,
        );
      expect(text?.match(/responseOverride/g)).toHaveLength(ORIGINS.length);
    }
    const listed = options.map(
      ({ Integration }) =>
        Integration.IntegrationResponses[0].ResponseParameters[
          'method.response.header.Access-Control-Allow-Methods'
        ],
    );
    expect(listed.sort()).toEqual(["'GET, POST'", "'GET, POST, PUT, PATCH, DELETE, HEAD'"]);
  });

  test('never lets every page in: no header and no template holds a *', () => {
    const template = build();
    const holding = [
      ...propertiesOf(template, 'AWS::ApiGateway::GatewayResponse').map(
        ({ ResponseParameters }) => ResponseParameters,
      ),
      ...optionsOf(template).map(({ Integration }) => Integration),
    ];
    expect(holding.length).toBeGreaterThan(10);
    expect(JSON.stringify(holding)).not.toContain('*');
    expect(JSON.stringify(holding)).not.toMatch(/"method\.request\.header\.origin"/i);
    expect(() => build({ allowedOrigins: ['*'] })).toThrow(
      'allowedOrigins holds "*": name each origin, since * would let in pages that you did not name.',
    );
    expect(() => build({ allowedOrigins: [] })).toThrow('allowedOrigins must be a list of origins');
    for (const name of ['*', 'X Trace', '', "X'"])
      expect(() => build({ allowedHeaders: [name] })).toThrow('allowedHeaders must be names of headers');
  });

  test('names in API Gateway’s own answers the only origin, or the first; in what the authorizer denies, the one that asked', () => {
    const several = gatewayHeaders(build());
    const one = gatewayHeaders(build({ allowedOrigins: ORIGINS.slice(0, 1) }));
    expect(one.size).toBeGreaterThan(10);
    for (const [type, headers] of several) {
      const isDenial = type === 'ACCESS_DENIED';
      expect({ type, allows: headers[ALLOW] }).toEqual({
        type,
        allows: isDenial ? 'context.authorizer.allowedOrigin' : `'${ORIGINS[0]}'`,
      });
      expect(headers['gatewayresponse.header.Vary']).toBe("'Origin'");
      expect(headers['gatewayresponse.header.Access-Control-Expose-Headers']).toMatch(
        /^'Retry-After, RateLimit, RateLimit-Policy, WWW-Authenticate, X-Amzn-Remapped-WWW-Authenticate, /,
      );
      expect(one.get(type)?.[ALLOW]).toBe(`'${ORIGINS[0]}'`);
    }
    // A kept verdict would name the page that asked first.
    const verdictCache = { ttl: Duration.seconds(30), checkedAgainBy: 'guard' } as const;
    const kept = gatewayHeaders(build({ verdictCache }, 'supertone'));
    expect(kept.get('ACCESS_DENIED')?.[ALLOW]).toBe(`'${ORIGINS[0]}'`);
  });

  test('lets pages send the header that a product takes its credential in, and the one that names a workspace', () => {
    const acceptedBy = (profileName: string, path: string): string => {
      const { stack, api, fn } = ownApi(profileName, { allowedOrigins: ORIGINS });
      api.addRoute('GET', path, fn);
      const [response] = optionsOf(synthesized(stack)).flatMap(
        ({ Integration }) => Integration.IntegrationResponses,
      );
      return response.ResponseParameters['method.response.header.Access-Control-Allow-Headers'];
    };
    expect(acceptedBy('supertone', '/v1/voices')).toContain('x-sup-api-key');
    expect(acceptedBy('sophic', '/api/v1/documents')).toContain('x-sophic-workspace');
  });

  test('has no other OPTIONS, which says so', () => {
    const { api, fn } = ownApi('standard', { allowedOrigins: ORIGINS });
    expect(() => api.addPublicRoute('OPTIONS', '/users', fn)).toThrow(
      'OPTIONS /users: leave it out, since API Gateway answers it where allowedOrigins are given.',
    );
  });
});
