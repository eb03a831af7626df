import { describe, expect } from '@jest/globals';
import middy from '@middy/core';
import type {
  APIGatewayProxyEvent,
  APIGatewayProxyResult,
  APIGatewayRequestAuthorizerEvent,
  Context,
} from 'aws-lambda';
import fc from 'fast-check';
import type { GuardedEvent, GuardedMcpEvent } from 'keyward/middleware';
import * as v from 'valibot';
import { isIdentifier } from '../../core/credential/identifier.ts';
import { checksum } from '../../core/credential/key-text.ts';
import { digestOf } from '../../core/credential/secret.ts';
import { credentialTypesOf } from '../../core/profile/profile.ts';
import { requirementFor } from '../../core/verification/requirement.ts';
import { createAuthorizer, looksLikeToken } from '../../lambdas/authorizer/authorizer.ts';
import { createGuardMcp } from '../../lambdas/guard/guard-mcp.ts';
import { createGuardAlone } from '../../lambdas/guard/profile-guards.ts';
import { type Verifier, verdictsByVerifying } from '../../lambdas/guard/verdict-source.ts';
import { ProblemError } from '../../lambdas/http/problem.ts';
import * as field from '../../lambdas/management/http/field.ts';
import { readCredentialPage, readPage } from '../../lambdas/management/http/page.ts';
import { readBody, readOptionalBody } from '../../lambdas/management/http/request-body.ts';
import { expiryField } from '../../lambdas/management/http/time-field.ts';
import { loadProfile } from '../../lib/files/profile-file.ts';
import { scaled } from '../campaigns/campaign.ts';
import { nearHeaders, nearMessages } from '../core/mcp/near-messages.ts';
import { anyText } from '../core/text/any-text.ts';
import { memoryVerificationStore } from '../core/verification/memory-verification-store.ts';
import { NOW, PRINCIPAL, SECRET } from '../core/verification/stored-secrets.ts';
import { capturedLog } from '../lambdas/captured-log.ts';
import { profile as standard } from '../standard-profile.ts';
import { anyHeaders, twisted } from './near-inputs.ts';
import { runs, tallied } from './tally.ts';

const RUNS = runs(scaled({ few: 50, part: 250, whole: 8_000 }));
const tally = tallied(
  'Whatever is sent to a handler is answered or refused: no crash, no 500, and nothing let in without a key',
);
const lines = capturedLog();

const { profile } = loadProfile('supersonic');
const KEY_BODY = `supersonic_live_${'0'.repeat(30)}`;
const KEY = KEY_BODY + checksum(KEY_BODY);

/** The guards and the authorizer on a memory that knows one key. */
function handlers() {
  const store = memoryVerificationStore();
  store.secrets.set(digestOf(KEY), { ...SECRET, principal: { ...PRINCIPAL, role: 'owner', scopes: 'all' } });
  const verification = { credentials: credentialTypesOf(profile), store, tracking: 'stamp' } as const;
  const verifier: Verifier = { profile, verification, now: () => NOW };
  const ok = async (): Promise<APIGatewayProxyResult> => ({
    statusCode: 200,
    body: '{"result":{"tools":[]}}',
  });
  return {
    store,
    authorize: createAuthorizer({
      verification,
      presentation: profile.presentation,
      requirement: (event) => requirementFor(profile, `${event.httpMethod} ${event.resource}`),
      signIn: { verify: async () => ({ kind: 'refuse', code: 'unknown' }), routes: [] },
      now: () => NOW,
    }),
    alone: middy<GuardedEvent, APIGatewayProxyResult>().use(createGuardAlone(verifier)).handler(ok),
    mcp: middy<GuardedMcpEvent, APIGatewayProxyResult>()
      .use(createGuardMcp(profile, verdictsByVerifying(verifier)))
      .handler(ok),
  };
}

const presentations = fc.oneof(
  { weight: 3, arbitrary: fc.constant({ Authorization: [`Bearer ${KEY}`] }) },
  { weight: 2, arbitrary: twisted(`Bearer ${KEY}`).map((value) => ({ authorization: [value] })) },
  { weight: 2, arbitrary: anyHeaders },
  { weight: 1, arbitrary: fc.constantFrom(undefined, null, {}) },
);

