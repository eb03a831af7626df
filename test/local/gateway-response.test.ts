import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Stack } from 'aws-cdk-lib';
import {
  AccessLogFormat,
  AuthorizationType,
  IdentitySource,
  LambdaIntegration,
  LogGroupLogDestination,
  RequestAuthorizer,
  ResponseType,
} from 'aws-cdk-lib/aws-apigateway';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import {
  type GatewayFailure,
  type GatewayResponse,
  renderGatewayResponse,
} from '../../local/gateway/gateway-response.ts';
import { send } from './http.ts';
import { restApi, runSmallApp, type SmallRun, Workshop } from './small-app.ts';

const responses = (...list: Partial<GatewayResponse>[]) =>
  new Map(
    list.map((one) => [
      one.type ?? '',
      { type: '', statusCode: undefined, headers: {}, templates: {}, ...one },
    ]),
  );
const render = (
  failure: GatewayFailure,
  map = responses(),
  accept?: string,
  values: Record<string, string> = {},
) => {
  const lookup = (name: string) =>
    name === 'context.error.messageString' ? JSON.stringify(failure.message) : values[name];
  const answer = renderGatewayResponse(failure, map, { accept, lookup });
  return { ...answer, headers: Object.fromEntries(answer.headers), body: answer.body.toString('utf8') };
};
const DENIED: GatewayFailure = { type: 'ACCESS_DENIED', message: 'no "way"' };

describe('a gateway response', () => {
  test('without one is the message, as a JSON text', () => {
    expect(render(DENIED)).toMatchObject({ statusCode: 403, body: String.raw`{"message":"no \"way\""}` });
    expect(render({ type: 'AUTHORIZER_FAILURE', message: null }).body).toBe('{"message":null}');
  });

  test('of its own type comes before the default of its class', () => {
    const map = responses(
      { type: 'DEFAULT_4XX', templates: { 'application/json': 'default' } },
      { type: 'ACCESS_DENIED', templates: { 'application/json': 'own' } },
    );
    expect(render(DENIED, map).body).toBe('own');
    expect(render({ type: 'UNAUTHORIZED', message: '' }, map)).toMatchObject({
      statusCode: 401,
      body: 'default',
    });
    expect(render({ type: 'AUTHORIZER_FAILURE', message: '' }, map).body).toBe('{"message":""}');
  });

  test('may change the status, also that of every type which falls back on it', () => {
    const map = responses(
      { type: 'DEFAULT_4XX', statusCode: 404 },
      { type: 'ACCESS_DENIED', statusCode: 418 },
    );
    expect(render(DENIED, map).statusCode).toBe(418);
    expect(render({ type: 'UNAUTHORIZED', message: '' }, map).statusCode).toBe(404);
  });

  test('substitutes plainly: nothing is escaped, and what has no value is empty', () => {
    const map = responses({
      type: 'ACCESS_DENIED',
      templates: {
        'application/json':
          '{"a":"$context.authorizer.a","b":"$context.authorizer.b","c":"$stageVariables.c"}',
      },
    });
    const { body } = render(DENIED, map, undefined, {
      'context.authorizer.a': '","x":"',
      'stageVariables.c': '3',
    });
    expect(body).toBe('{"a":"","x":"","b":"","c":"3"}');
  });

  test('is chosen by the first type that the caller accepts, and is JSON otherwise', () => {
    const map = responses({
      type: 'ACCESS_DENIED',
      templates: { 'text/plain': 'plain', 'application/json': '{}' },
    });
    expect(render(DENIED, map, 'text/plain;q=0.9')).toMatchObject({
      body: 'plain',
      headers: { 'Content-Type': 'text/plain' },
    });
    expect(render(DENIED, map, 'text/html, text/plain').body).toBe('{}');
    expect(render(DENIED, map).headers['Content-Type']).toBe('application/json');
  });

  test('has static and mapped headers, and none where a mapping finds nothing', () => {
    const headers = {
      'WWW-Authenticate': `'Bearer'`,
      'X-A': 'context.authorizer.a',
      'X-B': 'method.request.header.b',
    };
    const { headers: sent } = render(DENIED, responses({ type: 'ACCESS_DENIED', headers }), undefined, {
      'context.authorizer.a': 'yes',
    });
    expect(sent).toMatchObject({ 'WWW-Authenticate': 'Bearer', 'X-A': 'yes' });
    expect(sent).not.toHaveProperty('X-B');
  });

  test('for a request that is too large cannot be customized', () => {
    const map = responses({ type: 'DEFAULT_4XX', templates: { 'application/json': 'own' } });
    expect(render({ type: 'REQUEST_TOO_LARGE', message: 'Request Too Long' }, map).body).toContain(
      'Request Too Long',
    );
  });
});

