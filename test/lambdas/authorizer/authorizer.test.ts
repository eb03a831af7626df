import { beforeEach, describe, expect, test } from '@jest/globals';
import type { APIGatewayRequestAuthorizerEvent } from 'aws-lambda';
import { checksum } from '../../../core/credential/key-text.ts';
import { digestOf } from '../../../core/credential/secret.ts';
import { Throttled, Unavailable } from '../../../core/errors/fault.ts';
import { REFUSALS, type RefusalCode } from '../../../core/verification/refusal.ts';
import type { Claim } from '../../../core/verification/verdict.ts';
import type { StoredSecret } from '../../../core/verification/verification-store.ts';
import { createAuthorizer } from '../../../lambdas/authorizer/authorizer.ts';
import type { AuthorizerOptions, NotedRefusal } from '../../../lambdas/authorizer/authorizer-options.ts';
import { readDecision, readSignedInUser } from '../../../lambdas/authorizer/principal-context.ts';
import {
  type MemoryStore,
  memoryVerificationStore,
} from '../../core/verification/memory-verification-store.ts';
import { apiKeyOf, boundTo, NOW, PRINCIPAL, SECRET } from '../../core/verification/stored-secrets.ts';
import { ERRORS } from '../../made-up-errors.ts';
import { capturedLog } from '../captured-log.ts';

const random = `kw_live_${'a'.repeat(30)}`;
const TEXT = random + checksum(random);
const STAGE = 'arn:aws:execute-api:us-east-1:123456789012:api/live';
const RATE_LIMIT = { limit: 1, windowSeconds: 60 };
const EXHAUSTED = { ...SECRET, rateLimit: RATE_LIMIT, window: { endsAt: NOW + 30, used: 1 } };

const lines = capturedLog();
let store: MemoryStore;
beforeEach(() => {
  store = memoryVerificationStore();
});

const remember = (secret: StoredSecret) => store.secrets.set(digestOf(TEXT), secret);
const log = () => lines.map((line): unknown => JSON.parse(line));

interface Asked {
  readonly options?: Partial<AuthorizerOptions>;
  readonly requirement?: Claim['requirement'];
  readonly authorization?: readonly string[];
  readonly path?: string;
}

const CALLED = '/users/the-called-one';

function authorize(asked: Asked = {}) {
  const { options, requirement = 'any', authorization = [`Bearer ${TEXT}`], path = CALLED } = asked;
  const authorizer = createAuthorizer({
    verification: {
      credentials: [apiKeyOf({ prefix: 'kw_live_', randomLength: 30, hasChecksum: true })],
      store,
      tracking: 'count',
    },
    presentation: { kind: 'bearer' },
    requirement: () => requirement,
    isGuarded: () => true,
    now: () => NOW,
    ...options,
  });
  const event = {
    type: 'REQUEST',
    methodArn: `${STAGE}/GET${path}`,
    httpMethod: 'GET',
    resource: '/users/{id}',
    path,
    multiValueHeaders: { AUTHORIZATION: authorization },
    requestContext: { requestId: 'request-1', identity: { sourceIp: '203.0.113.7' } },
  } as unknown as APIGatewayRequestAuthorizerEvent;
  return authorizer(event);
}

