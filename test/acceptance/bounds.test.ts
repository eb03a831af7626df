import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { send as sendExactly } from '../local/http.ts';
import { fillSlots } from '../member-slots.ts';
import { manager, startProduct, type TestProduct } from '../product.ts';

let product: TestProduct;
beforeAll(async () => {
  product = await startProduct();
});
afterAll(() => product.stop());

async function issued(fields: object = {}): Promise<{ id: string; secret: string }> {
  const { status, body } = await manager(product).issue(fields);
  expect(status).toBe(201);
  return { id: body.key.id, secret: body.secret };
}

describe('a path in another spelling', () => {
  /** What a path may look like besides how it is documented, each with the route it may be taken for. */
  const SPELLINGS = [
    ...['/users/', '/%75sers', '//users', '/USERS', '/users/{id}', '/%74eam', '/team/?x=/users', '/%2A'],
    ...['/users/../team', '/users/%2e%2e/team', '/users/..%2fteam', '/users/%2e%2e%2fteam'],
  ];
  const MANAGEMENT = ['/v1/me/', '/v1/m%65', '/v1//me', '/v1/me%2f', '/v1/workspaces/acme/', '/v1/scopes/'];
  const SEPARATE = ['/v1/workspaces/acme/keys/', '/v1/workspaces/acme/k%65ys', '/v1/workspaces/%61cme/keys'];

  const ask = (url: string, credential: string) =>
    sendExactly(url, { headers: [['Authorization', `Bearer ${credential}`]] });

  async function expectNoOddAnswer(url: string, credential: string) {
    const answer = await ask(url, credential);
    if (answer.status === 200) return answer;
    expect([400, 401, 403, 404]).toContain(answer.status);
    // A 403 that API Gateway gives by itself, for a path that the policy does not name, says why like any other.
    expect(answer.json()).toMatchObject({
      title: expect.stringMatching(/./),
      detail: expect.stringMatching(/^[A-Z].*\.$/),
      code: expect.stringMatching(/^[a-z_]+$/),
    });
    return answer;
  }

  test('never reaches a resource that the key may not use, and is answered in the documented shape', async () => {
    const reader = await issued({ scopes: ['read:all'] });
    const ended = await issued({ scopes: ['admin'] });
    await manager(product).revoke(ended.id);
    for (const path of SPELLINGS) {
      const { status, text } = await expectNoOddAnswer(product.apiUrl + path, reader.secret);
      if (status === 200) expect(text).toMatch(/"users?"|Ada/);
      expect((await expectNoOddAnswer(product.apiUrl + path, ended.secret)).status).not.toBe(200);
    }
    for (const path of [...MANAGEMENT, ...SEPARATE])
      expect((await expectNoOddAnswer(product.managementUrl + path, ended.secret)).status).not.toBe(200);
    for (const path of SEPARATE)
      expect((await expectNoOddAnswer(product.managementUrl + path, reader.secret)).status).not.toBe(200);
  });

  test('with a slash at its end is answered like the documented path, or refused with a reason', async () => {
    const { secret } = await issued({ scopes: ['read:all'] });
    for (const url of [`${product.managementUrl}/v1/me`, `${product.apiUrl}/users`]) {
      const [plain, slashed] = [await ask(url, secret), await expectNoOddAnswer(`${url}/`, secret)];
      expect(plain.status).toBe(200);
      expect([200, 403, 404]).toContain(slashed.status);
      if (slashed.status === 200) expect(slashed.text).toBe(plain.text);
    }
  });
});

test('a member with 500 active keys is refused another one and told what to do, until one of them ends', async () => {
  const { users } = product;
  const { id } = await issued({ created_by: users.member });
  await fillSlots(product, users.member);
  const issue = () => manager(product).issue({ created_by: users.member });
  expect(await issue()).toMatchObject({
    status: 409,
    body: {
      code: 'key_limit_reached',
      detail: 'A member may have at most 500 active keys. Revoke one to issue another.',
    },
  });
  expect((await manager(product).revoke(id)).status).toBe(200);
  expect((await issue()).status).toBe(201);
});
