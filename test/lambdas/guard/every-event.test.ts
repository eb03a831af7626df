import { describe, expect, test } from '@jest/globals';
import middy from '@middy/core';
import type { Context } from 'aws-lambda';
import { answerError, guard } from 'keyward/middleware';
import { writeDecision } from '../../../lambdas/authorizer/principal-context.ts';
import type { HttpEvent } from '../../../lambdas/http/http-event.ts';
import { NOW, PRINCIPAL } from '../../core/verification/stored-secrets.ts';
import { capturedLog } from '../captured-log.ts';
import { type Any, BEARER, guardedFunction } from './guarded-function.ts';
import { EVENT_KINDS, type EventKind, HTTP_API, type SentRequest, SOURCE_ADDRESS } from './http-events.ts';

const lines = capturedLog();

/** What the product answers, in the form that the event asks for. */
function plainText({ requestContext, multiValueHeaders }: Any): object {
  const isMulti = requestContext.elb !== undefined && multiValueHeaders !== undefined;
  return isMulti
    ? { statusCode: 200, multiValueHeaders: { 'Content-Type': ['text/plain'] }, body: 'run' }
    : { statusCode: 200, headers: { 'Content-Type': 'text/plain' }, body: 'run' };
}

const GET_ORDER: SentRequest = { path: '/orders/17', route: '/orders/{id}', headers: [BEARER] };

/** The one value of a header of an answer, wherever its kind of event takes it from. */
function headerOf(kind: EventKind, answer: Any, name: string): unknown {
  if (!kind.name.includes('multi-value')) return answer.headers?.[name];
  const values = answer.multiValueHeaders?.[name];
  expect(values ?? []).toHaveLength(values === undefined ? 0 : 1);
  return values?.[0];
}

