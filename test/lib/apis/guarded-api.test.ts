import { describe, expect, test } from '@jest/globals';
import { Duration, Stack } from 'aws-cdk-lib';
import { Annotations, Match } from 'aws-cdk-lib/assertions';
import {
  AuthorizationType,
  CfnMethod,
  type IAuthorizer,
  LambdaIntegration,
} from 'aws-cdk-lib/aws-apigateway';
import { type IFunction, Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import { readGuardedRoutes } from '../../../core/verification/guarded-route.ts';
import { GuardedApi } from '../../../lib/apis/guarded-api.ts';
import type { GuardedApiProps } from '../../../lib/apis/guarded-api-props.ts';
import { aliasOf, ownApis, propertiesOf, synthesized, versionOf } from './own-apis.ts';

const { ownApi } = ownApis();

describe('the stage gets a new deployment', () => {
  const idFor = (ttl: number) => {
    const { stack, api, fn } = ownApi(
      'supertone',
      ttl === 0 ? {} : { verdictCache: { ttl: Duration.seconds(ttl), checkedAgainBy: 'guard' } },
    );
    api.addRoute('GET', '/v1/voices', fn);
    return Object.keys(synthesized(stack).findResources('AWS::ApiGateway::Deployment'));
  };

  test('whenever the authorizer’s cache time or identity sources change, in any app', () => {
    const [none, thirty, sixty, noneAgain] = [0, 30, 60, 0].map(idFor);
    expect(noneAgain).toEqual(none);
    expect(new Set([none, thirty, sixty].flat()).size).toBe(3);
  });

  test('when a route goes to another function', () => {
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
    ['GET', '/{all+}/users', 'the path must have a parameter such as {all+} as its last part only'],
    ['GET', '/users/*', 'the path must be exact, without a wildcard'],
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

  test('on an MCP server at any path but that of MCP, because the guard there decides by the message', () => {
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
  test('can serve routes, and a function of this app gets the variables that it needs', () => {
    const { stack, api, fn, tables } = ownApi();
    api.addRoute('GET', '/users', aliasOf(stack, fn));
    api.addSelfVerifyingRoute('POST', '/users', versionOf(fn), tables);
    const template = synthesized(stack);
    template.hasResourceProperties('AWS::Lambda::Function', {
      Environment: { Variables: { KEYWARD_STACK: 'Own', KEYWARD_SECRETS_TABLE: Match.anyValue() } },
    });
    expect(propertiesOf(template, 'AWS::Lambda::Permission')).toHaveLength(3);
  });

  test('that is made elsewhere comes with a warning that says what to set on it by hand', () => {
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
    warned('set KEYWARD_STACK on it by hand, to Own');
    warned('set KEYWARD_SECRETS_TABLE on it by hand');
  });
});

describe('a call beyond its limit reaches a function only if the route says that the function holds the guard', () => {
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
      authorizer: authorizerOf(api),
      authorizationType: AuthorizationType.CUSTOM,
    });

  test('so never by default, through an alias, or for a method that was added to the API directly', () => {
    const { stack, api, fn } = ownApi();
    api.addRoute('GET', '/users', fn, GUARD);
    api.addRoute('POST', '/users', fn);
    api.addRoute('GET', '/projects', aliasOf(stack, fn));
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

  test('and a route for ANY says so for the methods that its resource does not have by name', () => {
    const { stack, api, fn } = ownApi();
    api.addRoute('ANY', '/users', fn, GUARD);
    addDirectly(api, 'DELETE', '/users', fn);
    const { resourceId } = api.restApi.root.resourceForPath('/users');
    new CfnMethod(stack, 'Bare', {
      httpMethod: 'PATCH',
      resourceId,
      restApiId: api.restApi.restApiId,
      authorizationType: 'CUSTOM',
      authorizerId: authorizerOf(api).authorizerId,
    });
    const isGuarded = guardedIn(stack);
    const methods = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD', 'OPTIONS'];
    expect(methods.filter((method) => !isGuarded(`${method} /users`))).toEqual(['PATCH', 'DELETE']);
  });

  test('and an authorizer that serves two APIs tells their routes apart', () => {
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

  test('and such a route is refused if the authorizer knows no limits', () => {
    const { api, fn } = ownApi('standard', {});
    const other = new GuardedApi(Stack.of(api), 'Other', {
      description: 'x',
      presentation: { kind: 'bearer' },
      realm: 'x',
      authorizer: fn,
    });
    expect(() => other.addRoute('GET', '/users', fn, GUARD)).toThrow(
      'answersRateLimit needs a KeyAuthorizer',
    );
  });
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

  test('that caches verdicts is refused if a cached policy reaches methods that were added to it directly', () => {
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
});
