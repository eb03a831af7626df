import { Readable } from 'node:stream';
import { describe, expect, test } from '@jest/globals';
import middy, { type MiddlewareObj, type Request } from '@middy/core';
import type { APIGatewayProxyResult, Context } from 'aws-lambda';
import fc from 'fast-check';
import type { GuardedMcpEvent } from 'keyward/middleware';
import { createGuardMcp } from '../../../lambdas/guard/guard-mcp.ts';
import { loadProfile } from '../../../lib/files/profile-file.ts';
import { PRINCIPAL } from '../../core/verification/stored-secrets.ts';
import { capturedLog } from '../captured-log.ts';

const { profile } = loadProfile('supersonic');
const lines = capturedLog();

/** The caller may call the first and none of the others. */
const PRINCIPAL_OF_RECORDS = { ...PRINCIPAL, scopes: ['records'] } as const;
const TOOLS = ['records.list', 'lists.secret', 'billing.secret'].map((name) => ({ name }));
const LIST = { jsonrpc: '2.0', id: 1, result: { tools: TOOLS } } as const;
const TEXT = JSON.stringify(LIST);

/** Every kind of thing that a handler or a middleware may answer with. */
const ANSWERS: Record<string, () => unknown> = {
  'a proxy response': () => ({ statusCode: 200, body: TEXT }),
  'with headers': () => ({ statusCode: 200, headers: { A: 'b' }, body: TEXT, isBase64Encoded: false }),
  'of another status': () => ({ statusCode: 500, body: TEXT }),
  'of status 202': () => ({ statusCode: 202, body: TEXT }),
  'in base64': () => ({ statusCode: 200, body: Buffer.from(TEXT).toString('base64'), isBase64Encoded: true }),
  'without a status': () => ({ body: TEXT }),
  'an object as a body': () => ({ statusCode: 200, body: LIST }),
  'several results': () => ({ statusCode: 200, body: JSON.stringify([LIST, LIST]) }),
  'a text': () => TEXT,
  'a JSON-RPC response': () => ({ ...LIST }),
  'several of them': () => [LIST, LIST],
  frozen: () => Object.freeze({ statusCode: 200, body: TEXT }),
  'an error beside a result': () => ({
    statusCode: 200,
    body: JSON.stringify({ ...LIST, error: { code: 1 } }),
  }),
  'an event stream': () => ({ statusCode: 200, body: `event: message\ndata: ${TEXT}\n\n` }),
  'a stream as a body': () => ({ statusCode: 200, body: Readable.from([TEXT]) }),
  'a stream': () => Readable.from([TEXT]),
  'a web stream': () => new Blob([TEXT]).stream(),
  'a web response': () => new Response(TEXT),
  'tools alone': () => ({ statusCode: 200, body: JSON.stringify({ tools: TOOLS }) }),
  'a list of another shape': () => ({
    statusCode: 200,
    body: JSON.stringify({ ...LIST, result: { items: TOOLS } }),
  }),
  'no JSON': () => ({ statusCode: 200, body: `(${TEXT})` }),
  'something else': () => ({ tools: TOOLS }),
};

type Chain = MiddlewareObj<GuardedMcpEvent, APIGatewayProxyResult>;
type AnyRequest = Request<GuardedMcpEvent, APIGatewayProxyResult>;
const asAnswer = (answer: unknown) => answer as APIGatewayProxyResult;
const set = (request: AnyRequest, answer: unknown) => {
  request.response = asAnswer(answer);
};
const fail = () => {
  throw new Error('on purpose');
};

/** What a middleware can do to an answer, at every place where Middy lets it. */
const DEEDS: Record<string, (answer: () => unknown) => Chain> = {
  'answers before the handler': (answer) => ({ before: () => asAnswer(answer()) }),
  'sets the answer before the handler': (answer) => ({ before: (request) => set(request, answer()) }),
  'sets an early answer': (answer) => ({
    before: (request) => void Object.assign(request, { earlyResponse: answer() }),
  }),
  'fails before the handler': () => ({ before: fail }),
  'replaces the event': () => ({
    before: (request) => {
      request.event = { httpMethod: 'GET' } as GuardedMcpEvent;
    },
  }),
  'empties the event': () => ({
    before: ({ event }) => {
      for (const name of Object.keys(event)) Reflect.deleteProperty(event, name);
    },
  }),
  'returns from its after': (answer) => ({ after: () => asAnswer(answer()) }),
  'sets the answer in its after': (answer) => ({ after: (request) => set(request, answer()) }),
  'changes the answer in its after': () => ({
    after: (request) => {
      const { response } = request;
      if (typeof response !== 'object' || response === null || Object.isFrozen(response)) return;
      response.body = TEXT;
    },
  }),
  'fails in its after': () => ({ after: fail }),
  'turns an error into an answer': (answer) => ({ onError: () => asAnswer(answer()) }),
  'sets the answer to an error': (answer) => ({ onError: (request) => set(request, answer()) }),
  'tries to take the filter away': (answer) => ({
    after: (request) => {
      try {
        Object.defineProperty(request, 'response', { value: answer() });
      } catch {
        Reflect.deleteProperty(request, 'response');
      }
    },
  }),
};

