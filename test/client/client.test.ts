import { describe, expect, test } from '@jest/globals';
import { createClient } from '../../client/client.ts';
import { KeywardError } from '../../client/keyward-error.ts';
import { answer, CREDENTIAL, clientThatMeets, lostConnection, problem } from './fake-fetch.ts';

const done = answer(200, {});
const workspace = 'acme';

describe('a request', () => {
  test('has its fields in the path, the query and the body', async () => {
    const { client, sent } = clientThatMeets([done]);
    await client.keys.list({ workspace, status: 'active', limit: 2, cursor: undefined });
    await client.members.put({ workspace, user_id: 'a/b ?é', role: 'member' });
    await client.keys.revoke({ workspace, key: 'key_1' });
    expect(
      sent.map(({ method, url, body }) => [method, new URL(url).pathname + new URL(url).search, body]),
    ).toEqual([
      ['GET', '/v1/workspaces/acme/keys?status=active&limit=2', undefined],
      ['PUT', '/v1/workspaces/acme/members/a%2Fb%20%3F%C3%A9', '{"role":"member"}'],
      ['POST', '/v1/workspaces/acme/keys/key_1/revoke', '{}'],
    ]);
    expect(sent[1]?.headers).toMatchObject({ 'Content-Type': 'application/json' });
    expect(sent[0]?.headers).not.toHaveProperty('Content-Type');
  });

  test.each(['', '.', '..'])('never becomes one of another operation by %j in its path', async (key) => {
    const { client, sent } = clientThatMeets([done]);
    await expect(client.keys.get({ workspace, key })).rejects.toThrow('key must be a text');
    expect(sent).toEqual([]);
  });

  test('goes behind the path of the URL', async () => {
    const { client, sent } = clientThatMeets([done], { url: 'https://example.com/keyward/' });
    await client.caller();
    expect(sent[0]?.url).toBe('https://example.com/keyward/v1/me');
  });
});

describe('a list', () => {
  const page = (ids: readonly string[], next_cursor: string | null) =>
    answer(200, { keys: ids.map((id) => ({ id })), next_cursor });

  test('is walked page by page, an empty page included', async () => {
    const { client, sent } = clientThatMeets([page(['a', 'b'], 'c&1'), page([], 'c2'), page(['c'], null)]);
    const ids: string[] = [];
    for await (const { id } of client.keys.listAll({ workspace, status: 'active' })) ids.push(id);
    expect(ids).toEqual(['a', 'b', 'c']);
    expect(sent.map(({ url }) => new URL(url).searchParams.get('cursor'))).toEqual([null, 'c&1', 'c2']);
    expect(sent.every(({ url }) => url.includes('status=active'))).toBe(true);
  });

  test('is asked for no page that nobody needs', async () => {
    const { client, sent } = clientThatMeets([page(['a', 'b'], 'c1'), page(['c'], null)]);
    const all = client.keys.listAll({ workspace });
    expect(sent.length).toBe(0);
    for await (const { id } of all) if (id === 'b') break;
    expect(sent.length).toBe(1);
  });

  test.each([
    ['without a cursor', [answer(200, { keys: [{ id: 'a' }] })], 1],
    ['with a cursor that was there before', [page(['a'], 'c1'), page(['b'], 'c2'), page(['c'], 'c1')], 3],
  ])('ends with a bad answer after a page %s', async (_, [first = done, ...others], count) => {
    const { client, sent } = clientThatMeets([first, ...others]);
    const ids: string[] = [];
    const walk = async () => {
      for await (const { id } of client.keys.listAll({ workspace })) ids.push(id);
    };
    await expect(walk()).rejects.toMatchObject({ code: 'bad_answer', status: 200 });
    expect([ids.length, sent.length]).toEqual([count, count]);
  });

  test('tells a problem on a later page to the loop', async () => {
    const { client } = clientThatMeets([page(['a'], 'c1'), problem(404, { code: 'not_found' })]);
    const ids: string[] = [];
    const walk = async () => {
      for await (const { id } of client.keys.listAll({ workspace })) ids.push(id);
    };
    await expect(walk()).rejects.toMatchObject({ code: 'not_found' });
    expect(ids).toEqual(['a']);
  });
});