describe('the policy for a valid credential', () => {
  test('allows what was called and nothing more', async () => {
    remember(SECRET);
    const { principalId, policyDocument } = await authorize();
    expect(principalId).toBe(PRINCIPAL.credentialId);
    expect(policyDocument.Statement).toEqual([
      { Action: 'execute-api:Invoke', Effect: 'Allow', Resource: [`${STAGE}/GET${CALLED}`] },
    ]);
  });

  test('denies what a wildcard in the path would also match', async () => {
    remember(SECRET);
    const { policyDocument } = await authorize({ path: '/users/m*' });
    const [allowed, denied] = policyDocument.Statement;
    expect(allowed).toMatchObject({ Effect: 'Allow', Resource: [`${STAGE}/GET/users/m?`] });
    expect(denied?.Effect).toBe('Deny');
    expect(denied?.Resource).toContain('arn:aws:execute-api:*:*:*e');
  });

  test('denies, with a reason and a log line, a path that is too long for any policy', async () => {
    remember(SECRET);
    for (const path of ['/part'.repeat(100), `/users/${'*'.repeat(200)}`]) {
      const { policyDocument, context } = await authorize({ path });
      expect(policyDocument.Statement).toMatchObject([{ Effect: 'Deny' }]);
      expect(context).toMatchObject({
        code: 'forbidden',
        detail: expect.stringContaining('The path is too long'),
      });
    }
    expect(log()).toMatchObject([{ code: 'forbidden' }, { code: 'forbidden' }]);
  });

  test('hands the principal and the rest of its limit to the backend', async () => {
    remember({ ...SECRET, rateLimit: RATE_LIMIT });
    const { context } = await authorize();
    const rate = { ...RATE_LIMIT, remaining: 0, resetSeconds: 60 };
    expect(readDecision(context)).toEqual({ kind: 'allow', principal: PRINCIPAL, rate });
    expect(lines).toEqual([]);
  });
});

describe('exactly Unauthorized is thrown for a credential that is', () => {
  const states: [RefusalCode, StoredSecret | undefined][] = [
    ['unknown', undefined],
    ['revoked', { ...SECRET, state: 'revoked' }],
    ['expired', { ...SECRET, expiresAt: NOW }],
    ['disabled', { ...SECRET, state: 'disabled' }],
    ['network', boundTo(['10.0.0.0/8'])],
  ];

  test.each(states)('%s, and its log line says so without the credential', async (code, secret) => {
    if (secret) remember(secret);
    await expect(authorize()).rejects.toThrow(/^Unauthorized$/);
    const known = secret ? { credential_id: PRINCIPAL.credentialId } : {};
    expect(log()).toEqual([
      expect.objectContaining({ message: 'refused', request_id: 'request-1', code, Refused: 1, ...known }),
    ]);
    if (!secret) expect(lines.join()).not.toContain('credential_id');
    expect(lines.join()).not.toContain('a'.repeat(30));
  });

  test.each([
    ['missing', []],
    ['sent twice', [`Bearer ${TEXT}`, `Bearer ${TEXT}`]],
    ['of another scheme', [`Basic ${TEXT}`]],
    ['malformed', [`Bearer ${TEXT}0`]],
    ['mistyped', [`Bearer ${TEXT.replace('aa', 'ab')}`]],
  ])('%s, without a look-up', async (_, authorization) => {
    remember(SECRET);
    await expect(authorize({ authorization })).rejects.toThrow(/^Unauthorized$/);
    expect(store.operations).toEqual([]);
    expect(log()).toEqual([
      expect.objectContaining({ code: expect.stringMatching(/^(missing|malformed)$/) }),
    ]);
    expect(lines.join()).not.toContain('a'.repeat(30));
  });

  test('every code whose public status is 401 is in the list above', () => {
    const codes = Object.entries(REFUSALS).filter(([, { status }]) => status === 401);
    const tested = ['missing', 'malformed', ...states.map(([code]) => code)];
    expect(codes.map(([code]) => code).sort()).toEqual(tested.sort());
  });
});

describe('a valid credential that may not do this', () => {
  const lacking = { requiredScope: 'write', grantedBy: ['write', 'admin'] };

  test.each([
    ['insufficient_scope', lacking, 'insufficient_scope', ',"required_scope":"write"'],
    ['forbidden', 'none', 'forbidden', ''],
  ] as const)(
    'is denied the whole stage with fixed texts: %s',
    async (refusal, requirement, code, requiredScopeMember) => {
      remember({ ...SECRET, principal: { ...PRINCIPAL, user: 'a "user" of any \\ name' } });
      const { policyDocument, context } = await authorize({ requirement });
      expect(policyDocument.Statement).toEqual([
        { Action: 'execute-api:Invoke', Effect: 'Deny', Resource: [`${STAGE}/*`] },
      ]);
      const { detail } = REFUSALS[refusal];
      const { credentialId } = PRINCIPAL;
      // Gateway responses escape nothing: there is no member here that a caller could have written.
      expect(context).toEqual({ code, detail, requiredScopeMember, credentialId, refusal });
      expect(readDecision(context)).toBeUndefined();
      expect(log()).toEqual([expect.objectContaining({ code: refusal, credential_id: credentialId })]);
      expect(lines.join()).not.toContain(TEXT);
    },
  );
});

