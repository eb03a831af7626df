import { describe, expect, test } from '@jest/globals';
import { type Client, createClient } from '../../client/client.ts';
import {
  answer,
  CREDENTIAL,
  clientThatMeets,
  type Happening,
  lostConnection,
  problem,
  type SentRequest,
  silence,
} from './fake-fetch.ts';

const done = answer(200, {});
const busy = problem(503, { code: 'unavailable' });
const tooMany = problem(429, { code: 'rate_limited' }, { 'Retry-After': '7' });
const brokenAnswer: Happening = () =>
  new Response(new ReadableStream({ start: (stream) => stream.error(new TypeError('terminated')) }));

const workspace = 'acme';
const key = 'key_1';

type Calls = Readonly<Record<string, (client: Client) => Promise<unknown>>>;

const REPEATED: Calls = {
  'a GET': ({ keys }) => keys.get({ workspace, key }),
  'a PUT': ({ members }) => members.put({ workspace, user_id: 'usr_1', role: 'admin' }),
  'a DELETE': ({ members }) => members.remove({ workspace, user_id: 'usr_1' }),
  'a revocation': ({ keys }) => keys.revoke({ workspace, key }),
  'a revocation of a token': ({ tokens }) => tokens.revoke({ token: 'pat_1' }),
  'a verification': ({ keys }) => keys.verify({ credential: 'text' }),
};

const MAKING: Calls = {
  'the issuing of a key': ({ keys }) => keys.issue({ workspace, name: 'ci' }),
  'the issuing of a token': ({ tokens }) => tokens.issue({ name: 'ci' }),
  'the issuing of a token for a user': ({ tokens }) => tokens.issueFor({ user_id: 'usr_1', name: 'ci' }),
  'a rotation': ({ keys }) => keys.rotate({ workspace, key, overlap_seconds: 0 }),
  'an invitation': ({ invitations }) => invitations.create({ workspace, email: 'a@b.cd', role: 'admin' }),
  'the making of a workspace': ({ workspaces }) =>
    workspaces.create({ slug: 'acme', name: 'Acme', created_by: 'usr_1' }),
};

const SENT_ONCE: Calls = {
  'a change of some fields': ({ keys }) => keys.update({ workspace, key, enabled: false }),
  'a change of a workspace': ({ workspaces }) => workspaces.update({ workspace, name: 'Acme' }),
};

const keyOf = ({ headers }: SentRequest) => headers['Idempotency-Key'];

describe.each([
  ['a lost connection', lostConnection],
  ['an answer that breaks off', brokenAnswer],
  ['503', busy],
  ['429', tooMany],
] as const)('after %s', (_, trouble) => {
  test.each(Object.entries(REPEATED))('%s is sent again', async (_, call) => {
    const { client, sent } = clientThatMeets([trouble, done]);
    await call(client);
    expect(sent.length).toBe(2);
    expect([sent[1]?.url, sent[1]?.method, sent[1]?.body]).toEqual([
      sent[0]?.url,
      sent[0]?.method,
      sent[0]?.body,
    ]);
  });

  test.each(Object.entries(MAKING))(
    '%s is sent again with the same Idempotency-Key and body',
    async (_, call) => {
      const { client, sent } = clientThatMeets([trouble, done, done]);
      await call(client);
      await call(client);
      const [first, again, next] = sent.map(keyOf);
      expect(first).toMatch(/^[\da-f-]{36}$/);
      expect(again).toBe(first);
      expect(next).not.toBe(first);
      expect(sent[1]?.body).toBe(sent[0]?.body);
    },
  );

  test.each(Object.entries(SENT_ONCE))(
    '%s is sent once, because it could undo another change',
    async (_, call) => {
      const { client, sent } = clientThatMeets([trouble, done]);
      await expect(call(client)).rejects.toMatchObject({ name: 'KeywardError' });
      expect(sent.length).toBe(1);
    },
  );
});

test.each([
  ['a refusal', problem(403, { code: 'forbidden' }), 'forbidden'],
  ['a defect of the API', problem(500, { code: 'internal_error' }), 'internal_error'],
  ['an answer that is not JSON', answer(200, '<html>'), 'bad_answer'],
  ['an answer that is JSON but no object', answer(200, 'null'), 'bad_answer'],
  ['a redirect', answer(307, '', { Location: 'https://elsewhere.example.com/' }), 'bad_answer'],
  [
    'a redirect in a browser',
    () => Object.defineProperty(Response.error(), 'type', { value: 'opaqueredirect' }),
    'bad_answer',
  ],
] as const)('after %s no request is sent again', async (_, trouble, code) => {
  const { client, sent } = clientThatMeets([trouble, done]);
  await expect(client.caller()).rejects.toMatchObject({ name: 'KeywardError', code });
  expect(sent.length).toBe(1);
});

test('a call gives up after four attempts, and each wait may be twice as long as the one before', async () => {
  const { client, sent, waits } = clientThatMeets([lostConnection]);
  await expect(client.caller()).rejects.toMatchObject({ code: 'network', status: null });
  expect(sent.length).toBe(4);
  expect(waits).toEqual([125, 250, 500]);
});