interface Shape {
  readonly inFront: readonly Chain[];
  readonly behind: readonly Chain[];
  readonly handler: () => unknown;
}

async function listedBy({ inFront, behind, handler }: Shape): Promise<unknown> {
  const guard = createGuardMcp(profile, async () => ({ kind: 'allow', principal: PRINCIPAL_OF_RECORDS }));
  const chain = middy<GuardedMcpEvent, APIGatewayProxyResult>();
  for (const middleware of [...inFront, guard, ...behind]) chain.use(middleware);
  chain.handler(async () => asAnswer(handler()));
  const event = {
    httpMethod: 'POST',
    resource: '/',
    multiValueHeaders: {},
    isBase64Encoded: false,
    requestContext: { requestId: 'request-1' },
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/list' }),
  };
  return chain(event as unknown as GuardedMcpEvent, {} as Context).catch((error: Error) => error.message);
}

/** Everything that Lambda could send of an answer. */
async function textOf(answer: unknown): Promise<string> {
  const { body, isBase64Encoded } = (typeof answer === 'object' && answer !== null ? answer : {}) as {
    body?: unknown;
    isBase64Encoded?: boolean;
  };
  const streamed = [];
  for (const stream of [answer, body])
    if (stream instanceof Readable || stream instanceof ReadableStream)
      for await (const chunk of stream) streamed.push(Buffer.from(chunk).toString());
  const decoded = isBase64Encoded ? Buffer.from(String(body), 'base64').toString() : '';
  return [JSON.stringify(answer), decoded, ...streamed].join('\n');
}

const answers = fc.constantFrom(...Object.values(ANSWERS));
const deed = fc
  .tuple(fc.constantFrom(...Object.keys(DEEDS)), answers)
  .map(([name, answer]) => DEEDS[name]?.(answer) as Chain);

describe('tools/list', () => {
  test('shows no tool that the caller may not call, with any middleware behind the guard', async () => {
    let shown = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(deed, { maxLength: 4 }), answers, async (behind, handler) => {
        const text = await textOf(await listedBy({ inFront: [], behind, handler }));
        expect(text).not.toContain('secret');
        if (text.includes('records.list')) shown += 1;
      }),
      { numRuns: 1_000 },
    );
    expect(shown).toBeGreaterThan(100);
  });

  test('shows no such tool even if a middleware in front of the guard changes the answer afterwards', async () => {
    const later = [
      'returns from its after',
      'sets the answer in its after',
      'changes the answer in its after',
      'turns an error into an answer',
      'sets the answer to an error',
    ];
    const outer = fc
      .tuple(fc.constantFrom(...later), answers)
      .map(([name, answer]) => DEEDS[name]?.(answer) as Chain);
    await fc.assert(
      fc.asyncProperty(
        fc.array(outer, { maxLength: 2 }),
        fc.array(deed, { maxLength: 2 }),
        answers,
        async (inFront, behind, handler) => {
          expect(await textOf(await listedBy({ inFront, behind, handler }))).not.toContain('secret');
        },
      ),
      { numRuns: 500 },
    );
  });

  test.each(Object.keys(ANSWERS))(
    'is filtered or an error when the handler answers with %s',
    async (name) => {
      const text = await textOf(
        await listedBy({ inFront: [], behind: [], handler: ANSWERS[name] as () => unknown }),
      );
      expect(text).not.toContain('secret');
      const isFiltered = text.includes('records.list');
      expect([isFiltered, text.includes('-32603')]).toEqual([isFiltered, !isFiltered]);
      expect(lines.some((line) => line.includes('The answer to tools/list'))).toBe(!isFiltered);
    },
  );

  test('keeps the status of an error without a JSON-RPC body, and what other middleware adds to the answer', async () => {
    const handler = () => ({ statusCode: 422, body: 'Unprocessable Entity' });
    const behind: Chain[] = [
      { after: ({ response }) => void Object.assign(response?.headers ?? {}, { 'X-Added': 'yes' }) },
    ];
    expect(await listedBy({ inFront: [], behind, handler })).toMatchObject({
      statusCode: 422,
      headers: { 'X-Added': 'yes', 'Content-Type': 'application/json' },
    });
  });

  test('does not change an answer that the handler keeps for the next caller', async () => {
    const kept = { statusCode: 200, body: TEXT };
    const answer = await listedBy({ inFront: [], behind: [], handler: () => kept });
    expect(answer).not.toEqual(kept);
    expect(kept.body).toBe(TEXT);
    expect(LIST.result.tools).toHaveLength(3);
  });
});