describe('through the whole gateway', () => {
  const workshop = new Workshop();
  let app: SmallRun;

  beforeAll(async () => {
    const directory = workshop.synthesize((cdk) => {
      const stack = new Stack(cdk, 'Logged');
      const source = `export const handler = async (event) => {
        if (event.type !== 'REQUEST') return { statusCode: 201, body: 'made' };
        const Statement = [{ Effect: 'Allow', Action: '*', Resource: '*' }];
        return { principalId: 'caller', policyDocument: { Statement }, context: { key_id: 'key_1' } };
      };`;
      const handler = workshop.lambda(stack, 'Both', source);
      const format = JSON.stringify({
        id: '$context.requestId',
        route: '$context.httpMethod $context.resourcePath',
        status: '$context.status',
        length: '$context.responseLength',
        key: '$context.authorizer.key_id',
        who: '$context.authorizer.principalId',
        type: '$context.error.responseType',
      });
      const api = restApi(stack, {
        deployOptions: {
          accessLogDestination: new LogGroupLogDestination(new LogGroup(stack, 'Access')),
          accessLogFormat: AccessLogFormat.custom(format),
        },
      });
      api.root.addResource('things').addMethod('POST', new LambdaIntegration(handler), {
        authorizationType: AuthorizationType.CUSTOM,
        authorizer: new RequestAuthorizer(stack, 'Auth', {
          handler,
          identitySources: [IdentitySource.header('X-Key')],
        }),
      });
      api.addGatewayResponse('Unknown', {
        type: ResponseType.MISSING_AUTHENTICATION_TOKEN,
        statusCode: '404',
        responseHeaders: { 'X-Echo': 'method.request.header.X-Sent', 'Access-Control-Allow-Origin': "'*'" },
        templates: { 'application/problem+json': '{"status":404,"ip":"$context.identity.sourceIp"}' },
      });
    });
    app = await runSmallApp(directory);
  });

  afterAll(async () => {
    await app?.stop();
    workshop.remove();
  });

  test('the status, the media type and the headers are those of the gateway response', async () => {
    const answer = await send(`${app.url}/nothing`, { headers: [['x-sent', 'hello']] });
    expect(answer.status).toBe(404);
    expect(answer.header('Content-Type')).toBe('application/problem+json');
    expect(answer.header('X-Echo')).toBe('hello');
    expect(answer.header('Access-Control-Allow-Origin')).toBe('*');
    expect(answer.json()).toEqual({ status: 404, ip: '127.0.0.1' });
    expect(answer.header('x-amzn-RequestId')).toBeTruthy();
  });

  test('every request is one access-log line, with a dash for what has no value', async () => {
    const made = await send(`${app.url}/things`, { method: 'POST', headers: [['X-Key', 'k']] });
    const refused = await send(`${app.url}/things`, { method: 'POST' });
    const entries = app.logged('access-log:Logged').map((line) => JSON.parse(line));
    expect(entries.filter(({ id }) => id === made.header('x-amzn-RequestId'))).toEqual([
      expect.objectContaining({
        route: 'POST /things',
        status: '201',
        length: '4',
        key: 'key_1',
        who: 'caller',
        type: '-',
      }),
    ]);
    expect(entries.filter(({ id }) => id === refused.header('x-amzn-RequestId'))).toEqual([
      expect.objectContaining({ status: '401', key: '-', who: '-', type: 'UNAUTHORIZED' }),
    ]);
  });
});
