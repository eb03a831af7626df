import { mkdtempSync, rmSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PutItemCommand } from '@aws-sdk/client-dynamodb';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { REFUSALS } from '../../core/verification/refusal.ts';
import type { FlushIntercept } from '../../local/index.ts';
import { pendingMark, toItem } from '../../stores/dynamodb/keys/key-item.ts';
import { readRecord } from '../../stores/dynamodb/keys/key-read.ts';
import { keyKey } from '../../stores/dynamodb/table/tables.ts';
import { startCachedProduct, TTL_SECONDS } from '../cached-product.ts';
import { type Answer, manager, send, signIn, type TestProduct } from '../product.ts';

/** Of the authorizer, as the stack has it. */
const AUTHORIZER_TIMEOUT_SECONDS = 3;
const CHALLENGE = 'ApiKey realm="library", header="x-library-key"';

const folder = mkdtempSync(join(tmpdir(), 'keyward-cached-'));
/** What the cache's time goes by. */
let clock: () => number = Date.now;
let interceptFlush: FlushIntercept | undefined;
let product: TestProduct;
beforeAll(async () => {
  product = await startCachedProduct(folder, {
    now: () => clock(),
    interceptFlush: (call) => interceptFlush?.(call),
  });
}, 60_000);
afterAll(async () => {
  await product?.stop();
  rmSync(folder, { recursive: true });
});
afterEach(() => {
  interceptFlush = undefined;
  clock = Date.now;
});

interface Issued {
  readonly id: string;
  readonly secret: string;
}

async function issue(fields: object = {}): Promise<Issued> {
  const { status, body } = await manager(product).issue({ scopes: ['write'], ...fields });
  expect(status).toBe(201);
  return { id: body.key.id, secret: body.secret };
}

const call = (secret: string, route = 'GET /books'): Promise<Answer> => {
  const [method = '', path = ''] = route.split(' ');
  const headers = { 'x-library-key': secret };
  return send(product.apiUrl + path, {
    method,
    headers,
    ...(method === 'POST' && { body: { name: 'A book' } }),
  });
};
const statusOf = async (secret: string, route?: string) => (await call(secret, route)).status;

function functionNamed(name: string): string {
  const found = Object.values(product.assembly.functions).find(({ constructPath }) =>
    constructPath.endsWith(`/${name}`),
  );
  if (found === undefined) throw new Error(`There is no function ${name}.`);
  return found.id;
}

/** How often the authorizer has looked at a secret. */
const looksOfAuthorizer = () =>
  product.assembly
    .recordedCalls()
    .filter(
      ({ functionId, action }) =>
        functionId === functionNamed('ProductAuthorizer') && action === 'dynamodb:GetItem',
    ).length;

/** Nothing that is kept ends by itself. */
function stopTime(): void {
  const stopped = Date.now();
  clock = () => stopped;
}

test('a verdict is kept: the authorizer is asked once for all calls and routes of a key', async () => {
  stopTime();
  const { secret } = await issue();
  const before = looksOfAuthorizer();
  for (const route of ['GET /books', 'GET /books/1', 'POST /books', 'GET /books']) await call(secret, route);
  expect(looksOfAuthorizer()).toBe(before + 1);
});

describe('a kept verdict is right for every route, whichever was called first', () => {
  const routes = ['GET /books', 'POST /books', 'DELETE /books/1'];
  const allowed = [
    ['read', ['GET /books']],
    ['write', ['GET /books', 'POST /books']],
    ['keys', []],
  ] as const;
  const pairs = routes.flatMap((first) => routes.map((second) => [first, second] as const));

  test.each(allowed)('of a key that may %s', async (scope, may: readonly string[]) => {
    stopTime();
    for (const order of pairs) {
      const { secret } = await issue({ scopes: [scope] });
      for (const route of order) {
        const { status, body } = await call(secret, route);
        if (may.includes(route)) {
          expect([order, route, Math.floor(status / 100)]).toEqual([order, route, 2]);
          continue;
        }
        const { detail } = REFUSALS.forbidden;
        expect([order, route, status]).toEqual([order, route, 403]);
        expect(body).toMatchObject({ title: 'Forbidden', code: 'forbidden', detail });
        expect(body).not.toHaveProperty('required_scope');
      }
    }
  });

  test('and a path that no route has is nobody’s', async () => {
    const { secret } = await issue();
    expect([await statusOf(secret, 'GET /books'), await statusOf(secret, 'GET /other')]).toEqual([200, 404]);
  });
});