test('waits stop growing at eight seconds', async () => {
  const { client, waits } = clientThatMeets([busy], { attempts: 8, random: () => 1 });
  await expect(client.caller()).rejects.toMatchObject({ code: 'unavailable' });
  expect(waits.at(-1)).toBe(8_000);
});

test('a wait is at least as long as Retry-After says', async () => {
  const { client, waits } = clientThatMeets([tooMany, done]);
  await client.caller();
  expect(waits).toEqual([7_125]);
});

test('a client waits for no API that asks for more than a minute', async () => {
  const later = problem(429, { code: 'rate_limited' }, { 'Retry-After': '61' });
  const { client, waits } = clientThatMeets([later, done]);
  await expect(client.caller()).rejects.toMatchObject({ code: 'rate_limited', retryAfterSeconds: 61 });
  expect(waits).toEqual([]);
});

test('an attempt that takes too long ends, and the next one is sent', async () => {
  const { client, sent } = clientThatMeets([silence, done], { timeoutSeconds: 0.01 });
  await client.caller();
  expect(sent.length).toBe(2);
  const { client: unlucky } = clientThatMeets([silence], { timeoutSeconds: 0.01, attempts: 1 });
  await expect(unlucky.caller()).rejects.toMatchObject({ code: 'timeout', status: null });
});

test('a caller ends a call at once: before it, during an attempt, and between two', async () => {
  const reason = new Error('No longer needed.');
  const before = clientThatMeets([done]);
  await expect(before.client.caller({}, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
  expect(before.sent).toEqual([]);

  const during = new AbortController();
  const silent = clientThatMeets([silence]);
  const call = silent.client.caller({}, { signal: during.signal });
  during.abort(reason);
  await expect(call).rejects.toBe(reason);

  const between = new AbortController();
  let attempts = 0;
  const waiting = createClient({
    url: 'https://keys.example.com',
    credential: CREDENTIAL,
    random: () => 1,
    fetch: () => {
      attempts += 1;
      setImmediate(() => between.abort(reason));
      return Promise.reject(new TypeError('fetch failed'));
    },
  });
  await expect(waiting.caller({}, { signal: between.signal })).rejects.toBe(reason);
  expect(attempts).toBe(1);
});

test('a function that gives the credential is asked before every attempt', async () => {
  let asked = 0;
  const credential = async () => `token-${++asked}`;
  const { client, sent } = clientThatMeets([busy, done], { credential });
  await client.caller();
  expect(sent.map(({ headers }) => headers.Authorization)).toEqual(['Bearer token-1', 'Bearer token-2']);
});

test('a caller learns why their function gave no credential', async () => {
  const reason = new Error('Sign in again.');
  const { client, sent } = clientThatMeets([done], { credential: () => Promise.reject(reason) });
  await expect(client.caller()).rejects.toBe(reason);
  expect(sent).toEqual([]);
});

test.each([
  ['Node', answer(302, '', { Location: 'https://elsewhere.example.com/' })],
  [
    'a browser, which hides its status',
    () => Object.defineProperty(Response.error(), 'type', { value: 'opaqueredirect' }),
  ],
])('a caller learns of a redirect in %s', async (_, redirect) => {
  const { client } = clientThatMeets([redirect]);
  await expect(client.caller()).rejects.toThrow('The answer is a redirect');
});

test('no request follows a redirect, carries a cookie, or is kept by a cache', async () => {
  const { client, sent } = clientThatMeets([done]);
  await client.caller();
  expect(sent[0]?.init).toMatchObject({ redirect: 'manual', credentials: 'omit', cache: 'no-store' });
});

test('a caller chooses the Idempotency-Key of a call, and only one that a header can carry', async () => {
  const { client, sent } = clientThatMeets([done]);
  await client.keys.issue({ workspace }, { idempotencyKey: 'order-7' });
  expect(sent.map(keyOf)).toEqual(['order-7']);
  for (const idempotencyKey of ['', 'a b', 'é', 'a\n', 'a'.repeat(256)])
    await expect(client.keys.issue({ workspace }, { idempotencyKey })).rejects.toThrow(
      'idempotencyKey must be',
    );
  expect(sent.length).toBe(1);
});

test('a repeated call whose first answer was lost says what was made', async () => {
  const { client } = clientThatMeets([
    lostConnection,
    problem(409, { code: 'already_done', made_id: 'key_1' }),
  ]);
  await expect(client.keys.issue({ workspace })).rejects.toMatchObject({
    code: 'already_done',
    madeId: 'key_1',
  });
});

test('an operation that needs no credential is sent without one', async () => {
  const { client, sent } = clientThatMeets([done]);
  await client.sessions.exchange({ code: 'kwl_not-a-real-one' });
  await client.caller();
  expect(sent.map(({ headers }) => headers.Authorization)).toEqual([undefined, `Bearer ${CREDENTIAL}`]);
});
