import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Duration, Stack } from 'aws-cdk-lib';
import { CfnMethod, LambdaIntegration, ResponseType } from 'aws-cdk-lib/aws-apigateway';
import { CfnPermission } from 'aws-cdk-lib/aws-lambda';
import { send } from './http.ts';
import { restApi, runSmallApp, type SmallRun, Workshop } from './small-app.ts';

const ECHO = 'export const handler = async (event) => ({ statusCode: 200, body: JSON.stringify(event) });';
/** Answers with whatever JSON the body holds. */
const ANSWER = 'export const handler = async (event) => JSON.parse(event.body);';
const THROW = `export const handler = async () => { throw new TypeError('broken inside'); };`;
const HANG = 'export const handler = () => new Promise(() => setTimeout(() => {}, 60_000));';

const workshop = new Workshop();
let app: SmallRun;

beforeAll(async () => {
  const directory = workshop.synthesize((cdk) => {
    const stack = new Stack(cdk, 'Plain');
    const api = restApi(stack, {
      binaryMediaTypes: ['image/png', 'application/x-*'],
      deployOptions: { stageName: 'live' },
      defaultCorsPreflightOptions: {
        allowOrigins: ['https://console.example'],
        allowHeaders: ['authorization'],
      },
    });
    const echo = new LambdaIntegration(workshop.lambda(stack, 'Echo', ECHO));
    const users = api.root.addResource('users');
    users.addMethod('GET', echo);
    users.addMethod('POST', echo);
    users.addResource('me').addMethod('GET', echo);
    const user = users.addResource('{id}');
    user.addMethod('ANY', echo);
    user.addResource('keys').addResource('{key}').addMethod('GET', echo);
    api.root.addResource('files').addProxy({ defaultIntegration: echo });
    const answer = workshop.lambda(stack, 'Answer', ANSWER);
    api.root.addResource('answer').addMethod('POST', new LambdaIntegration(answer));
    api.root
      .addResource('throw')
      .addMethod('GET', new LambdaIntegration(workshop.lambda(stack, 'Throw', THROW)));
    const impatient = workshop.lambda(stack, 'Impatient', HANG, { timeout: Duration.seconds(1) });
    api.root.addResource('impatient').addMethod('GET', new LambdaIntegration(impatient));
    const patient = workshop.lambda(stack, 'Patient', HANG, { timeout: Duration.seconds(20) });
    const hanging = new LambdaIntegration(patient, { timeout: Duration.millis(50) });
    api.root.addResource('patient').addMethod('GET', hanging);
    const forbidden = api.root.addResource('forbidden').addMethod('GET', echo);
    for (const child of forbidden.node.findAll())
      if (child instanceof CfnPermission) forbidden.node.tryRemoveChild(child.node.id);
    expect(forbidden.node.defaultChild).toBeInstanceOf(CfnMethod);
    api.addGatewayResponse('ServerError', {
      type: ResponseType.DEFAULT_5XX,
      templates: {
        'application/json': '{"title":$context.error.messageString,"request_id":"$context.requestId"}',
      },
    });
  });
  app = await runSmallApp(directory);
});

afterAll(async () => {
  await app?.stop();
  workshop.remove();
});

const answerWith = (response: unknown, headers: [string, string][] = []) =>
  send(`${app.url}/answer`, { method: 'POST', body: JSON.stringify(response), headers });