describe('what a kept verdict cannot say is checked again', () => {
  test('a key that expires while its verdict is kept is refused by the guard from that second on', async () => {
    stopTime();
    const expiresAt = Math.floor(Date.now() / 1000) + 2;
    const { secret } = await issue({ expires_at: new Date(expiresAt * 1000).toISOString() });
    const before = looksOfAuthorizer();
    const history: { startedAt: number; answer: Answer }[] = [];
    do {
      const startedAt = Date.now();
      history.push({ startedAt, answer: await call(secret) });
    } while (history.at(-1)?.answer.status === 200);
    const refused = history.at(-1)?.answer;
    expect(refused).toMatchObject({ status: 401, body: { code: 'unauthorized' } });
    expect(refused?.headers.get('x-amzn-remapped-www-authenticate')).toBe(CHALLENGE);
    const accepts = history.slice(0, -1);
    expect(accepts.length).toBeGreaterThan(0);
    expect(accepts.filter(({ startedAt }) => startedAt >= expiresAt * 1000)).toEqual([]);
    expect(looksOfAuthorizer()).toBe(before + 1);
  }, 10_000);

  test('a second credential beside the one whose verdict is kept is 401, in either order', async () => {
    stopTime();
    const { secret } = await issue();
    expect(await statusOf(secret)).toBe(200);
    const before = looksOfAuthorizer();
    const other = (await issue()).secret;
    for (const values of [
      [other, secret],
      [secret, other],
      [secret, secret],
    ])
      expect(await statusWith(values)).toBe(401);
    expect(looksOfAuthorizer()).toBe(before);
    expect(await statusOf(secret)).toBe(200);
  });
});

/** Sends each value in a line of its own, which `fetch` cannot. */
function statusWith(values: readonly string[]): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const headers = { 'x-library-key': [...values] };
    request(`${product.apiUrl}/books`, { headers }, (response) => {
      response.resume();
      resolve(response.statusCode);
    })
      .on('error', reject)
      .end();
  });
}

const asOperator = (method: string, path: string, body?: object) =>
  send(`${product.managementUrl}/v1${path}`, {
    method,
    credential: product.managementKey,
    ...(body && { body }),
  });

const member = (user: string) => `/workspaces/acme/members/${user}`;

async function issueAsMember(user: string): Promise<Issued> {
  expect((await asOperator('PUT', member(user), { role: 'admin' })).status).toBe(201);
  return issue({ created_by: user });
}

/** Leaves a revocation as a crash would: its mark is set, and nothing of it is done. */
async function leaveRevocationPending({ id }: Issued): Promise<void> {
  const record = await readRecord(product.tables, { workspace: 'acme', id });
  if (record === undefined) throw new Error('The key is gone.');
  const pendingChange = { kind: 'revoke', id: `chg_${id}`, since: record.createdAt - 3_600 } as const;
  const item = { ...keyKey('acme', id), ...record, version: record.version + 1, pendingChange };
  await product.tables.client.send(
    new PutItemCommand({
      TableName: product.tables.records,
      Item: toItem({ ...item, ...pendingMark(pendingChange) }),
    }),
  );
}

