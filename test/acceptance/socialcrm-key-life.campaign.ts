import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { readRecord } from '../../stores/dynamodb/keys/key-read.ts';
import { secretKey } from '../../stores/dynamodb/secrets/secret-key.ts';
import { type Answer, send, startProduct, type TestProduct } from '../product.ts';
import { toItem } from '../stores/dynamodb/items.ts';
import { bearer, call, errorOf, INVALID, LIST, socialcrmOf } from './socialcrm.ts';

const run = promisify(execFile);
const EXPIRED = errorOf(401, 'API key expired.');

let product: TestProduct;
let socialcrm: ReturnType<typeof socialcrmOf>;
beforeAll(async () => {
  product = await startProduct('socialcrm');
  socialcrm = socialcrmOf(product);
});
afterAll(() => product.stop());

/** Waits for what time brings, by asking again; never longer than a test may take. */
async function until<T>(ask: () => Promise<T>, isSo: (answer: T) => boolean): Promise<T> {
  for (;;) {
    const answer = await ask();
    if (isSo(answer)) return answer;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}

/** Asks for an end as near as can be: where it was over before the question arrived, which is a 400, for a later one. */
async function endingSoon(ask: (fields: { expires_at: string }) => Promise<Answer>): Promise<Answer['body']> {
  for (let seconds = 1; ; seconds *= 2) {
    const { status, body } = await ask({ expires_at: new Date(Date.now() + seconds * 1_000).toISOString() });
    if (status !== 400) return body;
  }
}

const COLD = ['Query', 'UpdateItem'];
const WARM = ['UpdateItem'];

describe('Status: Keys can be active or revoked. Revoked keys reject all requests immediately', () => {
  /** Hashing is slow on purpose, so these tests share two keys. */
  let one: { key: { id: string }; secret: string };
  let another: typeof one;
  beforeAll(async () => {
    one = await socialcrm.issue();
    another = await socialcrm.issue();
  });

  test('the very next call is refused, though the instance has just proven the key', async () => {
    const { key, secret } = one;
    expect(await socialcrm.operationsDuring(() => socialcrm.post(LIST, secret))).toEqual(COLD);
    expect(await socialcrm.operationsDuring(() => socialcrm.post(LIST, secret))).toEqual(WARM);
    expect((await socialcrm.revoke(key)).body.status).toBe('revoked');
    for (const body of [LIST, call('brands.list')])
      expect(await socialcrm.failure(bearer(secret), body)).toEqual(INVALID);
    expect(
      (await socialcrm.manage('/workspaces/acme/keys?status=revoked&limit=100')).body.keys,
    ).toContainEqual(await socialcrm.shown(key));
  });

  test('Revocation is immediate and permanent — the key cannot be reactivated', async () => {
    const { key, secret } = one;
    await socialcrm.revoke(key);
    const path = socialcrm.keyPath(key);
    expect(await socialcrm.manage(path, { enabled: true }, 'PATCH')).toMatchObject({
      status: 409,
      body: { code: 'key_revoked' },
    });
    expect((await socialcrm.manage(`${path}/rotate`, { overlap_seconds: 0 })).status).toBe(409);
    expect((await socialcrm.revoke(key)).status).toBe(200);
    expect(await socialcrm.failure(bearer(secret))).toEqual(INVALID);
  });

  test('Use a separate key per integration so you can revoke individually', async () => {
    await socialcrm.revoke(one.key);
    expect(await socialcrm.failure(bearer(one.secret))).toEqual(INVALID);
    expect((await socialcrm.post(LIST, another.secret)).status).toBe(200);
  });

  test('Rotate keys periodically by creating a new key, updating your integration, then revoking the old one; or in one step', async () => {
    const { key, secret } = another;
    const { body } = await socialcrm.manage(`${socialcrm.keyPath(key)}/rotate`, { overlap_seconds: 60 });
    expect(body.secret).toMatch(/^sk_live_[0-9A-Za-z]{32}$/);
    expect(body.key.start).toBe(body.secret.slice(0, 16));
    for (const credential of [secret, body.secret])
      expect((await socialcrm.post(LIST, credential)).status).toBe(200);
    await socialcrm.revoke(key);
    for (const credential of [secret, body.secret])
      expect(await socialcrm.failure(bearer(credential))).toEqual(INVALID);
  });

  test('a secret that a rotation has ended is an invalid key, and no expired one', async () => {
    const { key, secret } = await socialcrm.issue();
    await socialcrm.post(LIST, secret);
    const rotate = async (seconds: number) =>
      (await socialcrm.manage(`${socialcrm.keyPath(key)}/rotate`, { overlap_seconds: seconds })).body.secret;
    const second = await rotate(0);
    const third = await rotate(1);
    expect(await socialcrm.failure(bearer(secret))).toEqual(INVALID);
    const ended = await until(
      () => socialcrm.failure(bearer(second)),
      ({ status }) => status !== 200,
    );
    expect(ended).toEqual(INVALID);
    expect((await socialcrm.post(LIST, third)).status).toBe(200);
    for (const credential of [secret, second])
      expect((await socialcrm.manage('/keys/verify', { credential })).body).toEqual({
        valid: false,
        code: 'revoked',
        message: 'The credential was revoked, or a rotation has ended it.',
      });
  });

  test('whoever holds a key may end it, though it was disabled', async () => {
    const { key, secret } = await socialcrm.issue();
    await socialcrm.manage(socialcrm.keyPath(key), { enabled: false }, 'PATCH');
    expect(await socialcrm.failure(bearer(secret))).toEqual(INVALID);
    const self = `${product.managementUrl}/v1/keys/self/revoke`;
    expect((await send(self, { credential: `${secret.slice(0, -1)}-`, body: {} })).status).toBe(401);
    expect(await send(self, { credential: secret, body: {} })).toMatchObject({
      status: 200,
      body: { id: key.id, status: 'revoked' },
    });
  });
});

describe('Expiry: Keys can optionally have an expiration date. Expired keys return an error', () => {
  test('which says so to whoever holds the secret, and to nobody else', async () => {
    const { key, secret } = await endingSoon((fields) => socialcrm.manage('/workspaces/acme/keys', fields));
    const ended = await until(
      () => socialcrm.failure(bearer(secret)),
      ({ status }) => status !== 200,
    );
    expect(ended).toEqual(EXPIRED);
    expect(await socialcrm.failure(bearer(secret))).toEqual(EXPIRED);
    const guess = secret.slice(0, 16) + [...secret.slice(16)].reverse().join('');
    expect(await socialcrm.failure(bearer(guess))).toEqual(INVALID);
    expect((await socialcrm.shown(key)).status).toBe('expired');
    await socialcrm.revoke(key);
    expect(await socialcrm.failure(bearer(secret))).toEqual(INVALID);
  });

  test('Set an expiration date for keys used in temporary or test environments: also later on', async () => {
    const { key, secret } = await socialcrm.issue();
    await socialcrm.post(LIST, secret);
    const changed = await endingSoon((fields) => socialcrm.manage(socialcrm.keyPath(key), fields, 'PATCH'));
    expect(changed.expires_at).not.toBeNull();
    const ended = await until(
      () => socialcrm.failure(bearer(secret)),
      ({ status }) => status !== 200,
    );
    expect(ended).toEqual(EXPIRED);
  });
});

describe('Last used: The last_used_at timestamp is updated on every successful authentication', () => {
  let issued: { key: { id: string }; secret: string };
  beforeAll(async () => {
    issued = await socialcrm.issue();
  });

  test('and by no failed one: a wrong secret behind a right prefix stamps nothing', async () => {
    const { key, secret } = issued;
    const wrong = secret.slice(0, 16) + 'x'.repeat(24);
    const failing = () => socialcrm.operationsDuring(() => socialcrm.failure(bearer(wrong)));
    expect(await failing()).toEqual(['Query']);
    expect((await socialcrm.shown(key)).last_used_at).toBeNull();
    await socialcrm.post(LIST, secret);
    expect(await failing()).toEqual(['Query']);
  });

  test('and moves with every call of a warm instance, from one second to the next', async () => {
    const { key, secret } = issued;
    const times: string[] = [];
    for (let moves = 0; moves < 2; moves += 1) {
      const moved = await until(
        async () => {
          await socialcrm.post(LIST, secret);
          return (await socialcrm.shown(key)).last_used_at;
        },
        (at) => at !== times.at(-1),
      );
      expect(Math.abs(Date.parse(moved) - Date.now())).toBeLessThan(30_000);
      times.push(moved);
    }
    expect([...times].sort()).toEqual(times);
  });
});

describe('When authentication fails, the API returns a JSON-RPC error with code -32001', () => {
  test('Missing Authorization header. — No Authorization header provided', async () => {
    expect(await socialcrm.failure({})).toEqual(errorOf(401, 'Missing Authorization header.'));
    const answer = await socialcrm.post(LIST);
    expect(answer.headers.get('x-amzn-remapped-www-authenticate')).toBe('Bearer realm="socialcrm"');
    expect(answer.headers.get('x-request-id')).toMatch(/^[\w-]{15}=$/);
  });

  test('Invalid API key. — Key not found or does not match any active key', async () => {
    const { key, secret } = await socialcrm.issue({ allowed_cidrs: ['192.0.2.0/24'] });
    expect(await socialcrm.failure(bearer(secret))).toEqual(INVALID);
    await socialcrm.manage(socialcrm.keyPath(key), { allowed_cidrs: [] }, 'PATCH');
    expect((await socialcrm.post(LIST, secret)).status).toBe(200);
    const good = `Authorization: Bearer ${secret}`;
    const twice = ['-s', '-d', JSON.stringify(LIST), '-H', good, '-H', good, socialcrm.endpoint];
    expect((await run('curl', twice)).stdout).toBe(INVALID.body);
    await socialcrm.manage(socialcrm.keyPath(key), { enabled: false }, 'PATCH');
    for (const headers of [
      bearer(secret),
      bearer(`sk_live_${'a'.repeat(32)}`),
      bearer(''),
      { Authorization: 'Bearer' },
      { Authorization: secret },
      { Authorization: `Basic ${Buffer.from(`${secret}:`).toString('base64')}` },
      { Authorization: `Token ${secret}` },
    ])
      expect(await socialcrm.failure(headers)).toEqual(INVALID);
  });

  test('Failed to validate API key. — Internal error during key validation', async () => {
    const { key, secret } = await socialcrm.issue();
    const [reference] = (await readRecord(product.tables, { workspace: 'acme', id: key.id }))?.secrets ?? [];
    if (reference === undefined) throw new Error('The key has no secret.');
    await product.tables.client.send(
      new UpdateItemCommand({
        TableName: product.tables.secrets,
        Key: toItem(secretKey(reference.locator)),
        UpdateExpression: 'REMOVE scopes',
      }),
    );
    expect(await socialcrm.failure(bearer(secret))).toEqual(errorOf(500, 'Failed to validate API key.'));
  });
});

test('POST /v1/keys/verify tells an operator what is the matter with a key', async () => {
  const verify = async (credential: string) => (await socialcrm.manage('/keys/verify', { credential })).body;
  const { key, secret } = await socialcrm.issue();
  for (const _ of ['cold', 'warm'])
    expect(await verify(secret)).toMatchObject({ valid: true, principal: { credential_id: key.id } });
  expect((await socialcrm.shown(key)).last_used_at).toBeNull();
  expect((await verify(`${secret.slice(0, -1)}_`)).code).toBe('malformed');
  expect((await verify(secret.slice(0, 16) + 'x'.repeat(24))).code).toBe('unknown');
  await socialcrm.manage(socialcrm.keyPath(key), { enabled: false }, 'PATCH');
  expect((await verify(secret)).code).toBe('disabled');
  await socialcrm.revoke(key);
  expect((await verify(secret)).code).toBe('revoked');
});
