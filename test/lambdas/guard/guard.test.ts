import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import middy from '@middy/core';
import type { APIGatewayProxyEvent, APIGatewayProxyResult, Context } from 'aws-lambda';
import { PROBLEMS } from '../../../core/errors/public-problem.ts';
import { REFUSALS, unauthorizedDetail } from '../../../core/verification/refusal.ts';
import {
  type Decision,
  writeCachedVerdict,
  writeDecision,
} from '../../../lambdas/authorizer/principal-context.ts';
import { answerError, type GuardedEvent, type GuardOptions, guard } from '../../../lambdas/guard/index.ts';
import { NOW, PRINCIPAL } from '../../core/verification/stored-secrets.ts';
import { ERRORS, madeUpBody, REFUSED_BODIES } from '../../made-up-errors.ts';
import { capturedLog } from '../captured-log.ts';

const RATE = { limit: 60, windowSeconds: 60, remaining: 7, resetSeconds: 12 };
const HEADERS = { RateLimit: '"default";r=7;t=12', 'RateLimit-Policy': '"default";q=60;w=60' };
/** What a request carries that no log line may repeat. */
const SECRET = 'kw_live_a-secret-that-a-caller-sent';

const lines = capturedLog();

/** The events that the handler behind the guard has seen. */
let reached: GuardedEvent[];
beforeEach(() => {
  reached = [];
});

const ANSWER: APIGatewayProxyResult = { statusCode: 200, headers: { 'X-Own': 'kept' }, body: '{}' };

function callGuarded(
  authorizer: unknown,
  answer: APIGatewayProxyResult = ANSWER,
): Promise<APIGatewayProxyResult> {
  const guarded = middy<APIGatewayProxyEvent, APIGatewayProxyResult>()
    .use(guard({ now: () => NOW }))
    .handler(async (event: GuardedEvent) => {
      reached.push(event);
      return answer;
    });
  const event = {
    headers: { Authorization: `Bearer ${SECRET}` },
    body: SECRET,
    requestContext: { requestId: 'request-1', authorizer },
  } as unknown as GuardedEvent;
  return guarded(event, {} as Context);
}

const allowed = (over: Partial<Extract<Decision, { kind: 'allow' }>> = {}): Decision => ({
  kind: 'allow',
  principal: PRINCIPAL,
  ...over,
});

test('a handler behind the guard is called with the principal that the authorizer decided on', async () => {
  expect(await callGuarded(writeDecision(allowed()))).toEqual(ANSWER);
  expect(reached.map(({ principal }) => principal)).toEqual([PRINCIPAL]);
});

test('an answer says what is left of the rate limit, and keeps the headers of its own', async () => {
  const answer = await callGuarded(writeDecision(allowed({ rate: RATE })));
  expect(answer).toEqual({ ...ANSWER, headers: { 'X-Own': 'kept', ...HEADERS } });
  const bare = await callGuarded(writeDecision(allowed({ rate: RATE })), { statusCode: 204, body: '' });
  expect(bare).toEqual({ statusCode: 204, body: '', headers: HEADERS });
});

test('a call above the rate limit is 429 with when to come back, and never reaches the handler', async () => {
  const decision: Decision = { kind: 'rate_limited', principal: PRINCIPAL, rate: RATE };
  const { statusCode, headers, body } = await callGuarded(writeDecision(decision));
  expect(statusCode).toBe(429);
  expect(headers).toEqual({
    'Content-Type': 'application/problem+json',
    'Cache-Control': 'no-store',
    'Retry-After': '12',
    ...HEADERS,
    // Whatever the authorizer wrote, nothing is left.
    RateLimit: '"default";r=0;t=12',
  });
  expect(JSON.parse(body)).toEqual({
    type: '/docs/problems.md#rate_limited',
    title: 'Too Many Requests',
    status: 429,
    detail: expect.any(String),
    code: 'rate_limited',
    request_id: 'request-1',
  });
  expect(reached).toEqual([]);
});