describe('a denial of a product whose profile says how errors look is in its words, escaped as JSON', () => {
  const ownWords = (texts: object, scope: string | null) => ({
    ...texts,
    title: 'Nein',
    requiredScope: scope ?? '',
    requiredScopeValue: JSON.stringify(scope),
  });
  const lacking = { requiredScope: 'write', grantedBy: ['write'] };
  const options = { errors: ERRORS };

  test.each<[string, Asked, object]>([
    [
      'for the scope that is missing',
      { requirement: lacking },
      ownWords(
        { code: 'insufficient_scope', detail: String.raw`Your key is \"too small\" \\ 권한` },
        'write',
      ),
    ],
    [
      'for what nobody may do',
      { requirement: 'none' },
      ownWords({ code: 'forbidden', detail: String.raw`Das geht \"so\" nicht \\ 안 돼요` }, null),
    ],
    [
      'for a path that no policy can name',
      { path: `/users/${'*'.repeat(200)}` },
      ownWords({ code: 'forbidden', detail: String.raw`Das geht \"so\" nicht \\ 안 돼요` }, null),
    ],
    [
      'in an allow, beyond its policy',
      {},
      ownWords({ code: 'forbidden', detail: String.raw`Das geht \"so\" nicht \\ 안 돼요` }, null),
    ],
  ])('%s', async (_, asked, texts) => {
    remember(SECRET);
    const { context } = await authorize({ ...asked, options });
    expect(context).toMatchObject(texts);
  });

  test('a call beyond its limit on a route without a guard is denied in those words', async () => {
    remember(EXHAUSTED);
    const { context } = await authorize({ options: { ...options, isGuarded: () => false } });
    // API Gateway answers 403 there.
    const detail = String.raw`Das geht \"so\" nicht \\ 안 돼요`;
    expect(context).toMatchObject(ownWords({ code: 'rate_limited', detail }, null));
  });
});

test('a key used too fast to be counted is let in without a word about its limit, and a metric counts it', async () => {
  remember({ ...SECRET, rateLimit: RATE_LIMIT });
  store.interfere = (operation) => {
    if (operation === 'count') throw new Throttled('too often');
  };
  const { policyDocument, context } = await authorize();
  expect(policyDocument.Statement[0]?.Effect).toBe('Allow');
  expect(readDecision(context)).toEqual({ kind: 'allow', principal: PRINCIPAL });
  const { credentialId, workspace } = PRINCIPAL;
  const line = { level: 'WARN', credential_id: credentialId, workspace, gave_way: 'limit', LimitDegraded: 1 };
  expect(log()).toEqual([expect.objectContaining(line)]);
  store.interfere = () => {};
  await authorize();
  expect(log()).toHaveLength(1);
});

test('a key whose use cannot be noted is let in, and a log line tells the operator that and why', async () => {
  remember(SECRET);
  store.interfere = (operation) => {
    if (operation === 'stamp')
      throw Object.assign(new Error('not allowed'), { name: 'AccessDeniedException' });
  };
  const credentials = [apiKeyOf({ prefix: 'kw_live_', randomLength: 30, hasChecksum: true })];
  const options = { verification: { credentials, store, tracking: 'stamp' } } as const;
  const { policyDocument } = await authorize({ options });
  expect(policyDocument.Statement[0]?.Effect).toBe('Allow');
  const { credentialId, workspace } = PRINCIPAL;
  const line = {
    level: 'WARN',
    credential_id: credentialId,
    workspace,
    gave_way: 'stamp',
    UseNotNoted: 1,
    kind: 'defect',
    causes: [{ name: 'AccessDeniedException', message: 'not allowed' }],
  };
  expect(log()).toEqual([expect.objectContaining(line)]);
});

