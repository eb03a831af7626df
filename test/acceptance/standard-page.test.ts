import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { manager, newWorkspace, send, startProduct, type TestProduct } from '../product.ts';

const run = promisify(execFile);

let product: TestProduct;
beforeAll(async () => {
  product = await startProduct();
});
afterAll(() => product.stop());

describe('a client written as the page says', () => {
  let secret: string;
  beforeAll(async () => {
    secret = (await manager(product).issue()).body.secret;
  });

  test('in cURL gets 200 with a key that has the scope', async () => {
    const { stdout } = await run('curl', [
      '-s',
      `${product.apiUrl}/users`,
      '-H',
      `Authorization: Bearer ${secret}`,
    ]);
    expect(JSON.parse(stdout).users[0].name).toBe('Ada');
  });

  test('in Python gets 200 with a key that has the scope', async () => {
    const script = [
      'import os, urllib.request',
      'request = urllib.request.Request(os.environ["URL"], headers={"Authorization": "Bearer " + os.environ["KEY"]})',
      'print(urllib.request.urlopen(request).read().decode())',
    ].join('\n');
    const env = { ...process.env, URL: `${product.apiUrl}/users`, KEY: secret };
    const { stdout } = await run('python3', ['-c', script], { env });
    expect(JSON.parse(stdout).users[1].name).toBe('Grace');
  });

  test('in JavaScript gets 200 with a key that has the scope', async () => {
    const response = await fetch(`${product.apiUrl}/users`, {
      headers: { Authorization: `Bearer ${secret}` },
    });
    expect(response.status).toBe(200);
  });
});

test('403 names the missing scope, and adding it to the key mends the next request without a new key', async () => {
  const { key, secret } = (await manager(product).issue()).body;
  const create = () => send(`${product.apiUrl}/projects`, { credential: secret, body: { name: 'new' } });
  const refused = await create();
  expect(refused).toMatchObject({
    status: 403,
    body: { title: 'Forbidden', code: 'insufficient_scope', required_scope: 'write:all' },
  });
  expect((await manager(product).update(key.id, { scopes: ['read:all', 'write:all'] })).status).toBe(200);
  expect((await create()).status).toBe(201);
});

test('a missing, malformed, mangled and revoked key get one and the same 401', async () => {
  const { key, secret } = (await manager(product).issue()).body;
  await manager(product).revoke(key.id);
  const mangled = secret.slice(0, -1) + (secret.endsWith('0') ? '1' : '0');
  const answers = [];
  for (const credential of [undefined, 'not-a-key', mangled, secret, product.managementKey]) {
    answers.push(await send(`${product.apiUrl}/users`, credential === undefined ? {} : { credential }));
  }
  const bodies = answers.map(({ body: { request_id, ...body } }) => body);
  expect(new Set(bodies.map((body) => JSON.stringify(body))).size).toBe(1);
  expect(bodies[0]).toMatchObject({ title: 'Unauthorized', status: 401, code: 'unauthorized' });
  for (const { status, headers } of answers) {
    expect(status).toBe(401);
    expect(headers.get('www-authenticate')).toBe('Bearer realm="standard"');
  }
});

test('more than one Authorization header is refused, whichever comes first', async () => {
  const { secret } = (await manager(product).issue()).body;
  const good = `Authorization: Bearer ${secret}`;
  const bad = 'Authorization: Bearer other';
  for (const [first, second] of [
    [good, bad],
    [bad, good],
    [good, good],
  ] as const) {
    const { stdout } = await run('curl', [
      ...['-s', '-o', '/dev/null', '-w', '%{http_code}', `${product.apiUrl}/users`],
      ...['-H', first, '-H', second],
    ]);
    expect(stdout).toBe('401');
  }
});

test('an admin key does all that read:all and write:all do, and administers the team, billing and API keys', async () => {
  const { secret } = (await manager(product).issue({ scopes: ['admin'] })).body;
  const call = (method: string, path: string, body?: object) =>
    send(`${product.apiUrl}${path}`, { method, credential: secret, ...(body && { body }) });
  expect((await call('GET', '/users')).status).toBe(200);
  expect((await call('PATCH', '/settings/time-zone', { name: 'Zone' })).status).toBe(200);
  expect((await call('DELETE', '/records/record-1')).status).toBe(204);
  expect((await call('GET', '/billing/invoice-1')).status).toBe(200);
  expect((await call('PUT', '/team/core', { name: 'All' })).status).toBe(200);
  expect((await manager(product, secret).list()).status).toBe(200);
});

test('keys that only read and write reach neither the team, nor billing, nor API keys, and delete nothing', async () => {
  const { secret } = (await manager(product).issue({ scopes: ['read:all', 'write:all'] })).body;
  const call = (method: string, path: string) =>
    send(`${product.apiUrl}${path}`, { method, credential: secret });
  const answers = [
    await call('GET', '/team'),
    await call('GET', '/billing/invoice-1'),
    await call('DELETE', '/users/user-1'),
    await manager(product, secret).list(),
  ];
  for (const answer of answers)
    expect(answer).toMatchObject({ status: 403, body: { required_scope: 'admin' } });
});

