import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { Duration, Stack } from 'aws-cdk-lib';
import {
  AuthorizationType,
  IdentitySource,
  LambdaIntegration,
  RequestAuthorizer,
  ResponseType,
} from 'aws-cdk-lib/aws-apigateway';
import { send } from './http.ts';
import { restApi, runSmallApp, type SmallRun, Workshop } from './small-app.ts';

/** The credential of a request is the name of what the authorizer shall do. */
const AUTHORIZER = `
let calls = 0;
const base = (arn) => arn.split('/').slice(0, 2).join('/');
const policy = (effect, ...resources) => ({
  Version: '2012-10-17',
  Statement: [{ Effect: effect, Action: 'execute-api:Invoke', Resource: resources }],
});
export const handler = async (event) => {
  calls += 1;
  console.log(JSON.stringify({ calls, event }));
  const said = event.headers.Authorization ?? event.headers.authorization ?? event.queryStringParameters.token;
  const all = policy('Allow', base(event.methodArn) + '/*');
  const context = { text: 'a "quoted" text', number: 7, truth: true };
  const answers = {
    allow: () => ({ principalId: 'caller', policyDocument: all, context }),
    'only-one': () => ({ principalId: 'caller', policyDocument: policy('Allow', base(event.methodArn) + '/GET/one/*') }),
    deny: () => ({ principalId: 'caller', policyDocument: policy('Deny', '*'), context: { reason: 'too_old' } }),
    both: () => ({
      principalId: 'caller',
      policyDocument: { Version: '2012-10-17', Statement: [...all.Statement, ...policy('Deny', '*/GET/one').Statement] },
    }),
    'another-method': () => ({ principalId: 'caller', policyDocument: policy('Allow', base(event.methodArn) + '/POST/*') }),
    'no-principal': () => ({ policyDocument: all }),
    'no-policy': () => ({ principalId: 'caller' }),
    'nested-context': () => ({ principalId: 'caller', policyDocument: all, context: { a: { b: 1 } } }),
    'null-context': () => ({ principalId: 'caller', policyDocument: all, context: { a: null } }),
    'long-resource': () => ({ principalId: 'caller', policyDocument: policy('Allow', '*' + 'x'.repeat(512)) }),
    'long-policy': () => ({ principalId: 'caller', policyDocument: policy('Allow', ...Array(30).fill('*' + 'x'.repeat(400))) }),
    'not-an-object': () => 'Unauthorized',
    unauthorized: () => { throw new Error('Unauthorized'); },
    'almost-unauthorized': () => { throw new Error('Unauthorized.'); },
    slow: () => new Promise(() => setTimeout(() => {}, 60_000)),
  };
  return answers[said]();
};`;
const BACKEND =
  'export const handler = async (event) => ({ statusCode: 200, body: JSON.stringify(event.requestContext.authorizer ?? null) });';

const workshop = new Workshop();
const now = { value: 1_800_000_000_000 };
let app: SmallRun;

beforeAll(async () => {
  const directory = workshop.synthesize((cdk) => {
    const stack = new Stack(cdk, 'Guarded');
    const handler = workshop.lambda(stack, 'Authorizer', AUTHORIZER, { timeout: Duration.seconds(20) });
    const hasty = workshop.lambda(stack, 'Hasty', AUTHORIZER, { timeout: Duration.seconds(1) });
    const backend = new LambdaIntegration(workshop.lambda(stack, 'Backend', BACKEND));
    const api = restApi(stack, { deployOptions: { variables: { flavour: 'plain' } } });
    const authorizer = (id: string, ttlSeconds: number, identitySources: string[]) => ({
      authorizationType: AuthorizationType.CUSTOM,
      authorizer: new RequestAuthorizer(stack, id, {
        handler,
        identitySources,
        resultsCacheTtl: Duration.seconds(ttlSeconds),
      }),
    });
    const header = IdentitySource.header('Authorization');
    const fresh = authorizer('Fresh', 0, [header]);
    const cached = authorizer('Cached', 60, [header]);
    const manySources = [
      header,
      IdentitySource.queryString('token'),
      IdentitySource.stageVariable('flavour'),
      IdentitySource.context('httpMethod'),
    ];
    api.root.addResource('fresh').addMethod('ANY', backend, fresh);
    api.root.addResource('hasty').addMethod('GET', backend, {
      authorizationType: AuthorizationType.CUSTOM,
      authorizer: new RequestAuthorizer(stack, 'InASecond', { handler: hasty, identitySources: [header] }),
    });
    api.root.addResource('sourceless').addMethod('GET', backend, authorizer('Sourceless', 0, []));
    api.root.addResource('many').addMethod('GET', backend, authorizer('Many', 60, manySources));
    const one = api.root.addResource('one');
    one.addMethod('GET', backend, cached);
    one.addResource('{id}').addMethod('GET', backend, cached);
    api.root.addResource('two').addMethod('GET', backend, cached);
    api.addGatewayResponse('Denied', {
      type: ResponseType.ACCESS_DENIED,
      responseHeaders: { 'X-Reason': 'context.authorizer.reason', 'X-Absent': 'context.authorizer.absent' },
      templates: { 'application/json': '{"reason":"$context.authorizer.reason"}' },
    });
    api.addGatewayResponse('Unauthorized', {
      type: ResponseType.UNAUTHORIZED,
      responseHeaders: { 'WWW-Authenticate': `'Bearer realm="test"'` },
      templates: {
        'application/json': '{"reason":"$context.authorizer.reason","type":"$context.error.responseType"}',
      },
    });
  });
  app = await runSmallApp(directory, { now: () => now.value });
});