describe('what takes power away flushes, so that the very next request is refused', () => {
  beforeEach(stopTime);

  const takings: [string, number, () => Promise<Issued>, (key: Issued) => Promise<Answer>][] = [
    ['revoking', 401, issue, ({ id }) => manager(product).revoke(id)],
    [
      'revoking oneself',
      401,
      issue,
      ({ secret }) =>
        send(`${product.managementUrl}/v1/keys/self/revoke`, { method: 'POST', credential: secret }),
    ],
    ['disabling', 401, issue, ({ id }) => manager(product).update(id, { enabled: false })],
    ['lowering scopes', 403, issue, ({ id }) => manager(product).update(id, { scopes: ['read'] })],
    ['rotating', 401, issue, ({ id }) => manager(product).rotate(id, 0)],
    [
      'removing a member',
      401,
      () => issueAsMember('usr_removed'),
      () => asOperator('DELETE', member('usr_removed')),
    ],
  ];

  test.each(takings)('%s', async (_, status, prepare, take) => {
    const key = await prepare();
    expect(await statusOf(key.secret, 'POST /books')).toBe(200);
    expect((await take(key)).status).toBe(200);
    expect(await statusOf(key.secret, 'POST /books')).toBe(status);
  });

  test('demoting a member', async () => {
    const { secret } = await issueAsMember('usr_demoted');
    await call(secret);
    const before = looksOfAuthorizer();
    expect((await asOperator('PUT', member('usr_demoted'), { role: 'member' })).status).toBe(200);
    await call(secret);
    expect(looksOfAuthorizer()).toBe(before + 1);
  });

  test('the sweeper, when it finishes what a crash left', async () => {
    const key = await issue();
    await leaveRevocationPending(key);
    expect(await statusOf(key.secret)).toBe(200);
    expect((await product.assembly.invoke(functionNamed('Sweeper'), {})).kind).toBe('returned');
    expect(await statusOf(key.secret)).toBe(401);
  });

  test('a sweep that finds nothing, a change that is refused, and a new name flush nothing', async () => {
    const { id, secret } = await issue();
    await call(secret);
    const before = looksOfAuthorizer();
    await product.assembly.invoke(functionNamed('Sweeper'), {});
    expect((await manager(product).revoke('key_0000000000000000000000')).status).toBe(404);
    expect((await manager(product).update(id, { name: 'renamed' })).status).toBe(200);
    await call(secret);
    expect(looksOfAuthorizer()).toBe(before);
  });
});

const FAILING: readonly [string, FlushIntercept][] = [
  ['is throttled', () => ({ status: 429, error: 'TooManyRequestsException' })],
  ['fails', () => ({ status: 500, error: 'InternalFailure' })],
  ['hangs', () => new Promise(() => {})],
];

test.each(FAILING)(
  'a flush that %s fails no change, is logged as a fault, and what was kept ends with its time',
  async (_, failing) => {
    stopTime();
    const { id, secret } = await issue();
    expect(await statusOf(secret)).toBe(200);
    interceptFlush = failing;
    const logged = product.lines.length;
    expect((await manager(product).revoke(id)).status).toBe(200);
    const faults = product.lines.slice(logged).filter(({ text }) => text.includes('could not be flushed'));
    expect(faults.map(({ source }) => source)).toEqual([`function:${functionNamed('RevokeKey')}`]);
    expect(faults[0]?.text).not.toContain(secret);
    // Without the flush this is all that there is to it.
    expect(await statusOf(secret)).toBe(200);
    const over = clock() + TTL_SECONDS * 1000;
    clock = () => over;
    expect(await statusOf(secret)).toBe(401);
  },
);

interface Call {
  readonly startedAt: number;
  readonly status: number;
}

const BOUND_MS = (TTL_SECONDS + AUTHORIZER_TIMEOUT_SECONDS) * 1000;

/** Calls with a key without pause until long after it is revoked. */
function callUnderFire({ id, secret }: Issued) {
  const calls: Call[] = [];
  let revokedAt = Number.POSITIVE_INFINITY;
  const caller = async () => {
    // A refusal is not the end: an authorizer that looked before the revocation may be heard after it.
    for (let beyond = 0; beyond < 5; ) {
      const startedAt = performance.now();
      calls.push({ startedAt, status: await statusOf(secret) });
      if (startedAt > revokedAt + BOUND_MS) beyond += 1;
    }
  };
  const callers = Promise.all([caller(), caller()]);
  return {
    revoke: async () => {
      expect((await manager(product).revoke(id)).status).toBe(200);
      revokedAt = performance.now();
    },
    history: async () => {
      await callers;
      const accepts = calls.filter(({ status, startedAt }) => status === 200 && startedAt > revokedAt);
      return {
        keptAlive: accepts.length,
        tooLate: accepts.filter(({ startedAt }) => startedAt > revokedAt + BOUND_MS),
        unexpected: calls.filter(({ status }) => status !== 200 && status !== 401),
      };
    },
  };
}