describe('an error', () => {
  const errorOf = (call: Promise<unknown>) =>
    call.then(
      () => undefined,
      (error: KeywardError) => error,
    );

  test('says everything that the problem says', async () => {
    const { client } = clientThatMeets([
      problem(400, { code: 'invalid_request', field: 'limit', expected: 'a whole number' }),
    ]);
    const error = await errorOf(client.keys.list({ workspace, limit: 0 }));
    expect(error).toBeInstanceOf(KeywardError);
    expect(error).toMatchObject({
      code: 'invalid_request',
      status: 400,
      detail: 'A detail.',
      requestId: 'r-1',
      field: 'limit',
      expected: 'a whole number',
      requiredScope: null,
      retryAfterSeconds: null,
      progress: null,
      message: 'A detail. (invalid_request, 400, r-1)',
    });
  });

  test('says how far a change has come', async () => {
    const progress = { done: 4, left: 16 };
    const { client } = clientThatMeets([
      problem(503, { code: 'change_in_progress', progress }, { 'Retry-After': '5' }),
    ]);
    const error = await errorOf(client.workspaces.update({ workspace, plan: 'free' }));
    expect(error).toMatchObject({ code: 'change_in_progress', retryAfterSeconds: 5, progress });
  });

  test('may have a code that only a newer API has', async () => {
    const { client } = clientThatMeets([problem(418, { code: 'teapot' })]);
    expect(await errorOf(client.caller())).toMatchObject({ code: 'teapot', status: 418 });
  });

  test('tells an answer of something else from one of the API', async () => {
    const { client } = clientThatMeets([answer(502, '<html>Bad gateway</html>')]);
    expect(await errorOf(client.caller())).toMatchObject({
      code: 'bad_answer',
      status: 502,
      requestId: null,
    });
  });

  test.each([
    ['a problem', problem(401, { code: 'unauthorized' })],
    ['a lost connection', lostConnection],
    ['a redirect', answer(302, '')],
  ])('after %s never shows the credential or what was sent', async (_, happening) => {
    const { client } = clientThatMeets([happening]);
    const error = await errorOf(client.keys.verify({ credential: 'kw_live_secret' }));
    const shown = [error?.message, error?.stack, JSON.stringify(error), String(error?.cause)].join();
    expect(shown).not.toContain(CREDENTIAL);
    expect(shown).not.toContain('kw_live_secret');
  });
});

describe('a client', () => {
  const make = (options: object) => () =>
    createClient({ url: 'https://keys.example.com', credential: CREDENTIAL, ...options });

  test.each([
    'keys.example.com',
    'ftp://keys.example.com',
    'https://user@keys.example.com',
    'https://:secret@keys.example.com',
    'https://keys.example.com/?a=b',
    'https://keys.example.com/#a',
    '',
  ])('is not made for the URL %j', (url) => {
    expect(make({ url })).toThrow(TypeError);
  });

  test('sends a credential over plain HTTP only to this machine, unless it is told otherwise', () => {
    expect(make({ url: 'http://keys.example.com' })).toThrow('https://');
    expect(make({ url: 'http://127.0.0.1.example.com' })).toThrow('https://');
    for (const url of ['http://127.0.0.1:4000', 'http://localhost:4000', 'http://[::1]:4000'])
      expect(make({ url })).not.toThrow();
    expect(make({ url: 'http://keys.example.com', plainHttp: 'anywhere' })).not.toThrow();
  });

  test.each([`${CREDENTIAL}\n`, '', 'ключ', `Bearer ${CREDENTIAL}`])(
    'is not made with the credential %j, and does not show it',
    async (credential) => {
      const attempt = make({ credential });
      expect(attempt).toThrow(TypeError);
      expect(attempt).not.toThrow(CREDENTIAL);
      const { client, sent } = clientThatMeets([done], { credential: () => credential });
      await expect(client.caller()).rejects.toThrow('The credential must be');
      expect(sent).toEqual([]);
    },
  );

  test.each([{ attempts: 0 }, { attempts: 1.5 }, { timeoutSeconds: 0 }, { timeoutSeconds: Number.NaN }])(
    'is not made with %j',
    (options) => {
      expect(make(options)).toThrow(TypeError);
    },
  );

  test('does not show its credential when it is printed', () => {
    const { client } = clientThatMeets([done]);
    expect(JSON.stringify(client)).not.toContain(CREDENTIAL);
  });
});