afterAll(async () => {
  await app?.stop();
  workshop.remove();
});

const get = (path: string, credential?: string) =>
  send(app.url + path, credential === undefined ? {} : { headers: [['Authorization', credential]] });
const authorizerCalls = () =>
  app.logged(`function:${app.idOf('Authorizer')}`).filter((line) => line.startsWith('{"calls"'));
const lastEvent = () => JSON.parse(authorizerCalls().at(-1) ?? '{}').event;

describe('identity sources', () => {
  test('a missing or empty identity source is 401 before the function is invoked', async () => {
    const before = authorizerCalls().length;
    for (const credential of [undefined, '']) {
      const answer = await get('/fresh', credential);
      expect(answer.status).toBe(401);
      expect(answer.json()).toEqual({ reason: '', type: 'UNAUTHORIZED' });
    }
    expect(authorizerCalls()).toHaveLength(before);
  });

  test('all of several sources must be there', async () => {
    expect((await get('/many', 'allow')).status).toBe(401);
    expect((await get('/many?token=x')).status).toBe(401);
    expect((await get('/many?token=x', 'allow')).status).toBe(200);
  });

  test('without any source the function decides alone', async () => {
    expect((await get('/sourceless?token=allow')).status).toBe(200);
    expect((await get('/sourceless?token=unauthorized')).status).toBe(401);
  });

  test('a header is found whatever the case of its name', async () => {
    const answer = await send(`${app.url}/fresh`, { headers: [['aUTHORIZATION', 'allow']] });
    // The authorizer of this test reads two spellings only; what matters is that it was asked.
    expect(answer.status).toBe(500);
    expect(lastEvent().headers.aUTHORIZATION).toBe('allow');
  });
});

describe('the event', () => {
  test('has the shape of a REQUEST authorizer event, without a body', async () => {
    await send(`${app.url}/one/a%20b?x=1&x=2`, {
      headers: [
        ['Authorization', 'allow'],
        ['X-Two', '1'],
        ['X-Two', '2'],
      ],
    });
    const event = lastEvent();
    expect(event).toMatchObject({
      type: 'REQUEST',
      resource: '/one/{id}',
      path: '/one/a%20b',
      httpMethod: 'GET',
      headers: { 'X-Two': '2' },
      multiValueHeaders: { 'X-Two': ['1', '2'] },
      queryStringParameters: { x: '2' },
      multiValueQueryStringParameters: { x: ['1', '2'] },
      pathParameters: { id: 'a b' },
      stageVariables: { flavour: 'plain' },
      requestContext: {
        resourcePath: '/one/{id}',
        httpMethod: 'GET',
        path: '/prod/one/a%20b',
        stage: 'prod',
      },
    });
    expect(event.methodArn).toBe(
      `arn:aws:execute-api:us-east-1:123456789012:${event.requestContext.apiId}/prod/GET/one/a%20b`,
    );
    expect(event).not.toHaveProperty('body');
    expect(event).not.toHaveProperty('isBase64Encoded');
  });

  test('has empty objects where a request has nothing', async () => {
    await send(`${app.url}/fresh`, {
      method: 'POST',
      body: '{"secret":1}',
      headers: [['Authorization', 'allow']],
    });
    expect(lastEvent()).toMatchObject({ queryStringParameters: {}, pathParameters: {} });
    expect(JSON.stringify(lastEvent())).not.toContain('secret');
  });
});