const events = fc
  .record({
    httpMethod: fc.constantFrom('POST', 'GET', 'DELETE', '', 'TRACE'),
    resource: fc.constantFrom('/', '/users', '/{proxy+}', '', '*', '/../'),
    presented: presentations,
    headers: nearHeaders,
    body: fc.oneof(
      anyText(),
      nearMessages.map((value) => JSON.stringify(value)),
      fc.constantFrom(null, '', 'null', '[]'),
    ),
    isBase64Encoded: fc.boolean(),
  })
  .map(({ presented, headers, ...event }) => ({
    ...event,
    path: event.resource,
    methodArn: 'arn:aws:execute-api:us-east-1:123456789012:api/live/GET/',
    multiValueHeaders: presented == null ? presented : { ...presented, ...headers },
    requestContext: { requestId: 'request-1', identity: { sourceIp: '192.0.2.1' } },
  }));

/** Whether a request holds the key in its one place, told without the code that is tried. */
function isKnown({ multiValueHeaders }: { multiValueHeaders?: object | null | undefined }): boolean {
  const values = Object.entries(multiValueHeaders ?? {}).flatMap(([name, list]) =>
    name.toLowerCase() === 'authorization' ? (list ?? []) : [],
  );
  return (
    values.length === 1 &&
    String(values[0]).replace(/^bearer +/i, '') === KEY &&
    /^bearer /i.test(String(values[0]))
  );
}

describe('events', () => {
  tally.test(
    'an authorizer lets in, denies or throws Unauthorized, and lets nobody in without a key',
    async () => {
      const { authorize } = handlers();
      await fc.assert(
        fc.asyncProperty(events, async (event) => {
          tally.count('inputs');
          const outcome = await authorize(event as unknown as APIGatewayRequestAuthorizerEvent).catch(
            (error: Error) => error.message,
          );
          if (!isKnown(event)) expect(outcome).toBe('Unauthorized');
          else expect(outcome).toHaveProperty('policyDocument.Statement.0.Effect');
        }),
        RUNS,
      );
      expect(lines.join()).not.toContain(KEY);
    },
  );

  tally.test('a guard answers with JSON and no 500, and 401 without a key', async () => {
    const { alone, mcp } = handlers();
    await fc.assert(
      fc.asyncProperty(events, async (event) => {
        const guarded = event as unknown as GuardedEvent & GuardedMcpEvent;
        for (const answer of [alone({ ...guarded }, {} as Context), mcp({ ...guarded }, {} as Context)]) {
          tally.count('inputs');
          const { statusCode, body } = await answer;
          expect([200, 202, 400, 401, 403, 404, 405]).toContain(statusCode);
          if (!isKnown(event)) expect(statusCode).toBe(401);
          if (body !== '') expect(typeof JSON.parse(body)).toBe('object');
        }
      }),
      RUNS,
    );
    expect(lines.join()).not.toContain(KEY);
  });

  tally.test('no key can be taken for a token of somebody who has signed in', () => {
    expect(looksLikeToken(KEY)).toBe(false);
    for (const type of credentialTypesOf(profile)) expect(type.format.prefix).not.toContain('.');
  });
});

const issueBody = v.strictObject({
  name: field.nameField(standard),
  description: v.optional(field.descriptionField(standard)),
  scopes: field.scopesField(standard),
  created_by: v.optional(field.userIdField(standard)),
  expires_at: v.optional(expiryField(NOW)),
  allowed_cidrs: v.optional(field.allowedCidrsField),
  rate_limit: v.optional(field.rateLimitField(standard)),
  role: v.optional(field.roleField),
  email: v.optional(field.emailField),
  plan: v.optional(field.planField(standard)),
});

/** Stands in what is sent, so that an answer which repeats it gives itself away. */
const CANARY = 'Canary0bird';
const odd = fc.oneof(
  fc.jsonValue(),
  anyText({ maxLength: 20 }),
  fc.constant(CANARY),
  fc.constantFrom([], {}, null, -1, 1e300),
);
const mostly = (right: unknown) =>
  fc.oneof({ weight: 8, arbitrary: fc.constant(right) }, { weight: 1, arbitrary: odd });

