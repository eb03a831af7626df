import { afterAll, beforeAll, describe, expect } from '@jest/globals';
import middy from '@middy/core';
import type { APIGatewayProxyResult, Context } from 'aws-lambda';
import fc from 'fast-check';
import type { GuardedMcpEvent } from 'keyward/middleware';
import { forTerminal } from '../../bin/output.ts';
import { shownLine } from '../../bin/start-output.ts';
import { isToolName } from '../../core/access/action-pattern.ts';
import { isPrintable } from '../../core/text/visible-text.ts';
import { judgeScopes } from '../../core/verification/verdict.ts';
import { createGuardMcp } from '../../lambdas/guard/guard-mcp.ts';
import { loadProfile } from '../../lib/files/profile-file.ts';
import { run } from '../bin/processes.ts';
import { scaled } from '../campaigns/campaign.ts';
import { anyText } from '../core/text/any-text.ts';
import { PRINCIPAL } from '../core/verification/stored-secrets.ts';
import { send as sendExactly } from '../local/http.ts';
import { manager, send, signIn, startProduct, type TestProduct } from '../product.ts';
import { runs, tallied } from './tally.ts';

const RUNS = runs(scaled({ part: 40, whole: 5_000 }));
const tally = tallied('Names reach templates, logs, JSON-RPC and terminals as text, and as nothing else');

/** What means something to one of those who may print a name. */
const MEANINGFUL = [
  ...[
    'a"b',
    "a'b",
    'a\\b',
    '\\u001b[2J',
    '"}',
    '","code":"x","x":"',
    '{"a":1}',
    '</script><script>alert(1)</script>',
  ],
  ...[
    '$context.requestId',
    '$context.authorizer.scopes',
    '$stageVariables.x',
    '$input.body',
    '#set($x=1)',
    '{{7*7}}',
  ],
  ...[
    '${'.concat('context.requestId}'),
    '%0a%0dSet-Cookie:x',
    '%s%n%x',
    '=1+1',
    '; rm -rf /',
    '`id`',
    '../../etc',
    '&amp;',
  ],
  ...['WS#acme', 'ünïcödé 🔑', '\u00a0x', 'null', '__proto__', '-1', '*', 'x'.repeat(100)],
];

/** What would steer whoever prints it. */
const STEERING = [
  ...[
    'a\nb',
    'a\r\nb',
    '\u001b[2Jx',
    '\u001b]0;x\u0007',
    'a\u0000b',
    'a\u007fb',
    '\u009b2Jx',
    '\u0085x',
    '\u2028x',
  ],
  ...['\u202egnp.exe', '\u2066x\u2069', '\u200fx', '\u061cx', '\ud800x'],
];

describe('over HTTP', () => {
  let product: TestProduct;
  beforeAll(async () => {
    product = await startProduct();
  });
  afterAll(() => product.stop());

  /** Every line that was logged is one line of JSON, and has no more in it than its writer put there. */
  function expectTidyLines(): void {
    for (const line of product.lines) {
      const { source, text } = line;
      if (source.startsWith('gateway:')) continue;
      tally.count('lines of logs');
      if (!text.startsWith('{')) continue;
      expect(() => JSON.parse(text)).not.toThrow();
      expect(text).not.toMatch(/[\n\r]/);
      if (source.startsWith('access-log:'))
        expect(Object.keys(JSON.parse(text))).toHaveLength(ACCESS_LOG_FIELDS);
      expect(forTerminal(shownLine(line) ?? '')).toBe(shownLine(line) ?? '');
    }
  }
  const ACCESS_LOG_FIELDS = 11;

  tally.test('a name is kept and shown letter by letter, or refused', async () => {
    const { issue, update, get } = manager(product);
    for (const text of [...MEANINGFUL, ...STEERING]) {
      tally.count('names');
      const issued = await issue({ name: text, description: text });
      if (STEERING.includes(text)) {
        expect(issued).toMatchObject({ status: 400, body: { field: 'name' } });
        expect(JSON.stringify(issued.body)).not.toContain(JSON.stringify(text).slice(1, -1));
        continue;
      }
      expect(issued).toMatchObject({ status: 201, body: { key: { name: text, description: text } } });
      const { id } = issued.body.key;
      expect(await update(id, { name: `${text}`.slice(0, 99) })).toMatchObject({ status: 200 });
      expect((await get(id)).body.description).toBe(text);
      // A key whose name is anything is refused in words that have nothing of it.
      const refused = await send(`${product.apiUrl}/team`, { credential: issued.body.secret });
      expect(refused).toMatchObject({
        status: 403,
        body: { code: 'insufficient_scope', required_scope: 'admin' },
      });
    }
    expectTidyLines();
  });

  tally.test('a user’s id that would break a template or a log does not', async () => {
    for (const text of MEANINGFUL.filter((each) => each === each.trim() && !each.includes('@'))) {
      tally.count('users');
      const credential = await signIn(product, text);
      expect((await send(`${product.managementUrl}/v1/me`, { credential })).body.user).toBe(text);
      const refused = await send(`${product.managementUrl}/v1/keys/verify`, { credential, body: {} });
      expect(refused).toMatchObject({
        status: 403,
        body: { code: 'forbidden', type: '/docs/problems.md#forbidden' },
      });
      expect(Object.keys(refused.body).sort()).toEqual(
        ['type', 'title', 'status', 'detail', 'code', 'request_id'].sort(),
      );
      const invited = await manager(product, credential).list();
      expect(invited.status).toBe(404);
    }
    expectTidyLines();
  });

  tally.test(
    'paths and headers are in no template: what the gateway itself answers is JSON, whatever was asked',
    async () => {
      for (const text of [...MEANINGFUL, 'x"y', '%22', '%0a']) {
        tally.count('paths and headers');
        const odd = encodeURIComponent(text);
        for (const url of [`${product.apiUrl}/${odd}`, `${product.managementUrl}/v1/${odd}?${odd}=${odd}`])
          for (const value of [`Bearer ${odd}`, `${odd} Credential="x"`]) {
            const answer = await sendExactly(url, {
              headers: [
                ['Authorization', value],
                ['User-Agent', odd],
                ['X-Amzn-Trace-Id', odd],
                ['Accept', odd],
              ],
            });
            expect([400, 401, 403, 404]).toContain(answer.status);
            const { code, detail, type } = answer.json();
            expect([type, typeof detail]).toEqual([`/docs/problems.md#${code}`, 'string']);
            if (odd.length > 3) expect(answer.text).not.toContain(odd);
          }
      }
      expectTidyLines();
    },
  );
});