describe('what the authorizer says', () => {
  test('an allowed request reaches the integration with the context as texts', async () => {
    const answer = await get('/fresh', 'allow');
    expect(answer.status).toBe(200);
    expect(answer.json()).toEqual({
      principalId: 'caller',
      text: 'a "quoted" text',
      number: '7',
      truth: 'true',
      integrationLatency: expect.any(Number),
    });
  });

  test('a thrown Unauthorized is answered by UNAUTHORIZED, without the context of the authorizer', async () => {
    const answer = await get('/fresh', 'unauthorized');
    expect(answer.status).toBe(401);
    expect(answer.header('WWW-Authenticate')).toBe('Bearer realm="test"');
    expect(answer.header('x-amzn-ErrorType')).toBe('UnauthorizedException');
    expect(answer.json()).toEqual({ reason: '', type: 'UNAUTHORIZED' });
  });

  test('a Deny is answered by ACCESS_DENIED with the context, in the body and in headers', async () => {
    const answer = await get('/fresh', 'deny');
    expect(answer.status).toBe(403);
    expect(answer.json()).toEqual({ reason: 'too_old' });
    expect(answer.header('X-Reason')).toBe('too_old');
    expect(answer.header('X-Absent')).toBeUndefined();
    expect(answer.header('x-amzn-ErrorType')).toBe('AccessDeniedException');
  });

  test('a Deny wins over an Allow, and what no statement names is denied', async () => {
    expect((await get('/one', 'both')).status).toBe(403);
    expect((await get('/two', 'both')).status).toBe(200);
    expect((await get('/fresh', 'another-method')).status).toBe(403);
  });

  test.each([
    'no-principal',
    'no-policy',
    'nested-context',
    'null-context',
    'long-resource',
    'long-policy',
    'not-an-object',
  ])('malformed output is 500: %s', async (credential) => {
    const answer = await get('/fresh', credential);
    expect(answer.status).toBe(500);
    expect(answer.json()).toEqual({ message: null });
    expect(answer.header('x-amzn-ErrorType')).toBe('AuthorizerConfigurationException');
    expect(app.logged('gateway:Guarded').at(-1)).toContain('malformed');
  });

  test.each([
    ['almost-unauthorized', '/fresh'],
    ['unknown-word', '/fresh'],
    ['slow', '/hasty'],
  ])('any other failure is 500: %s', async (credential, path) => {
    const answer = await get(path, credential);
    expect(answer.status).toBe(500);
    expect(answer.header('x-amzn-ErrorType')).toBe('AuthorizerFailureException');
  });
});

describe('the cache', () => {
  // Each test starts where everything remembered before has expired.
  beforeEach(() => {
    now.value += 3_600_000;
  });

  test('answers the same credential until its time is over', async () => {
    const before = authorizerCalls().length;
    await get('/one', 'allow');
    now.value += 59_999;
    await get('/one', 'allow');
    expect(authorizerCalls()).toHaveLength(before + 1);
    now.value += 1;
    await get('/one', 'allow');
    expect(authorizerCalls()).toHaveLength(before + 2);
  });

  test('a cached policy answers for other routes too, and is evaluated for each', async () => {
    const before = authorizerCalls().length;
    expect((await get('/one/1', 'only-one')).status).toBe(200);
    expect((await get('/two', 'only-one')).status).toBe(403);
    expect((await get('/one/2', 'only-one')).status).toBe(200);
    expect(authorizerCalls()).toHaveLength(before + 1);
  });

  test('remembers a Deny with its context, and not a thrown Unauthorized', async () => {
    const before = authorizerCalls().length;
    await get('/one', 'deny');
    expect((await get('/two', 'deny')).json()).toEqual({ reason: 'too_old' });
    expect(authorizerCalls()).toHaveLength(before + 1);
    await get('/one', 'unauthorized');
    await get('/one', 'unauthorized');
    expect(authorizerCalls()).toHaveLength(before + 3);
  });

  test('every identity source is part of what is remembered', async () => {
    const before = authorizerCalls().length;
    await get('/many?token=a', 'allow');
    await get('/many?token=b', 'allow');
    await get('/many?token=a', 'allow');
    expect(authorizerCalls()).toHaveLength(before + 2);
  });

  test('a time of zero remembers nothing', async () => {
    const before = authorizerCalls().length;
    await get('/fresh', 'allow');
    await get('/fresh', 'allow');
    expect(authorizerCalls()).toHaveLength(before + 2);
  });

  test('a flush forgets at once', async () => {
    const before = authorizerCalls().length;
    await get('/one', 'allow');
    app.run.flushAuthorizerCache('Guarded');
    await get('/one', 'allow');
    expect(authorizerCalls()).toHaveLength(before + 2);
  });
});