test.each([
  [new Unavailable('slow'), 'passing'],
  [new TypeError('x is not a function'), 'defect'],
])('a fault is thrown, which lets nobody in, and its line and metric tell %s as %s', async (fault, kind) => {
  remember(SECRET);
  store.interfere = () => {
    throw fault;
  };
  await expect(authorize()).rejects.not.toThrow('Unauthorized');
  const [line] = log() as { kind: string; _aws: { CloudWatchMetrics: unknown[] } }[];
  expect(line).toMatchObject({ message: 'fault', kind, AuthorizationFault: 1 });
  expect(line?._aws.CloudWatchMetrics).toMatchObject([{ Dimensions: [['stack'], ['stack', 'kind']] }]);
});

describe('a refused call', () => {
  /** What is told of as denied. */
  async function refusals(asked: Asked): Promise<Pick<NotedRefusal, 'caller' | 'code'>[]> {
    const told: Pick<NotedRefusal, 'caller' | 'code'>[] = [];
    const noteRefusal = async ({ caller, code }: NotedRefusal) => void told.push({ caller, code });
    await authorize({ ...asked, options: { ...asked.options, noteRefusal } }).catch(() => undefined);
    return told;
  }

  test('writes one refusal event if its credential is in force', async () => {
    remember(SECRET);
    const caller = PRINCIPAL;
    expect(await refusals({ requirement: 'none' })).toEqual([{ caller, code: 'forbidden' }]);
    const lacking = { requiredScope: 'write', grantedBy: ['write', 'admin'] };
    expect(await refusals({ requirement: lacking })).toEqual([{ caller, code: 'insufficient_scope' }]);
    expect(await refusals({})).toEqual([]);
  });

  test('with an invalid credential writes no refusal event, because anybody could send one', async () => {
    expect(await refusals({ requirement: 'none' })).toEqual([]);
    for (const secret of [{ ...SECRET, state: 'revoked' } as const, { ...SECRET, expiresAt: NOW }]) {
      remember(secret);
      expect(await refusals({ requirement: 'none' })).toEqual([]);
    }
    expect(await refusals({ authorization: [] })).toEqual([]);
  });

  test('of a signed-in person gets a policy that denies it, one refusal event and one log line', async () => {
    const user = { kind: 'signed_in', user: 'usr_1' } as const;
    const personAllowed = (routes: readonly string[]): Asked => ({
      authorization: ['Bearer a.b.c'],
      options: { signIn: { verify: async () => ({ kind: 'allow', user }), routes } },
    });
    expect(await refusals(personAllowed(['GET /users']))).toEqual([{ caller: user, code: 'forbidden' }]);
    expect(log()).toMatchObject([{ message: 'refused', code: 'forbidden', user: 'usr_1' }]);
    const { policyDocument, context } = await authorize(personAllowed(['GET /users']));
    expect(policyDocument.Statement).toMatchObject([{ Effect: 'Deny' }]);
    expect(context).toMatchObject({ refusal: 'forbidden', requiredScopeMember: '' });
    expect(readSignedInUser(context)).toBeUndefined();
    expect(await refusals(personAllowed(['GET /users/{id}']))).toEqual([]);
    expect(log()).toHaveLength(2);
  });
});