describe('the event', () => {
  test('has the whole shape of payload version 1.0', async () => {
    const answer = await send(`${app.url}/users/a%2Fb?x=1&x=2&empty`, {
      method: 'PUT',
      body: '{"name":"Ä"}',
      headers: [
        ['X-Own-Case', 'one'],
        ['X-Own-Case', 'two'],
        ['User-Agent', 'tester'],
        ['Content-Type', 'application/json'],
        ['x-amzn-requestid', 'chosen-by-the-caller'],
      ],
    });
    const event = answer.json();
    const { port } = new URL(app.url);
    const added = {
      'X-Amzn-Trace-Id': expect.stringMatching(/^Root=1-[0-9a-f]{8}-[0-9a-f]{24}$/),
      'X-Forwarded-For': '127.0.0.1',
      'X-Forwarded-Port': '443',
      'X-Forwarded-Proto': 'https',
    };
    expect(event).toEqual({
      resource: '/users/{id}',
      path: '/users/a%2Fb',
      httpMethod: 'PUT',
      headers: {
        Host: `127.0.0.1:${port}`,
        'X-Own-Case': 'two',
        'User-Agent': 'tester',
        'Content-Type': 'application/json',
        'x-amzn-requestid': 'chosen-by-the-caller',
        ...added,
      },
      multiValueHeaders: expect.objectContaining({ 'X-Own-Case': ['one', 'two'], 'User-Agent': ['tester'] }),
      queryStringParameters: { x: '2', empty: '' },
      multiValueQueryStringParameters: { x: ['1', '2'], empty: [''] },
      pathParameters: { id: 'a/b' },
      stageVariables: null,
      requestContext: {
        accountId: '123456789012',
        apiId: expect.any(String),
        deploymentId: expect.any(String),
        domainName: expect.stringMatching(/^\w+\.execute-api\.us-east-1\.amazonaws\.com$/),
        domainPrefix: expect.any(String),
        extendedRequestId: answer.header('x-amz-apigw-id'),
        httpMethod: 'PUT',
        identity: {
          accessKey: null,
          accountId: null,
          caller: null,
          cognitoAuthenticationProvider: null,
          cognitoAuthenticationType: null,
          cognitoIdentityId: null,
          cognitoIdentityPoolId: null,
          principalOrgId: null,
          sourceIp: '127.0.0.1',
          user: null,
          userAgent: 'tester',
          userArn: null,
        },
        path: '/live/users/a%2Fb',
        protocol: 'HTTP/1.1',
        requestId: 'chosen-by-the-caller',
        requestTime: expect.stringMatching(/^\d\d\/\w{3}\/\d{4}:\d\d:\d\d:\d\d \+0000$/),
        requestTimeEpoch: expect.any(Number),
        resourceId: expect.any(String),
        resourcePath: '/users/{id}',
        stage: 'live',
      },
      body: '{"name":"Ä"}',
      isBase64Encoded: false,
    });
  });

  test('has null where a request has nothing', async () => {
    const event = (await send(`${app.url}/users`)).json();
    expect(event).toMatchObject({
      queryStringParameters: null,
      multiValueQueryStringParameters: null,
      pathParameters: null,
      body: null,
      isBase64Encoded: false,
    });
    expect(event).not.toHaveProperty('requestContext.authorizer');
  });

  test('names the address that called, which no header can change', async () => {
    const sent = { from: '127.0.0.9', headers: [['X-Forwarded-For', '10.0.0.1']] as const };
    const event = (await send(`${app.url}/users`, sent)).json();
    expect(event).toMatchObject({
      headers: { 'X-Forwarded-For': '10.0.0.1, 127.0.0.9' },
      requestContext: { identity: { sourceIp: '127.0.0.9' } },
    });
  });

  test('carries a body of a binary media type in base64', async () => {
    const bytes = Buffer.from([0, 255, 128, 7]);
    for (const type of ['image/png', 'application/x-thing; version=1']) {
      const sent = { method: 'POST', body: bytes, headers: [['Content-Type', type]] as const };
      const event = (await send(`${app.url}/users`, sent)).json();
      // A star stands for a whole family only behind the slash.
      const binary = type === 'image/png';
      expect(event.isBase64Encoded).toBe(binary);
      if (binary) expect(event.body).toBe(bytes.toString('base64'));
    }
  });

  test('does not show hop-by-hop headers', async () => {
    const sent = {
      headers: [
        ['Connection', 'close'],
        ['TE', 'trailers'],
        ['Max-Forwards', '3'],
      ] as const,
    };
    const { headers } = (await send(`${app.url}/users`, sent)).json() as { headers: Record<string, string> };
    expect(Object.keys(headers).map((name) => name.toLowerCase())).not.toEqual(
      expect.arrayContaining([expect.stringMatching(/^(connection|te|max-forwards)$/)]),
    );
  });
});