const nearBodies = fc
  .record(
    {
      name: mostly('ci'),
      description: mostly('of the pipeline'),
      scopes: mostly(['read:all']),
      created_by: mostly('usr_1'),
      expires_at: mostly('2099-01-01T00:00:00Z'),
      allowed_cidrs: mostly(['10.0.0.0/8', '2001:db8::/32']),
      rate_limit: mostly({ limit: 1, window_seconds: 60 }),
      role: mostly('owner'),
      email: mostly('ada@example.com'),
      plan: mostly('pro'),
    },
    { requiredKeys: ['name', 'scopes'] },
  )
  .chain((body) =>
    fc.oneof(
      fc.constant(body),
      fc.dictionary(anyText({ maxLength: 12 }), odd, { maxKeys: 2 }).map((more) => ({ ...body, ...more })),
    ),
  );

const bodies = fc.oneof(
  { weight: 6, arbitrary: nearBodies.map((value) => JSON.stringify(value)) },
  { weight: 1, arbitrary: fc.json() },
  { weight: 1, arbitrary: anyText() },
  {
    weight: 1,
    arbitrary: fc.constantFrom(null, '', '[]', 'null', `"${CANARY}"`, '{"__proto__":{"name":1}}'),
  },
);

/** What an operation is told about something that it cannot take. */
function refusalOf(read: () => unknown): ProblemError | undefined {
  try {
    read();
    return undefined;
  } catch (error) {
    if (error instanceof ProblemError) return error;
    throw error;
  }
}

tally.test('a body is read, or refused as a bad one with the field’s name, and never repeated', () => {
  let taken = 0;
  fc.assert(
    fc.property(bodies, fc.boolean(), (body, isBase64Encoded) => {
      tally.count('inputs');
      const sent = body !== null && isBase64Encoded ? Buffer.from(body).toString('base64') : body;
      const event = { body: sent, isBase64Encoded } as APIGatewayProxyEvent;
      const refusal = refusalOf(() => readBody(event, issueBody));
      refusalOf(() => readOptionalBody(event, v.strictObject({})));
      if (refusal === undefined) {
        taken += 1;
        return;
      }
      expect([400, 413]).toContain(refusal.problem.status);
      expect(refusal.problem.members).toMatchObject({ field: expect.stringMatching(/^[\w.]{1,64}$/) });
      expect(JSON.stringify(refusal.problem)).not.toContain(CANARY);
    }),
    RUNS,
  );
  expect(taken).toBeGreaterThan(0);
});

const cursor = Buffer.from('key_0VbfMAmUeJitTzsO8SVy').toString('base64url');
/** Mostly right, so that what is wrong about one parameter is not hidden behind another. */
const orOdd = (right: string, ...wrong: string[]) =>
  fc.oneof(
    { weight: 6, arbitrary: fc.constant(right) },
    { weight: 1, arbitrary: fc.constantFrom(...wrong) },
    { weight: 1, arbitrary: anyText({ maxLength: 5 }) },
  );
const queries = fc.oneof(
  { weight: 1, arbitrary: fc.constantFrom(null, undefined, {}, { offset: '1' }, { __proto__: '1' }) },
  {
    weight: 9,
    arbitrary: fc.record(
      {
        limit: orOdd('100', '1', '101', '0', '-1', '1e2', '٣', ''),
        cursor: fc.oneof(twisted(cursor), fc.base64String(), anyText({ maxLength: 40 })),
        status: orOdd('active', 'Active', '__proto__'),
      },
      { requiredKeys: [] },
    ),
  },
);

tally.test('a page is one of the list’s own, or refused', () => {
  const isKeyId = (text: string) => isIdentifier('key', text);
  fc.assert(
    fc.property(queries, (queryStringParameters) => {
      const event = { queryStringParameters } as unknown as APIGatewayProxyEvent;
      for (const read of [() => readPage(event, isKeyId), () => readCredentialPage(event, isKeyId)]) {
        tally.count('inputs');
        const refusal = refusalOf(() => {
          const page = read();
          expect(page.limit).toBeGreaterThan(0);
          expect(page.limit).toBeLessThan(101);
          if (page.after !== undefined) expect(isKeyId(page.after)).toBe(true);
        });
        if (refusal !== undefined) expect(refusal.problem.status).toBe(400);
      }
    }),
    RUNS,
  );
});