describe('a call above the rate limit', () => {
  test('is handed to the guard, which alone can answer 429', async () => {
    remember(EXHAUSTED);
    const { policyDocument, context } = await authorize();
    expect(policyDocument.Statement[0]?.Effect).toBe('Allow');
    const rate = { ...RATE_LIMIT, remaining: 0, resetSeconds: 30 };
    expect(readDecision(context)).toEqual({ kind: 'rate_limited', principal: PRINCIPAL, rate });
    expect(log()).toEqual([expect.objectContaining({ code: 'rate_limited' })]);
  });

  test('is denied by the authorizer on a route that is not known to have a guard behind it', async () => {
    remember(EXHAUSTED);
    const { policyDocument, context } = await authorize({ options: { isGuarded: () => false } });
    expect(policyDocument.Statement[0]).toMatchObject({ Effect: 'Deny', Resource: [`${STAGE}/*`] });
    expect(context).toMatchObject({ code: 'rate_limited', refusal: 'rate_limited' });
    expect(readDecision(context)).toBeUndefined();
  });
});

describe('where API Gateway caches verdicts', () => {
  const keptFor = (granted: boolean): Asked => ({
    options: {
      cached: {
        credentialHeader: 'authorization',
        challenge: 'Bearer',
        routes: () => ['GET /users/**', 'POST /users/{id}/photos', '* /settings'],
        grants: () => granted,
      },
    },
  });
  const everyMethod = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD', 'OPTIONS'];
  const allowed = {
    Action: 'execute-api:Invoke',
    Effect: 'Allow',
    Resource: [
      `${STAGE}/GET/users`,
      `${STAGE}/GET/users/*`,
      `${STAGE}/POST/users/*/photos`,
      ...everyMethod.map((method) => `${STAGE}/${method}/settings`),
    ],
  };

  test('a policy names all that a credential may call, whichever route was called', async () => {
    remember(SECRET);
    const { policyDocument } = await authorize(keptFor(true));
    expect(policyDocument.Statement).toEqual([allowed]);
    expect(lines).toEqual([]);
  });

  test('a call that the policy denies is still logged as a refusal', async () => {
    remember(SECRET);
    const told: NotedRefusal[] = [];
    const { options } = keptFor(false);
    const noteRefusal = async (denial: NotedRefusal) => void told.push(denial);
    const { policyDocument, context } = await authorize({ options: { ...options, noteRefusal } });
    expect(policyDocument.Statement).toEqual([allowed]);
    expect(context).toMatchObject({ code: 'forbidden', requiredScopeMember: '' });
    expect(log()).toMatchObject([
      { message: 'refused', code: 'forbidden', credential_id: PRINCIPAL.credentialId },
    ]);
    expect(told).toMatchObject([{ caller: PRINCIPAL, code: 'forbidden' }]);
  });
});

test('a store that throws at once is a fault like any other', async () => {
  const credentials = [apiKeyOf({ prefix: 'kw_live_', randomLength: 30, hasChecksum: true })];
  const broken = {
    ...store,
    find: () => {
      throw new Error('The table is gone.');
    },
  };
  const failing = authorize({ options: { verification: { credentials, store: broken, tracking: 'stamp' } } });
  await expect(failing).rejects.toThrow('The credential could not be checked.');
  expect(log()).toMatchObject([{ level: 'ERROR', message: 'fault', AuthorizationFault: 1 }]);
});

test('a fault of the store is thrown as no verdict, never as Unauthorized, and logs no secret', async () => {
  remember(SECRET);
  store.interfere = () => {
    throw Object.assign(new Error('The table is gone.', { cause: new Error('socket hang up') }), {
      request: { headers: { Authorization: `Bearer ${TEXT}` } },
    });
  };
  const failure = await authorize().catch((error: unknown) => error);
  expect(failure).toMatchObject({ message: 'The credential could not be checked.' });
  const causes = [
    { name: 'Error', message: 'The table is gone.' },
    { name: 'Error', message: 'socket hang up' },
  ];
  expect(log()).toMatchObject([{ level: 'ERROR', message: 'fault', request_id: 'request-1', causes }]);
  expect(log()).toMatchObject([{ AuthorizationFault: 1 }]);
  expect(lines.join()).not.toContain(TEXT);
});