describe('routes', () => {
  test.each([
    ['/users', '/users', null],
    ['/users/', '/users', null],
    ['/users/me', '/users/me', null],
    ['/users/7', '/users/{id}', { id: '7' }],
    ['/users/7/keys/k%20%C3%A9', '/users/{id}/keys/{key}', { id: '7', key: 'k é' }],
    ['/files/a/b/c', '/files/{proxy+}', { proxy: 'a/b/c' }],
  ])('%s is %s', async (path, resource, pathParameters) => {
    const answer = await send(app.url + path);
    expect(answer.json()).toMatchObject({ resource, path, pathParameters });
  });

  test.each([
    ['GET', '/nowhere'],
    ['GET', '/'],
    ['GET', '/users/7/keys'],
    ['DELETE', '/users'],
    ['GET', '/Users'],
    ['GET', '/files'],
  ])('an unknown route is 403 MISSING_AUTHENTICATION_TOKEN: %s %s', async (method, path) => {
    const answer = await send(app.url + path, { method });
    expect(answer.status).toBe(403);
    expect(answer.json()).toEqual({ message: 'Missing Authentication Token' });
    expect(answer.header('x-amzn-ErrorType')).toBe('MissingAuthenticationTokenException');
  });

  test('an unknown route with a bearer token is 403 for a bad signature, and its message repeats the token', async () => {
    const answer = await send(`${app.url}/nowhere`, { headers: [['Authorization', 'Bearer abc']] });
    expect(answer.status).toBe(403);
    expect(answer.header('x-amzn-ErrorType')).toBe('IncompleteSignatureException');
    expect(answer.text).toContain('Bearer abc');
  });

  test('a path that is not properly encoded is 400', async () => {
    expect((await send(`${app.url}/users/%E0%A4%A`)).status).toBe(400);
  });

  test('a CORS preflight is answered without any function', async () => {
    const answer = await send(`${app.url}/users/7`, { method: 'OPTIONS' });
    expect(answer.status).toBe(204);
    expect(answer.header('Access-Control-Allow-Origin')).toBe('https://console.example');
    expect(answer.header('Access-Control-Allow-Headers')).toBe('authorization');
    expect(answer.text).toBe('');
  });
});

