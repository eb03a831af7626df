import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import { App, Duration, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import {
  ApiDefinition,
  type CfnAuthorizer,
  CfnMethod,
  CfnResource,
  type IAuthorizer,
  IdentitySource,
  LambdaIntegration,
  RequestAuthorizer,
  RestApi,
  SpecRestApi,
  TokenAuthorizer,
} from 'aws-cdk-lib/aws-apigateway';
import {
  HttpApi,
  HttpMethod,
  HttpRoute,
  HttpRouteKey,
  type IHttpApi,
  type IHttpRoute,
} from 'aws-cdk-lib/aws-apigatewayv2';
import { HttpLambdaAuthorizer } from 'aws-cdk-lib/aws-apigatewayv2-authorizers';
import { HttpLambdaIntegration } from 'aws-cdk-lib/aws-apigatewayv2-integrations';
import { Code, type IFunction, Function as LambdaFunction, Runtime } from 'aws-cdk-lib/aws-lambda';
import { readGuardedRoutes } from '../../../core/verification/guarded-route.ts';
import { KeyAuthorizer } from '../../../lib/apis/key-authorizer.ts';
import { KeyTables } from '../../../lib/tables/key-tables.ts';
import { aliasOf, propertiesOf } from './own-apis.ts';

const directory = mkdtempSync(join(tmpdir(), 'keyward-authorizer-'));
afterAll(() => rmSync(directory, { recursive: true }));

/** Somebody's own stack, with a function and an authorizer of Keyward's. */
function ownStack(profile = 'standard') {
  const app = new App({
    outdir: mkdtempSync(join(directory, 'app-')),
    builtinCloudFormationValidation: false,
    context: { 'aws:cdk:bundling-stacks': [] },
  });
  const stack = new Stack(app, 'Own', { env: { account: '123456789012', region: 'eu-central-1' } });
  const tables = new KeyTables(stack, 'Tables', { profile });
  const authorizer = new KeyAuthorizer(stack, 'Authorizer', { tables });
  const fn = new LambdaFunction(stack, 'Fn', {
    runtime: Runtime.NODEJS_24_X,
    handler: 'index.handler',
    code: Code.fromInline('//'),
  });
  return { app, stack, tables, authorizer, fn };
}

const REST_API = 'AWS::ApiGateway::Authorizer';
const HTTP_API = 'AWS::ApiGatewayV2::Authorizer';

describe('rest guards the methods of a REST API', () => {
  const toFunction = (fn: LambdaFunction) => new LambdaIntegration(fn as IFunction);

  test.each([
    ['standard', '/users', 'method.request.header.Authorization'],
    ['supertone', '/v1/voices', 'method.request.header.x-sup-api-key'],
  ])('that exists, without a cache, by the header of %s', (profile, path, identitySource) => {
    const { stack, authorizer, fn } = ownStack(profile);
    const api = new RestApi(stack, 'Api');
    const resource = api.root.resourceForPath(path);
    resource.addMethod('GET', toFunction(fn), { authorizer: authorizer.rest });
    const template = Template.fromStack(stack);
    expect(propertiesOf(template, REST_API)).toMatchObject([
      { Type: 'REQUEST', AuthorizerResultTtlInSeconds: 0, IdentitySource: identitySource },
    ]);
    const guarded = propertiesOf(template, 'AWS::ApiGateway::Method');
    expect(guarded.map(({ AuthorizationType }) => AuthorizationType)).toEqual(['CUSTOM']);
  });

  test('that is imported, or described by a document', () => {
    const { stack, authorizer, fn } = ownStack();
    const imported = RestApi.fromRestApiAttributes(stack, 'Theirs', {
      restApiId: 'abcdef123',
      rootResourceId: 'root123',
    });
    imported.root.addResource('users').addMethod('GET', toFunction(fn), { authorizer: authorizer.rest });
    const described = new SpecRestApi(stack, 'Described', {
      apiDefinition: ApiDefinition.fromInline({
        openapi: '3.0.1',
        info: { title: 'x', version: '1' },
        components: { securitySchemes: { keyward: authorizer.securityScheme } },
        paths: { '/users': { get: { security: [{ keyward: [] }] } } },
      }),
    });
    expect(described.restApiId).toBeDefined();
    const template = Template.fromStack(stack);
    expect(propertiesOf(template, REST_API)[0]).toMatchObject({ RestApiId: 'abcdef123' });
    const [body] = propertiesOf(template, 'AWS::ApiGateway::RestApi').map(({ Body }) => Body);
    expect(body.components.securitySchemes.keyward['x-amazon-apigateway-authorizer']).toMatchObject({
      type: 'request',
      authorizerResultTtlInSeconds: 0,
      identitySource: 'method.request.header.Authorization',
    });
    const sources = propertiesOf(template, 'AWS::Lambda::Permission').map(({ SourceArn }) =>
      JSON.stringify(SourceArn),
    );
    expect(sources.some((source) => source.includes(':eu-central-1:123456789012:*/authorizers/*'))).toBe(
      true,
    );
  });

  test('of one API only, and only in its own stack', () => {
    const { stack, authorizer, fn } = ownStack();
    const add = (api: RestApi) =>
      api.root.addResource('users').addMethod('GET', toFunction(fn), { authorizer: authorizer.rest });
    add(new RestApi(stack, 'Api'));
    expect(() => add(new RestApi(stack, 'Second'))).toThrow('Own/Authorizer guards another REST API already');
    const other = ownStack();
    const elsewhere = new RestApi(new Stack(other.app, 'Elsewhere'), 'Api');
    expect(() => elsewhere.root.addMethod('GET', undefined, { authorizer: other.authorizer.rest })).toThrow(
      'Own/Authorizer is in another stack than Elsewhere/Api: make a KeyAuthorizer in the stack',
    );
  });

  test('and gives the API the bodies of the errors that it causes, and no others', () => {
    const { stack, authorizer, fn } = ownStack('supertone');
    const api = new RestApi(stack, 'Api');
    api.root.resourceForPath('/v1/voices').addMethod('GET', toFunction(fn), { authorizer: authorizer.rest });
    authorizer.addGatewayResponses(api, { allowedOrigins: ['https://a.example'] });
    const responses = propertiesOf(Template.fromStack(stack), 'AWS::ApiGateway::GatewayResponse');
    expect(responses.map(({ ResponseType, StatusCode }) => `${ResponseType} ${StatusCode}`).sort()).toEqual([
      'ACCESS_DENIED 403',
      'AUTHORIZER_CONFIGURATION_ERROR 503',
      'AUTHORIZER_FAILURE 503',
      'UNAUTHORIZED 401',
    ]);
    const unauthorized = responses.find(({ ResponseType }) => ResponseType === 'UNAUTHORIZED');
    expect(unauthorized.ResponseTemplates['application/json']).toContain('Invalid API Key');
    expect(unauthorized.ResponseParameters).toMatchObject({
      'gatewayresponse.header.Access-Control-Allow-Origin': "'https://a.example'",
      'gatewayresponse.header.WWW-Authenticate': expect.stringContaining('x-sup-api-key'),
    });
    expect(JSON.parse(authorizer.guardEnvironment.KEYWARD_ERRORS ?? '')).toEqual(authorizer.profile.errors);
  });

  test('a call beyond its limit reaches a function only where the guard was declared', () => {
    const { stack, authorizer, fn } = ownStack();
    const users = new RestApi(stack, 'Api').root.addResource('users');
    const get = users.addMethod('GET', toFunction(fn), { authorizer: authorizer.rest });
    users.addMethod('POST', toFunction(fn), { authorizer: authorizer.rest });
    const told = () =>
      propertiesOf(Template.fromStack(stack), 'AWS::Lambda::Function')
        .map(({ Environment }) => Environment?.Variables.KEYWARD_GUARDED_ROUTES)
        .find(Boolean);
    authorizer.addGuarded(get);
    const [apiId, marks] = told()['Fn::Join'][1];
    const isGuarded = readGuardedRoutes(`${apiId.Ref}${marks}`);
    expect(['GET /users', 'POST /users'].filter((route) => isGuarded(apiId.Ref, route))).toEqual([
      'GET /users',
    ]);
  });
});

describe('http guards the routes of an HTTP API', () => {
  test('in any stack, with simple answers and without a cache', () => {
    const { app, authorizer, fn } = ownStack();
    const stack = new Stack(app, 'Theirs', { env: { account: '123456789012', region: 'eu-central-1' } });
    const api = new HttpApi(stack, 'Api');
    const integration = new HttpLambdaIntegration('Users', fn as IFunction);
    api.addRoutes({ path: '/users', methods: [HttpMethod.GET], integration, authorizer: authorizer.http });
    api.addRoutes({
      path: '/users/{id}',
      methods: [HttpMethod.GET],
      integration,
      authorizer: authorizer.http,
    });
    const template = Template.fromStack(stack);
    expect(propertiesOf(template, HTTP_API)).toMatchObject([
      {
        AuthorizerPayloadFormatVersion: '2.0',
        AuthorizerResultTtlInSeconds: 0,
        EnableSimpleResponses: true,
        // A cache that somebody turns on by hand then holds an answer for each method of each route.
        IdentitySource: ['$request.header.Authorization', '$context.routeKey', '$context.httpMethod'],
      },
    ]);
    const routes = propertiesOf(template, 'AWS::ApiGatewayV2::Route');
    expect(routes.map(({ AuthorizationType }) => AuthorizationType)).toEqual(['CUSTOM', 'CUSTOM']);
  });

  test('of an imported one too, and a call beyond its limit reaches a function only where the guard was declared', () => {
    const { stack, authorizer, fn } = ownStack();
    const httpApi = HttpApi.fromHttpApiAttributes(stack, 'Theirs', { httpApiId: 'abcdef123' }) as IHttpApi;
    const integration = new HttpLambdaIntegration('Users', fn as IFunction);
    const add = (id: string, routeKey: HttpRouteKey) =>
      new HttpRoute(stack, id, { httpApi, routeKey, integration, authorizer: authorizer.http });
    authorizer.addGuarded(add('Any', HttpRouteKey.with('/users', HttpMethod.ANY)) as IHttpRoute);
    add('Put', HttpRouteKey.with('/users', HttpMethod.PUT));
    const functions = propertiesOf(Template.fromStack(stack), 'AWS::Lambda::Function');
    const told = functions.map(({ Environment }) => Environment?.Variables.KEYWARD_GUARDED_ROUTES);
    const isGuarded = readGuardedRoutes(told.find(Boolean));
    const routes = ['GET /users', 'PUT /users', 'GET /team'];
    expect(routes.filter((route) => isGuarded('abcdef123', route))).toEqual(['GET /users']);
  });
});

describe('synthesis refuses', () => {
  const guardBy = (stack: Stack, authorizer: IAuthorizer) =>
    new RestApi(stack, 'Api').root.addResource('users').addMethod('GET', undefined, { authorizer });

  test.each([
    ['by default, for five minutes', {}, 300],
    ['for a minute', { resultsCacheTtl: Duration.minutes(1) }, 60],
  ])('a hand-made authorizer over the function that caches %s', (_, ttl, seconds) => {
    const { app, stack, authorizer } = ownStack();
    const identitySources = [IdentitySource.header('Authorization')];
    const handler = authorizer as IFunction;
    guardBy(
      stack,
      new RequestAuthorizer(stack, 'ByHand', { handler, identitySources, ...ttl }) as IAuthorizer,
    );
    expect(() => app.synth()).toThrow(
      `Own/ByHand/Resource caches what Own/Authorizer decides for ${seconds} seconds: a revoked key would go on working`,
    );
  });

  test('one over an alias of the function, one of type TOKEN, and one of an HTTP API', () => {
    const { app, stack, authorizer } = ownStack();
    const identitySources = [IdentitySource.header('Authorization')];
    const alias = new RequestAuthorizer(stack, 'Aliased', {
      handler: aliasOf(stack, authorizer),
      identitySources,
    });
    guardBy(stack, alias as IAuthorizer);
    const token = new TokenAuthorizer(stack, 'Token', {
      handler: authorizer as IFunction,
      resultsCacheTtl: Duration.seconds(0),
    });
    new RestApi(stack, 'Second').root.addMethod('GET', undefined, { authorizer: token as IAuthorizer });
    new HttpApi(stack, 'Http', {
      defaultAuthorizer: new HttpLambdaAuthorizer('HttpByHand', authorizer as IFunction),
    }).addRoutes({ path: '/users', integration: new HttpLambdaIntegration('X', authorizer as IFunction) });
    const sentences = () => app.synth();
    expect(sentences).toThrow('Own/Aliased/Resource caches what Own/Authorizer decides');
    expect(sentences).toThrow('Own/Token/Resource is a TOKEN authorizer');
    expect(sentences).toThrow(
      'Own/Http/HttpByHand/Resource caches what Own/Authorizer decides for 300 seconds',
    );
  });

  test.each([
    [
      'by its property',
      (handedOut: CfnAuthorizer) => Object.assign(handedOut, { authorizerResultTtlInSeconds: 30 }),
    ],
    [
      'by overriding what the template says',
      (handedOut: CfnAuthorizer) => handedOut.addPropertyOverride('AuthorizerResultTtlInSeconds', 30),
    ],
  ])('a cache that somebody puts on the authorizer that was handed out, %s', (_, cacheBy) => {
    const { app, stack, authorizer } = ownStack();
    guardBy(stack, authorizer.rest);
    cacheBy(authorizer.node.findChild('Rest').node.defaultChild as CfnAuthorizer);
    expect(() => app.synth()).toThrow(
      'Own/Authorizer/Rest/Resource caches what Own/Authorizer decides for 30',
    );
  });

  const CACHED = { 'x-amazon-apigateway-authorizer': { authorizerResultTtlInSeconds: 60 } };
  const FOR_TOKENS = { 'x-amazon-apigateway-authorizer': { type: 'token' } };

  test.each([
    ['a cache', CACHED, 'caches what Own/Authorizer decides for 60 seconds'],
    ['the type TOKEN', FOR_TOKENS, 'is a TOKEN authorizer'],
  ])('a document that gives its security scheme %s', (_, changed, message) => {
    const { app, stack, authorizer } = ownStack();
    const scheme = authorizer.securityScheme as typeof CACHED;
    const name = 'x-amazon-apigateway-authorizer';
    // Somebody may change what was handed out, or a copy of it.
    const keyward = { ...scheme, [name]: { ...scheme[name], ...changed[name] } };
    new SpecRestApi(stack, 'Described', {
      apiDefinition: ApiDefinition.fromInline({
        openapi: '3.0.1',
        info: { title: 'x', version: '1' },
        components: { securitySchemes: { keyward } },
        paths: { '/users': { get: { security: [{ keyward: [] }] } } },
      }),
    });
    expect(() => app.synth()).toThrow(`Own/Described/Resource ${message}`);
  });

  test('a method of the lowest kind of construct that no key could call, wherever its path is known', () => {
    const { app, stack, authorizer } = ownStack();
    const api = new RestApi(stack, 'Api');
    const users = api.root.addResource('users');
    users.addMethod('GET', undefined, { authorizer: authorizer.rest });
    const { authorizerId } = authorizer.rest;
    const restApiId = api.restApiId;
    const part = (parentId: string, pathPart: string) =>
      new CfnResource(stack, pathPart, { parentId, pathPart, restApiId });
    const deeper = part(part(api.root.resourceId, 'nope').ref, 'deeper');
    const add = (id: string, resourceId: string) =>
      new CfnMethod(stack, id, {
        httpMethod: 'GET',
        resourceId,
        restApiId,
        authorizationType: 'CUSTOM',
        ...(authorizerId !== undefined && { authorizerId }),
      });
    add('OnRoot', api.root.resourceId);
    add('OnDeeper', deeper.ref);
    add('OnUnknown', 'abc123');
    const sentences = () => app.synth();
    expect(sentences).toThrow('The profile standard does not have GET /: every call');
    expect(sentences).toThrow('The profile standard does not have GET /nope/deeper: every call');
    expect(sentences).not.toThrow('abc123');
  });

  test('a route that no key could call, and a route without a path', () => {
    const { app, stack, authorizer, fn } = ownStack();
    new RestApi(stack, 'Api').root
      .addResource('nope')
      .addMethod('GET', undefined, { authorizer: authorizer.rest });
    new HttpApi(stack, 'Http', {
      defaultAuthorizer: authorizer.http,
      defaultIntegration: new HttpLambdaIntegration('X', fn as IFunction),
    });
    const sentences = () => app.synth();
    expect(sentences).toThrow(
      'The profile standard does not have GET /nope: every call would be answered 403.',
    );
    expect(sentences).toThrow('Own/Authorizer cannot guard the route $default');
  });

  test('and not a hand-made authorizer without a cache', () => {
    const { app, stack, authorizer } = ownStack();
    const made = new RequestAuthorizer(stack, 'ByHand', {
      handler: authorizer as IFunction,
      identitySources: [],
      resultsCacheTtl: Duration.seconds(0),
    });
    guardBy(stack, made as IAuthorizer);
    expect(() => app.synth()).not.toThrow();
  });
});
