import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { manager, send, startProduct, type TestProduct } from '../product.ts';

let product: TestProduct;
beforeAll(async () => {
  product = await startProduct();
});
afterAll(() => product.stop());

const OVERLAP_SECONDS = 2;

/** One call with a secret, and the wall clock around it, in milliseconds: what the functions decide by. */
async function timedCall(secret: string) {
  const startedAt = Date.now();
  const { status } = await send(`${product.apiUrl}/users/user-1`, { credential: secret });
  return { startedAt, endedAt: Date.now(), status };
}

async function issued(): Promise<{ id: string; secret: string }> {
  const { status, body } = await manager(product).issue();
  expect(status).toBe(201);
  return { id: body.key.id, secret: body.secret };
}

test("a rotated key's old secret works until the overlap ends and not after; the new one works throughout", async () => {
  const { id, secret: old } = await issued();
  const askedAt = Date.now();
  const rotation = await manager(product).rotate(id, OVERLAP_SECONDS);
  const answeredAt = Date.now();
  expect(rotation).toMatchObject({ status: 200, body: { key: { id, status: 'active' } } });
  const { secret } = rotation.body;
  expect(secret).not.toBe(old);
  expect(rotation.body.key.start).toBe(secret.slice(0, 'kw_live_'.length + 4));

  // The overlap began between question and answer, on a clock of whole seconds.
  const surelyWithin = askedAt + (OVERLAP_SECONDS - 1) * 1000;
  const surelyOver = answeredAt + (OVERLAP_SECONDS + 1) * 1000;
  const withOld = [];
  const withNew = [];
  do {
    withOld.push(await timedCall(old));
    withNew.push(await timedCall(secret));
    await new Promise((resolve) => setTimeout(resolve, 100));
  } while ((withOld.at(-1)?.startedAt ?? 0) <= surelyOver);

  expect(withNew.filter(({ status }) => status !== 200)).toEqual([]);
  const before = withOld.filter(({ endedAt }) => endedAt < surelyWithin);
  const after = withOld.filter(({ startedAt }) => startedAt > surelyOver);
  expect(before.filter(({ status }) => status !== 200)).toEqual([]);
  expect(after.filter(({ status }) => status !== 401)).toEqual([]);
  expect(after.length).toBeGreaterThan(0);
  // Once refused, never let through again.
  const statuses = withOld.map(({ status }) => status);
  const firstRefusal = statuses.indexOf(401);
  expect(new Set(statuses.slice(0, firstRefusal))).toEqual(new Set(firstRefusal > 0 ? [200] : []));
  expect(new Set(statuses.slice(firstRefusal))).toEqual(new Set([401]));
});

test('an overlap of 0 ends the old secret on the very next request', async () => {
  const { id, secret: first } = await issued();
  const { body } = await manager(product).rotate(id, 0);
  expect((await timedCall(first)).status).toBe(401);
  expect((await timedCall(body.secret)).status).toBe(200);
});

test('at most two secrets live: a third is 409, and an overlap of 0 ends both older ones at once', async () => {
  const { rotate, get } = manager(product);
  const { id, secret: first } = await issued();
  const second = (await rotate(id, 604_800)).body.secret;
  expect(await rotate(id, 3_600)).toMatchObject({
    status: 409,
    body: { title: 'Conflict', code: 'rotation_in_progress' },
  });
  expect((await timedCall(first)).status).toBe(200);
  expect((await timedCall(second)).status).toBe(200);
  const third = await rotate(id, 0);
  expect(third).toMatchObject({ status: 200, body: { key: { id } } });
  expect((await timedCall(first)).status).toBe(401);
  expect((await timedCall(second)).status).toBe(401);
  expect((await timedCall(third.body.secret)).status).toBe(200);
  expect((await get(id)).body).toMatchObject({ id, start: third.body.key.start, status: 'active' });
});

test('the older secret ends on the very next request when it is revoked, and the newer one works on', async () => {
  const { rotate, get, revokePrevious } = manager(product);
  const { id, secret: old } = await issued();
  const { secret } = (await rotate(id, 3_600)).body;
  expect((await get(id)).body.previous_secret).toEqual({
    replaced_at: expect.stringMatching(/Z$/),
    ends_at: expect.stringMatching(/Z$/),
    last_used_at: null,
  });
  expect((await timedCall(old)).status).toBe(200);
  expect((await get(id)).body.previous_secret.last_used_at).toMatch(/Z$/);
  const answer = await revokePrevious(id);
  expect(answer).toMatchObject({ status: 200, body: { id, status: 'active', previous_secret: null } });
  expect((await timedCall(old)).status).toBe(401);
  expect((await timedCall(secret)).status).toBe(200);
  expect((await revokePrevious(id)).status).toBe(200);
});

test('changing and revoking a key reach both of its secrets', async () => {
  const { rotate, update, revoke } = manager(product);
  const { id, secret: old } = await issued();
  const { secret } = (await rotate(id, 3_600)).body;
  const create = async (credential: string) =>
    (await send(`${product.apiUrl}/projects`, { credential, body: { name: 'new' } })).status;
  expect([await create(old), await create(secret)]).toEqual([403, 403]);
  await update(id, { scopes: ['read:all', 'write:all'] });
  expect([await create(old), await create(secret)]).toEqual([201, 201]);
  await update(id, { enabled: false });
  expect([await create(old), await create(secret)]).toEqual([401, 401]);
  await update(id, { enabled: true });
  expect([await create(old), await create(secret)]).toEqual([201, 201]);
  await revoke(id);
  expect([await create(old), await create(secret)]).toEqual([401, 401]);
});

test('a rotation keeps all that is known of the key, and when it was last used', async () => {
  const { rotate, get, issue } = manager(product);
  const fields = {
    description: 'nightly',
    expires_at: '2040-01-01T00:00:00Z',
    allowed_cidrs: ['127.0.0.0/8'],
  };
  const { key, secret } = (await issue(fields)).body;
  expect((await timedCall(secret)).status).toBe(200);
  const before = (await get(key.id)).body;
  expect(before.last_used_at).not.toBeNull();
  const rotated = (await rotate(key.id, 0)).body;
  expect(rotated.key).toEqual({ ...before, start: rotated.key.start });
  expect((await get(key.id)).body).toEqual(rotated.key);
});