describe('the response', () => {
  test('passes status, headers and body, as JSON unless it says otherwise', async () => {
    const answer = await answerWith({ statusCode: 418, headers: { 'X-Number': 7 }, body: 'Ä' });
    expect(answer.status).toBe(418);
    expect(answer.text).toBe('Ä');
    expect(answer.header('X-Number')).toBe('7');
    expect(answer.all('Content-Type')).toEqual(['application/json']);
    expect(answer.header('Content-Length')).toBe('2');
    for (const name of ['x-amzn-RequestId', 'x-amz-apigw-id', 'X-Amzn-Trace-Id'])
      expect(answer.header(name)).toBeTruthy();
  });

  test('may repeat a header, and multiValueHeaders win over headers', async () => {
    const answer = await answerWith({
      statusCode: 200,
      headers: { 'Set-Cookie': 'lost', 'X-Single': 'kept' },
      multiValueHeaders: { 'set-cookie': ['a=1', 'b=2'] },
      body: '',
    });
    expect(answer.all('Set-Cookie')).toEqual(['a=1', 'b=2']);
    expect(answer.header('X-Single')).toBe('kept');
  });

  test('has its WWW-Authenticate and other reserved headers remapped', async () => {
    const headers = { 'WWW-Authenticate': 'Bearer', Date: 'yesterday', Server: 'mine', Connection: 'close' };
    const answer = await answerWith({ statusCode: 401, headers, body: '' });
    expect(answer.header('WWW-Authenticate')).toBeUndefined();
    expect(answer.header('X-Amzn-Remapped-WWW-Authenticate')).toBe('Bearer');
    expect(answer.header('X-Amzn-Remapped-Date')).toBe('yesterday');
    expect(answer.header('X-Amzn-Remapped-Server')).toBe('mine');
    expect(answer.header('X-Amzn-Remapped-Connection')).toBe('close');
    expect(answer.header('Date')).not.toBe('yesterday');
  });

  test('is decoded from base64 only for a caller who asks for a binary type first', async () => {
    const bytes = Buffer.from([137, 80, 0, 255]);
    const response = { statusCode: 200, body: bytes.toString('base64'), isBase64Encoded: true };
    expect((await answerWith(response, [['Accept', 'image/png,*/*']])).bytes).toEqual(bytes);
    expect((await answerWith(response, [['Accept', '*/*,image/png']])).text).toBe(bytes.toString('base64'));
    expect((await answerWith(response)).text).toBe(bytes.toString('base64'));
  });

  test.each([
    ['nothing', null],
    ['a text', 'ok'],
    ['no status', { body: 'ok' }],
    ['a status in words', { statusCode: 'fine' }],
    ['a body that is no text', { statusCode: 200, body: { ok: true } }],
    ['a header that is an object', { statusCode: 200, headers: { 'X-A': { b: 1 } } }],
    ['a header with a line break', { statusCode: 200, headers: { 'X-A': 'a\nb' } }],
    ['multiValueHeaders without lists', { statusCode: 200, multiValueHeaders: { 'X-A': 'b' } }],
  ])('is 502 when malformed: %s', async (_, response) => {
    const answer = await answerWith(response);
    expect(answer.status).toBe(502);
    expect(answer.json()).toMatchObject({ title: 'Internal server error' });
  });

  test('is 502 when the function throws, and what it threw stays inside', async () => {
    const answer = await send(`${app.url}/throw`);
    expect(answer.status).toBe(502);
    expect(answer.json()).toEqual({
      title: 'Internal server error',
      request_id: answer.header('x-amzn-RequestId'),
    });
    expect(app.logged(`function:${app.idOf('Throw')}`).at(-1)).toContain('broken inside');
  });

  test('is 502 when the function times out, and 504 when the integration does', async () => {
    const [impatient, patient] = await Promise.all([
      send(`${app.url}/impatient`),
      send(`${app.url}/patient`),
    ]);
    expect(impatient.status).toBe(502);
    expect(patient.status).toBe(504);
    expect(patient.json()).toMatchObject({ title: 'Endpoint request timed out' });
    expect(app.logged(`function:${app.idOf('Impatient')}`).at(-1)).toContain(
      'Task timed out after 1.00 seconds',
    );
  });

  test('is 500 when no permission lets the API invoke the function', async () => {
    const answer = await send(`${app.url}/forbidden`);
    expect(answer.status).toBe(500);
    expect(app.logged('gateway:Plain').at(-1)).toContain('Invalid permissions');
  });
});

describe('limits', () => {
  test('a request over 10 MB is 413', async () => {
    const answer = await send(`${app.url}/users`, {
      method: 'POST',
      body: Buffer.alloc(10 * 1024 * 1024 + 1, 97),
    });
    expect(answer.status).toBe(413);
    expect(answer.json()).toEqual({ message: 'Request Too Long' });
  });

  test('an event or a response over 6 MB is an error of the function', async () => {
    const sent = { method: 'POST', body: Buffer.alloc(7 * 1024 * 1024, 97) };
    expect((await send(`${app.url}/users`, sent)).status).toBe(502);
  });
});
