import { describe, expect, jest, test } from '@jest/globals';
import middy from '@middy/core';
import type { Context } from 'aws-lambda';
import { build } from 'esbuild';
import {
  answerError,
  type GuardedEvent,
  guard,
  guardAlone,
  guardMcp,
  guardMcpBehindAuthorizer,
} from 'keyward/middleware';
import { Unavailable } from '../../../core/errors/fault.ts';
import { PROBLEMS } from '../../../core/errors/public-problem.ts';
import type { StoredSecret, VerificationStore } from '../../../core/verification/verification-store.ts';
import { createGuardAlone, readProfileOptions } from '../../../lambdas/guard/profile-guards.ts';
import { loadProfile } from '../../../lib/files/profile-file.ts';
import standard from '../../../profiles/standard.json' with { type: 'json' };
import supersonic from '../../../profiles/supersonic.json' with { type: 'json' };
import { apiKeyOf, NOW, SECRET } from '../../core/verification/stored-secrets.ts';
import { ERRORS, madeUpBody, REFUSED_BODIES } from '../../made-up-errors.ts';
import { capturedLog } from '../captured-log.ts';

const { profile } = loadProfile('standard');
const lines = capturedLog();
const KEY = 'kw_live_0000000000000000000000000000000Ch1WP';

const event = (fields: object = {}) =>
  ({
    httpMethod: 'GET',
    resource: '/users',
    multiValueHeaders: { authorization: [`Bearer ${KEY}`] },
    requestContext: { requestId: 'request-1', identity: { sourceIp: '192.0.2.1' } },
    ...fields,
  }) as unknown as GuardedEvent;

const API_KEY = apiKeyOf({ ...profile.apiKey.format, hasChecksum: false, randomLength: 36 });

/** A store whose every operation fails. */
function storeThat(fails: Error): VerificationStore {
  const fail = async () => {
    throw fails;
  };
  return { find: fail, count: fail, stamp: fail };
}

const FAULTS = [
  { fault: new Unavailable('the store is down'), status: 503, retryAfter: '1', kind: 'passing' },
  {
    fault: new Error('wrapped', { cause: new Unavailable('slow') }),
    status: 503,
    retryAfter: '1',
    kind: 'passing',
  },
  { fault: new TypeError('x is not a function'), status: 500, retryAfter: undefined, kind: 'defect' },
  {
    fault: new Error('A stored credential has no scopes.'),
    status: 500,
    retryAfter: undefined,
    kind: 'defect',
  },
];

test.each(FAULTS)(
  'a fault is $status, its line says $kind, and the handler never runs: $fault',
  async (given) => {
    const { fault, status, retryAfter, kind } = given;
    const product = jest.fn(async () => ({ statusCode: 200, body: '' }));
    const verification = { credentials: [API_KEY] };
    const handler = middy()
      .use(
        createGuardAlone({
          profile,
          verification: { ...verification, store: storeThat(fault), tracking: 'count' },
          now: () => 1000,
        }),
      )
      .handler(product);
    const answer = await handler(event(), {} as Context);
    expect(answer.statusCode).toBe(status);
    expect(answer.headers?.['Retry-After']).toBe(retryAfter);
    expect(product).not.toHaveBeenCalled();
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({
      message: 'fault',
      kind,
      request_id: 'request-1',
      AuthorizationFault: 1,
    });
    expect(lines.join()).not.toContain(KEY);
  },
);

test('a route that the profile does not grant is 403 for every key', async () => {
  const find = jest.fn<VerificationStore['find']>(async () => ({
    principal: {
      kind: 'api_key',
      credentialId: 'key_1',
      workspace: 'acme',
      user: null,
      role: null,
      scopes: 'all',
      constraints: { expiresAt: null, allowedCidrs: [] },
    },
    state: 'active',
    expiresAt: null,
    rateLimit: null,
    window: null,
    lastUsedAt: null,
  }));
  const verification = {
    credentials: [API_KEY],
    store: { ...storeThat(new Error('the store is down')), find },
    tracking: 'count',
  } as const;
  const handler = middy()
    .use(createGuardAlone({ profile, verification, now: () => 1000 }))
    .handler(async () => ({ statusCode: 200, body: '' }));
  const answer = await handler(event({ resource: '/secret-plans' }), {} as Context);
  expect(answer.statusCode).toBe(403);
  expect(JSON.parse(answer.body)).toMatchObject({ code: 'forbidden', request_id: 'request-1' });
  expect(JSON.parse(lines[0] ?? '')).toMatchObject({
    code: 'forbidden',
    request_id: 'request-1',
    Refused: 1,
  });
});