test('every workspace has rows of its own: no id of another one is listed or found', async () => {
  const scopes = ['admin'];
  const ours = (await manager(product).issue({ scopes })).body.secret;
  const theirs = (await manager(await newWorkspace(product, 'other')).issue({ scopes })).body.secret;
  for (const name of ['users', 'projects', 'records', 'settings', 'team', 'billing']) {
    const url = `${product.apiUrl}/${name}`;
    const idsOf = async (credential: string): Promise<string[]> =>
      (await send(url, { credential })).body[name].map(({ id }: { id: string }) => id);
    const [own, others] = [await idsOf(ours), await idsOf(theirs)];
    for (const ids of [own, others]) expect(ids.length).toBeGreaterThan(0);
    expect(others.filter((id) => own.includes(id))).toEqual([]);
    expect((await send(`${url}/${own[0]}`, { credential: theirs })).status).toBe(404);
    expect((await send(`${url}/${others[0]}`, { credential: theirs })).status).toBe(200);
  }
});

test('a key that has exceeded its limit gets 429 with Retry-After for the current window, and other keys do not', async () => {
  const window = { limit: 3, window_seconds: 86_400 };
  const { secret } = (await manager(product).issue({ rate_limit: window })).body;
  const other = (await manager(product).issue()).body;
  const answers = await Promise.all(
    Array.from({ length: 8 }, () => send(`${product.apiUrl}/users`, { credential: secret })),
  );
  expect(answers.filter(({ status }) => status === 200)).toHaveLength(3);
  const [refused, ...rest] = answers.filter(({ status }) => status === 429);
  expect(rest).toHaveLength(4);
  const retryAfter = Number(refused?.headers.get('retry-after'));
  expect(retryAfter).toBeGreaterThanOrEqual(1);
  expect(retryAfter).toBeLessThanOrEqual(86_400);
  expect(refused?.body).toMatchObject({ title: 'Too Many Requests', code: 'rate_limited' });
  expect((await send(`${product.apiUrl}/users`, { credential: other.secret })).status).toBe(200);
});

test.each([
  ['free', 60],
  ['pro', 600],
  ['enterprise', 6000],
])(
  'a workspace on the plan %s has %i calls a minute for each key, and every answer says so',
  async (plan, limit) => {
    const slug = `on-${plan}`;
    const body = { slug, name: slug, plan, created_by: 'usr_owner' };
    await send(`${product.managementUrl}/v1/workspaces`, { credential: product.managementKey, body });
    const users = { owner: 'usr_owner', admin: 'usr_owner', member: 'usr_owner' };
    const { secret } = (await manager({ ...product, workspace: slug, users }).issue()).body;
    const { status, headers } = await send(`${product.apiUrl}/users`, { credential: secret });
    expect(status).toBe(200);
    expect(headers.get('ratelimit-policy')).toBe(`"default";q=${limit};w=60`);
    expect(headers.get('ratelimit')).toMatch(new RegExp(`^"default";r=${limit - 1};t=\\d+$`));
  },
);

test('a key is given a name and at least one scope, or is not issued, and the answer says what is missing', async () => {
  const { issue } = manager(product);
  expect(await issue({ name: undefined })).toMatchObject({ status: 400, body: { field: 'name' } });
  expect(await issue({ scopes: [] })).toMatchObject({ status: 400, body: { field: 'scopes' } });
  expect(await issue({ scopes: undefined })).toMatchObject({ status: 400, body: { field: 'scopes' } });
  const { body } = await issue({ name: 'production-backend', scopes: ['read:all', 'write:all'] });
  expect(body.key).toMatchObject({ name: 'production-backend', scopes: ['read:all', 'write:all'] });
});

describe('over the whole workspace', () => {
  let reader: string;
  let writer: string;
  beforeAll(async () => {
    reader = (await manager(product).issue({ scopes: ['read:all'] })).body.secret;
    writer = (await manager(product).issue({ scopes: ['write:all'] })).body.secret;
  });

  test.each(['users', 'projects', 'records', 'settings'])(
    'read:all reads %s, and write:all creates and updates there',
    async (collection) => {
      const ask = (credential: string, method: string, path = `/${collection}`) =>
        send(product.apiUrl + path, {
          method,
          credential,
          ...(method !== 'GET' && { body: { name: 'Fresh' } }),
        });
      expect((await ask(reader, 'GET')).status).toBe(200);
      expect((await ask(reader, 'POST')).body).toMatchObject({ required_scope: 'write:all' });
      const created = await ask(writer, 'POST');
      expect(created.status).toBe(201);
      for (const method of ['PUT', 'PATCH'])
        expect((await ask(writer, method, `/${collection}/${created.body.id}`)).status).toBe(200);
      expect((await ask(writer, 'GET')).body).toMatchObject({ required_scope: 'read:all' });
    },
  );
});