describe('a request without a decision of Keyward’s authorizer', () => {
  const written = writeDecision(allowed());
  const without = (name: string) => ({ ...written, [name]: undefined });
  const cases: [string, unknown][] = [
    ['no context at all', undefined],
    ['an empty context', {}],
    ['the context of another authorizer', { principalId: 'user', claims: { sub: SECRET } }],
    ['a decision of another kind', { ...writeDecision(allowed({ rate: RATE })), decision: 'deny' }],
    ['a limited decision without its limit', { ...written, decision: 'rate_limited' }],
    ['a credential of another kind', { ...written, kind: 'session' }],
    ['empty scopes', { ...written, scopes: '' }],
    ['scopes that are no text', { ...written, scopes: ['admin'] }],
    ...['decision', 'kind', 'credentialId', 'scopes'].map((name): [string, unknown] => [
      `no ${name}`,
      without(name),
    ]),
  ];

  test.each(cases)('is a 500 that never reaches the handler: %s', async (_, authorizer) => {
    const { statusCode, headers, body } = await callGuarded(authorizer);
    expect(statusCode).toBe(500);
    expect(headers).toMatchObject({ 'Content-Type': 'application/problem+json' });
    expect(JSON.parse(body)).toMatchObject({ code: 'internal_error', request_id: 'request-1' });
    expect(reached).toEqual([]);
    expect(lines).toHaveLength(1);
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({ level: 'ERROR', request_id: 'request-1' });
    expect(lines[0] + body).not.toContain(SECRET);
  });
});

test('a key that has expired since the policy was made is 401, though the policy lets it in', async () => {
  const until = (expiresAt: number) =>
    writeDecision(
      allowed({ principal: { ...PRINCIPAL, constraints: { expiresAt, allowedCidrs: [] } }, rate: RATE }),
    );
  for (const expiresAt of [NOW, NOW - 1]) {
    const { statusCode, body } = await callGuarded(until(expiresAt));
    expect(statusCode).toBe(401);
    expect(JSON.parse(body)).toMatchObject({ code: 'unauthorized', status: 401 });
  }
  expect(reached).toEqual([]);
  expect((await callGuarded(until(NOW + 1))).statusCode).toBe(200);
});

describe('a guard answers in the product’s own error bodies if the stack gives them', () => {
  beforeEach(() => {
    process.env.KEYWARD_ERRORS = JSON.stringify(ERRORS);
  });
  afterEach(() => {
    delete process.env.KEYWARD_ERRORS;
  });
  const limited: Decision = { kind: 'rate_limited', principal: PRINCIPAL, rate: RATE };
  const constraints = { expiresAt: NOW, allowedCidrs: [] };
  const expired = allowed({ principal: { ...PRINCIPAL, constraints } });
  const { title, code, detail } = PROBLEMS.internal_error;

  test.each<[number, unknown, object]>([
    [429, writeDecision(limited), { slow_down: REFUSALS.rate_limited.detail, http: 429 }],
    [401, writeDecision(expired), REFUSED_BODIES.unauthorized],
    [500, undefined, madeUpBody(500, code, title, detail)],
  ])('%s', async (status, authorizer, body) => {
    const answer = await callGuarded(authorizer);
    expect(answer.statusCode).toBe(status);
    expect(answer.headers?.['Content-Type']).toBe('application/json');
    expect(JSON.parse(answer.body)).toEqual(body);
    if (status === 429) expect(answer.headers).toMatchObject({ 'Retry-After': '12' });
  });

  test('and for an error of the handler as well', async () => {
    const guarded = middy<APIGatewayProxyEvent, APIGatewayProxyResult>()
      .use(guard({ now: () => NOW }))
      .handler(async (event: GuardedEvent) =>
        answerError(event, { status: 404, title: 'Not Found', code: 'no_such_row', detail: 'No such row.' }),
      );
    const requestContext = { requestId: 'request-1', authorizer: writeDecision(allowed()) };
    const answer = await guarded({ requestContext } as unknown as GuardedEvent, {} as Context);
    // The profile has words for this status.
    expect(JSON.parse(answer.body)).toEqual(madeUpBody(404, 'no_such_row', 'Not Found', 'Nothing here'));
  });
});

test('an unknown option is refused by name when the guard is made', () => {
  const misspelt = { noww: () => NOW } as GuardOptions;
  expect(() => guard(misspelt)).toThrow('guard() has no option noww.');
});

test('a cached verdict of an expired key is refused in the words of the authorizer, with the product’s header', async () => {
  const over = { ...PRINCIPAL, constraints: { ...PRINCIPAL.constraints, expiresAt: NOW } };
  const detailWith = async (kept: object) =>
    JSON.parse((await callGuarded({ ...writeDecision({ kind: 'allow', principal: over }), ...kept })).body)
      .detail;
  const challenge = 'ApiKey realm="supertone", header="x-sup-api-key"';
  const kept = writeCachedVerdict({ credentialHeader: 'x-sup-api-key', challenge });
  expect(await detailWith(kept)).toBe(unauthorizedDetail('x-sup-api-key'));
  expect(await detailWith({})).toBe(REFUSALS.expired.detail);
});