tally.test('a JSON-RPC id comes back exactly as it was sent, and an odd tool’s name not at all', async () => {
  const { profile } = loadProfile('supersonic');
  const principal = { ...PRINCIPAL, role: 'owner' as const };
  const handler = middy<GuardedMcpEvent, APIGatewayProxyResult>()
    .use(createGuardMcp(profile, async (_, requirement) => judgeScopes(principal, requirement)))
    .handler(async () => ({ statusCode: 200, body: '{}' }));
  const post = async (message: object) => {
    const event = {
      httpMethod: 'POST',
      resource: '/',
      multiValueHeaders: {},
      requestContext: { requestId: 'r' },
    };
    const { body } = await handler(
      { ...event, body: JSON.stringify(message) } as unknown as GuardedMcpEvent,
      {} as Context,
    );
    return JSON.parse(body);
  };
  const texts = fc.oneof(fc.constantFrom(...MEANINGFUL, ...STEERING), anyText({ maxLength: 60 }));
  await fc.assert(
    fc.asyncProperty(texts, fc.oneof(texts, fc.maxSafeInteger()), async (name, id) => {
      tally.count('JSON-RPC ids');
      fc.pre(!isToolName(name));
      const answer = await post({ jsonrpc: '2.0', id, method: 'tools/call', params: { name } });
      const content = [{ type: 'text', text: 'MCP error -32602: Tool not found' }];
      expect(answer).toEqual({ jsonrpc: '2.0', id, result: { content, isError: true } });
      expect((await post({ jsonrpc: '2.0', id, method: name })).id).toBe(id);
    }),
    RUNS,
  );
});

describe('a terminal', () => {
  tally.test('is steered by no text that goes through the one way to it', () => {
    fc.assert(
      fc.property(fc.oneof(anyText(), fc.constantFrom(...STEERING)), (text) => {
        tally.count('texts for terminals');
        expect(
          isPrintable(
            forTerminal(text)
              .replaceAll(/[\n\t]/g, '')
              .toWellFormed(),
          ),
        ).toBe(true);
        if (isPrintable(text)) expect(forTerminal(text)).toBe(text);
      }),
      RUNS,
    );
  });

  tally.test(
    'is steered by no argument that the command line repeats, and by no line that a function logs',
    async () => {
      const steering = ['\u001b[2J', '\u009b2J', '\u202e', '\r'];
      const all = `x${steering.join('x')}`;
      const commands = [
        [all],
        ['management-keys', all],
        ['secret-pattern', '--profile', all],
        ['secret-pattern', '--format', all],
      ];
      for (const args of commands) {
        const running = run(process.execPath, ['bin/keyward.mjs', ...args], { PATH: process.env.PATH });
        expect([1, 2]).toContain(await running.exit);
        tally.count('arguments');
        for (const odd of steering) expect(running.stdout() + running.stderr()).not.toContain(odd);
      }
      for (const odd of steering)
        for (const source of ['function:Keyward-Api/X', 'dynamodb'])
          expect(shownLine({ source, text: `{"message":"${odd}"}`, at: new Date(0) })).not.toContain(odd);
    },
  );
});