describe.each(EVENT_KINDS)('behind $name, the guard alone', (kind) => {
  test('lets in a key that may call the route, and hands its principal to the product', async () => {
    const { call, product } = guardedFunction();
    expect((await call(kind, GET_ORDER)).statusCode).toBe(200);
    expect(product.mock.calls[0]?.[0]).toMatchObject({
      principal: { workspace: 'acme', scopes: ['orders.read'] },
    });
  });

  test('answers 401 with a challenge, and the product never runs', async () => {
    const { call, product } = guardedFunction({ state: 'revoked' });
    for (const headers of [[], [BEARER], [['Authorization', 'Basic eA==']]] as const) {
      const answer = await call(kind, { ...GET_ORDER, headers });
      expect(answer.statusCode).toBe(401);
      expect(headerOf(kind, answer, 'WWW-Authenticate')).toBe('Bearer realm="orders"');
      expect(headerOf(kind, answer, 'Content-Type')).toBe('application/problem+json');
      expect(JSON.parse(answer.body)).toMatchObject({ code: 'unauthorized', request_id: kind.requestId });
      if (kind.name.startsWith('a load balancer')) expect(answer.isBase64Encoded).toBe(false);
    }
    expect(product).not.toHaveBeenCalled();
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({ code: 'missing', request_id: kind.requestId });
  });

  test('answers 403 with the scope that is missing, by the method and the route', async () => {
    const { call, product } = guardedFunction();
    const answer = await call(kind, { method: 'POST', path: '/orders', route: '/orders', headers: [BEARER] });
    expect(answer.statusCode).toBe(403);
    expect(JSON.parse(answer.body)).toMatchObject({ required_scope: 'orders.write' });
    const other = { path: '/orders/settings', route: '/orders/settings', headers: [BEARER] };
    expect(JSON.parse((await call(kind, other)).body)).toMatchObject({ required_scope: 'settings' });
    expect((await call(kind, { path: '/team', route: '/team', headers: [BEARER] })).statusCode).toBe(403);
    expect(product).not.toHaveBeenCalled();
  });

  test('refuses a request with two credentials, as far as the event still shows two', async () => {
    const { call, product } = guardedFunction();
    const twice = [BEARER, BEARER];
    const mixed = [BEARER, ['authorization', '']] as const;
    // Without multi-value headers, a load balancer shows only the last one, to the product too.
    const isHidden = kind.name === 'a load balancer';
    expect((await call(kind, { ...GET_ORDER, headers: twice })).statusCode).toBe(isHidden ? 200 : 401);
    expect((await call(kind, { ...GET_ORDER, headers: mixed })).statusCode).toBe(401);
    expect(product).toHaveBeenCalledTimes(isHidden ? 1 : 0);
  });

  test('takes the address from AWS alone, never from a header of the caller', async () => {
    const { call } = guardedFunction({ allowedCidrs: [`${SOURCE_ADDRESS}/32`] });
    const elsewhere = guardedFunction({ allowedCidrs: ['198.51.100.9/32'] });
    const headers = [BEARER, ['X-Forwarded-For', '198.51.100.9']] as const;
    expect((await call(kind, { ...GET_ORDER, headers })).statusCode).toBe(200);
    expect((await elsewhere.call(kind, { ...GET_ORDER, headers })).statusCode).toBe(401);
  });

  test('names the request by an id that the caller cannot choose', async () => {
    const { call } = guardedFunction();
    const headers = [
      ['X-Amzn-Trace-Id', 'Root=1-deadbeef-000000000000000000000000'],
      ['X-Amzn-RequestId', 'chosen'],
    ] as const;
    const { body } = await call(kind, { ...GET_ORDER, headers });
    expect(JSON.parse(body).request_id).toBe(kind.requestId);
  });

  test('words an error of the product in the same way', async () => {
    const problem = { status: 410, title: 'Gone', code: 'sold_out', detail: 'All are sold.' };
    const { call } = guardedFunction({ answer: (event) => answerError(event, problem) });
    const answer = await call(kind, GET_ORDER);
    expect(answer.statusCode).toBe(410);
    expect(headerOf(kind, answer, 'Content-Type')).toBe('application/problem+json');
    expect(JSON.parse(answer.body)).toMatchObject({ code: 'sold_out', request_id: kind.requestId });
  });

  test('counts a call against the limit, and shows the rest of it', async () => {
    const answer = await guardedFunction({ used: 59, answer: plainText }).call(kind, GET_ORDER);
    expect(answer.statusCode).toBe(200);
    expect(headerOf(kind, answer, 'RateLimit')).toMatch(/^"default";r=\d+;t=\d+$/);
    expect(headerOf(kind, answer, 'Content-Type')).toBe('text/plain');
    const over = await guardedFunction({ used: 60 }).call(kind, GET_ORDER);
    expect(over.statusCode).toBe(429);
    expect(headerOf(kind, over, 'Retry-After')).toBe('60');
  });

  test('takes the route that a router of the product has matched, and no other text', async () => {
    const matched = { route: () => 'GET /orders/:id' };
    const { call } = guardedFunction(matched);
    expect((await call(kind, { path: '/v1/17', route: '/{proxy+}', headers: [BEARER] })).statusCode).toBe(
      200,
    );
    const odd = guardedFunction({ route: () => 'GET /orders/*' });
    const answer = await odd.call(kind, GET_ORDER);
    expect(answer.statusCode).toBe(500);
    expect(odd.product).not.toHaveBeenCalled();
    expect(lines.join()).toContain('is not a route');
  });
});

test('in payload 2.0 an answer that is a body alone stays that body, and the limit is shown beside it', async () => {
  const body = { id: 17 };
  expect(await guardedFunction({ answer: () => body }).call(HTTP_API, GET_ORDER)).toEqual(body);
  expect(await guardedFunction({ used: 0, answer: () => body }).call(HTTP_API, GET_ORDER)).toEqual({
    statusCode: 200,
    headers: {
      'Content-Type': 'application/json',
      RateLimit: expect.any(String),
      'RateLimit-Policy': expect.any(String),
    },
    body: '{"id":17}',
  });
  const text = await guardedFunction({ used: 0, answer: () => 'run' }).call(HTTP_API, GET_ORDER);
  expect(text).toMatchObject({ statusCode: 200, body: 'run' });
});

test('the guard behind an authorizer of an HTTP API reads the context one level deeper', async () => {
  const handler = middy()
    .use(guard<HttpEvent>({ now: () => NOW }))
    .handler((async ({ principal }: Any) => ({ statusCode: 200, body: principal.credentialId })) as Any);
  const event = HTTP_API.toEvent(GET_ORDER) as { requestContext: object };
  const lambda = writeDecision({ kind: 'allow', principal: PRINCIPAL });
  const behind = { ...event, requestContext: { ...event.requestContext, authorizer: { lambda } } };
  expect(await handler(behind as Any, {} as Context)).toMatchObject({ statusCode: 200, body: 'key_1' });
  expect(await handler(event as Any, {} as Context)).toMatchObject({ statusCode: 500 });
});
