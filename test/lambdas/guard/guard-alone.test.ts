import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { loadProfile } from '../../../lib/profile-file.ts';
import { manager, send, startAssembly, startProduct, type TestProduct } from '../../product.ts';
import { synthesizeStacks } from '../../synthesis.ts';

/** Whose pages may call the product with the guard alone. */
const [PAGE, OTHER_PAGE] = ['https://app.example.com', 'http://localhost:5173'];

/** The product `standard` twice: behind the authorizer, and with nothing but the guard in its own function. */
let authorized: TestProduct;
let alone: TestProduct;
const assemblyDirectory = mkdtempSync(join(tmpdir(), 'keyward-guard-alone-'));
beforeAll(async () => {
  const starting = startProduct();
  const profileFile = loadProfile('standard');
  synthesizeStacks({
    outdir: assemblyDirectory,
    profileFile,
    sample: { entry: 'sample-collections-alone', hasRows: true, verifiedBy: 'guard' },
    allowedOrigins: [PAGE, OTHER_PAGE],
  });
  const { profile } = profileFile;
  [authorized, alone] = await Promise.all([starting, startAssembly({ profile, assemblyDirectory })]);
});
afterAll(async () => {
  await Promise.all([authorized.stop(), alone.stop()]);
  rmSync(assemblyDirectory, { recursive: true });
});

const both = () => [authorized, alone];
const issue = async (product: TestProduct, fields: object = {}) =>
  (await manager(product).issue(fields)).body;

test('a key that the authorizer would let through is let through, and its limit is told', async () => {
  for (const product of both()) {
    const { secret } = await issue(product);
    const { status, headers, body } = await send(`${product.apiUrl}/users`, { credential: secret });
    expect(status).toBe(200);
    expect(body.users[0].name).toBe('Ada');
    expect(headers.get('ratelimit-policy')).toBe('"default";q=6000;w=60');
    expect(headers.get('ratelimit')).toMatch(/^"default";r=5999;t=\d+$/);
  }
});

describe('a refusal reads the same from the guard alone as from the authorizer', () => {
  const without = ({ request_id, ...body }: Record<string, unknown>) => body;

  test('401 with a challenge for every bad credential, and with the header where a key belongs', async () => {
    const details = new Set<string>();
    for (const [product, challenge] of [
      [authorized, 'www-authenticate'],
      // API Gateway keeps this name for itself, and renames what a function sends.
      [alone, 'x-amzn-remapped-www-authenticate'],
    ] as const) {
      const { key, secret } = await issue(product);
      await manager(product).revoke(key.id);
      for (const credential of [undefined, 'not-a-key', secret, product.managementKey]) {
        const answer = await send(`${product.apiUrl}/users`, credential === undefined ? {} : { credential });
        expect(answer.status).toBe(401);
        expect(answer.headers.get(challenge)).toBe('Bearer realm="standard"');
        expect(answer.body.request_id).toMatch(/^[\w-]{15}=$/);
        expect(without(answer.body)).toMatchObject({
          title: 'Unauthorized',
          code: 'unauthorized',
          status: 401,
        });
        details.add(answer.body.detail);
      }
    }
    expect([...details]).toEqual([expect.stringContaining('in the header Authorization: Bearer KEY')]);
  });

  test('403 with the scope that is missing, word for word', async () => {
    const bodies = [];
    for (const product of both()) {
      const { secret } = await issue(product);
      const url = `${product.apiUrl}/projects`;
      const { status, body } = await send(url, { credential: secret, body: { name: 'new' } });
      expect(status).toBe(403);
      bodies.push(without(body));
    }
    expect(bodies[0]).toMatchObject({ code: 'insufficient_scope', required_scope: 'write:all' });
    expect(bodies[1]).toEqual(bodies[0]);
  });

  test('429 with Retry-After and what is left, word for word', async () => {
    const bodies = [];
    for (const product of both()) {
      const { secret } = await issue(product, { rate_limit: { limit: 1, window_seconds: 86_400 } });
      const call = () => send(`${product.apiUrl}/users`, { credential: secret });
      expect((await call()).status).toBe(200);
      const { status, headers, body } = await call();
      expect(status).toBe(429);
      expect(Number(headers.get('retry-after'))).toBeGreaterThanOrEqual(1);
      expect(headers.get('ratelimit')).toMatch(/^"default";r=0;t=\d+$/);
      bodies.push(without(body));
    }
    expect(bodies[1]).toEqual(bodies[0]);
  });
});

test('the guard alone lets exactly as many calls through as the limit says, however many come at once', async () => {
  const { secret } = await issue(alone, { rate_limit: { limit: 7, window_seconds: 86_400 } });
  const answers = await Promise.all(
    Array.from({ length: 40 }, () => send(`${alone.apiUrl}/users`, { credential: secret })),
  );
  expect(answers.filter(({ status }) => status === 200)).toHaveLength(7);
  expect(answers.filter(({ status }) => status === 429)).toHaveLength(33);
});

test('a revoked key is refused by the guard alone on the very next request', async () => {
  const { key, secret } = await issue(alone);
  expect((await send(`${alone.apiUrl}/users`, { credential: secret })).status).toBe(200);
  await manager(alone).revoke(key.id);
  expect((await send(`${alone.apiUrl}/users`, { credential: secret })).status).toBe(401);
});

test('every page that the API allows can read what the guard refuses and what the handler answers, and no other can', async () => {
  for (const origin of [PAGE, OTHER_PAGE, 'https://evil.example']) {
    const headers = { Origin: origin };
    const { secret } = await issue(alone, { rate_limit: { limit: 1, window_seconds: 86_400 } });
    const call = (fields: object) => send(`${alone.apiUrl}/users`, { headers, ...fields });
    const expected = [401, 403, 200, 429].map((status) => ({
      ...{ status, vary: 'Origin' },
      allowed: origin === 'https://evil.example' ? null : origin,
    }));
    const answers = [];
    for (const fields of [
      {},
      { credential: secret, body: {} },
      { credential: secret },
      { credential: secret },
    ])
      answers.push(await call(fields));
    expect(
      answers.map(({ status, headers: sent }) => ({
        ...{ status, vary: sent.get('vary') },
        allowed: sent.get('access-control-allow-origin'),
      })),
    ).toEqual(expected);
  }
});