test('no accept begins later than the revocation’s answer, the cache’s time and the authorizer’s timeout together, with the flush and with a failing one', async () => {
  const flushed = await Promise.all([issue(), issue()]);
  const kept = await Promise.all(FAILING.map(() => issue()));
  await Promise.all(flushed.map(({ secret }) => call(secret)));
  const underFlush = flushed.map(callUnderFire);
  await Promise.all(underFlush.map(({ revoke }) => revoke()));
  let turn = 0;
  interceptFlush = (flush) => FAILING[turn++ % FAILING.length]?.[1](flush);
  await Promise.all(kept.map(({ secret }) => call(secret)));
  const underFailure = kept.map(callUnderFire);
  await Promise.all(underFailure.map(({ revoke }) => revoke()));
  const histories = await Promise.all([...underFailure, ...underFlush].map(({ history }) => history()));
  expect(histories.flatMap(({ tooLate }) => tooLate)).toEqual([]);
  expect(histories.flatMap(({ unexpected }) => unexpected)).toEqual([]);
  // Otherwise nothing would have been kept that could have been too late.
  expect(histories.slice(0, kept.length).some(({ keptAlive }) => keptAlive > 0)).toBe(true);
}, 30_000);

test('only the functions that flush may, the one stage and nothing else, and each of them does', async () => {
  const { id: restApi } = /^(?<id>\w+)\/live$/.exec(stageOf('RevokeKey'))?.groups ?? {};
  const cache = `arn:aws:apigateway:us-east-1::/restapis/${restApi}/stages/live/cache/authorizers`;
  const granted = Object.values(product.assembly.functions).flatMap(({ constructPath, statements }) =>
    statements
      .filter(({ actions }) => actions.some((action) => /^(\*|apigateway)/i.test(action)))
      .map(({ actions, resources }) => [constructPath.split('/').at(-1), actions, resources]),
  );
  const flushing = ['PutMember', 'RemoveMember', 'RevokeKey', 'RotateKey', 'Sweeper', 'UpdateKey'];
  expect(granted.sort()).toEqual(flushing.map((name) => [name, ['apigateway:DELETE'], [cache]]));
  const calls = product.assembly.recordedCalls();
  expect(calls.filter(({ allowed }) => !allowed)).toEqual([]);
  const used = calls.filter(({ action, resource }) => action === 'apigateway:DELETE' && resource === cache);
  const users = new Set(used.map(({ functionId }) => functionId));
  expect([...users].sort()).toEqual(flushing.map(functionNamed).sort());
});

function stageOf(name: string): string {
  return product.assembly.functions[functionNamed(name)]?.environment.KEYWARD_CACHING_STAGES ?? '';
}

test('its profile says nothing about roles, so what administers is for owners and admins: a plain member issues it no key, and makes none of their own into one', async () => {
  const member = manager(product, await signIn(product, product.users.member));
  for (const scopes of [['keys'], ['read', 'keys'], []])
    expect((await member.issue({ scopes })).status).toBe(scopes.length === 0 ? 400 : 403);
  const own = await member.issue({ scopes: ['read', 'write'] });
  expect(own.status).toBe(201);
  expect((await member.update(own.body.key.id, { scopes: ['keys'] })).status).toBe(403);
  const owners = await issue({ scopes: ['keys'] });
  expect((await member.rotate(owners.id, 0)).status).toBe(403);
  const admin = manager(product, await signIn(product, product.users.admin));
  expect((await admin.issue({ scopes: ['keys'] })).status).toBe(201);
});