describe('the guard alone answers in the error bodies of the profile', () => {
  const own = { ...profile, errors: ERRORS };
  const guarded = (store: VerificationStore) =>
    middy()
      .use(
        createGuardAlone({
          profile: own,
          verification: { credentials: [API_KEY], store, tracking: 'stamp' },
          now: () => NOW,
        }),
      )
      .handler(async (called: GuardedEvent) =>
        answerError({ ...called }, { status: 410, title: 'Gone', code: 'sold_out', detail: 'All are sold.' }),
      );
  const storeWith = (secret: Partial<StoredSecret>): VerificationStore => ({
    ...storeThat(new Error('the store is down')),
    find: async () => ({ ...SECRET, lastUsedAt: NOW, ...secret }),
  });
  const holding = (...scopes: [string]) => ({ principal: { ...SECRET.principal, scopes } });
  const { detail } = PROBLEMS.not_begun;

  test.each<[string, VerificationStore, object, object]>([
    ['401', storeWith({ state: 'revoked' }), {}, REFUSED_BODIES.unauthorized],
    ['403', storeWith(holding('read:all')), { resource: '/nowhere' }, REFUSED_BODIES.forbidden],
    ['403', storeWith(holding('read:all')), { httpMethod: 'POST' }, REFUSED_BODIES.lacking('write:all')],
    [
      '503',
      storeThat(new Unavailable('the store is down')),
      {},
      madeUpBody(503, 'unavailable', 'Service Unavailable', detail),
    ],
    ['410', storeWith(holding('read:all')), {}, madeUpBody(410, 'sold_out', 'Gone', 'All are sold.')],
  ])('%s', async (status, store, fields, body) => {
    const answer = await guarded(store)(event(fields), {} as Context);
    expect(answer.statusCode).toBe(Number(status));
    expect(answer.headers?.['Content-Type']).toBe('application/json');
    expect(JSON.parse(answer.body)).toEqual(body);
  });
});

test('without error bodies in the profile, an error is problem details', () => {
  const { requestContext } = event();
  const answer = answerError({ requestContext }, PROBLEMS.not_found);
  expect(answer.headers?.['Content-Type']).toBe('application/problem+json');
  expect(JSON.parse(answer.body)).toEqual({
    type: expect.any(String),
    ...PROBLEMS.not_found,
    request_id: 'request-1',
  });
});

describe('a guard that decides by a profile', () => {
  const guards = { guardAlone, guardMcp, guardMcpBehindAuthorizer };
  const each = Object.entries(guards) as unknown as [string, (options?: unknown) => unknown][];

  test.each(each)('%s does not start without one, and says what to do', (name, make) => {
    const sentence = `${name}() needs the profile of the product: call ${name}({ profile }) with the data of its JSON file.`;
    for (const options of [
      undefined,
      {},
      ...[undefined, null, 'standard', 1].map((profile) => ({ profile })),
    ])
      expect(() => make(options)).toThrow(sentence);
  });

  test.each(each)(
    '%s does not start with one that is not valid, and says what is wrong with it',
    (name, make) => {
      const { realm, ...unnamed } = standard;
      for (const [wrong, sentence] of [
        [unnamed, "The profile's realm must be given."],
        [
          { ...standard, color: 'red' },
          "The profile's color must be left out, since no such field is known.",
        ],
        [
          { ...standard, routes: ['GET /users/**'] },
          'The profile grants GET /projects/**, which is not among its routes.',
        ],
        [
          profile,
          "The profile's issuing.requiresName must be left out, since no such field is known (did you mean requires_name?).",
        ],
        [[standard], 'The profile must be an object.'],
      ] as const)
        expect(() => make({ profile: wrong })).toThrow(
          `${name}() was given a profile that is not valid. ${sentence}`,
        );
      expect(realm).toBe('standard');
    },
  );

  test('keeps the profile that it got at start, even if the data changes later', () => {
    const data = structuredClone(supersonic);
    const parsed = readProfileOptions('guardMcp', { profile: data });
    const before = structuredClone(parsed.profile);
    data.mcp.path = '/elsewhere';
    data.scopes.length = 0;
    data.presentation.kind = 'header';
    expect(parsed.profile).toEqual(before);
  });
});

describe('options of a guard', () => {
  test('are refused at start if no guard has them', () => {
    expect(() => guard({ cache: true } as object)).toThrow('guard() has no option cache.');
    const options = { cache: true, profile: standard };
    expect(() => guardAlone(options)).toThrow('guardAlone() has no option cache.');
  });

  test('do not make up for a function that was deployed without its table', () => {
    expect(() => guardAlone({ profile: standard })).toThrow('KEYWARD_SECRETS_TABLE');
  });
});

test('a function behind the authorizer is bundled without the AWS SDK and without a profile', async () => {
  interface Bundled {
    readonly bytes: number;
    readonly files: readonly string[];
  }
  const inputsOf = async (name: string): Promise<Bundled> => {
    const { metafile } = await build({
      stdin: {
        contents: `import { ${name} } from 'keyward/middleware'; export const middleware = ${name}();`,
        resolveDir: import.meta.dirname,
      },
      bundle: true,
      minify: true,
      platform: 'node',
      format: 'esm',
      mainFields: ['module', 'main'],
      write: false,
      metafile: true,
    });
    const [output] = Object.values(metafile.outputs);
    const used = Object.entries(output?.inputs ?? {}).filter(([, { bytesInOutput }]) => bytesInOutput > 0);
    return { bytes: output?.bytes ?? 0, files: used.map(([file]) => file) };
  };
  const [behind, mcpBehind, alone] = (await Promise.all(
    (['guard', 'guardMcpBehindAuthorizer', 'guardAlone'] as const).map(inputsOf),
  )) as [Bundled, Bundled, Bundled];
  expect(behind.files.filter((file) => /@aws-sdk|@smithy|stores\/|profiles\/|valibot/.test(file))).toEqual(
    [],
  );
  expect(behind.bytes).toBeLessThan(13.5 * 1024);
  expect(mcpBehind.files.filter((file) => /@aws-sdk|@smithy|stores\//.test(file))).toEqual([]);
  expect(alone.files.some((file) => file.includes('@aws-sdk'))).toBe(true);
});
