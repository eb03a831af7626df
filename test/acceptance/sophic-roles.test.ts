import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { startProduct, type TestProduct } from '../product.ts';
import { sophicOf } from './sophic.ts';

/** Somebody who is in two workspaces, and whose memberships change while their credentials are in use. */
const USER = 'usr_mover';
const SECOND = 'elsewhere';

let product: TestProduct;
let sophic: ReturnType<typeof sophicOf>;
beforeAll(async () => {
  product = await startProduct('sophic');
  sophic = sophicOf(product);
  await sophic.newWorkspace(SECOND, USER);
});
afterAll(() => product.stop());

const put = (role: string) => sophic.operator(`/v1/workspaces/acme/members/${USER}`, { role }, 'PUT');
const remove = () => sophic.operator(`/v1/workspaces/acme/members/${USER}`, undefined, 'DELETE');
const roleIn = async (credential: string, workspace: string) =>
  (await sophic.verify({ credential, workspace })).principal?.role;
const LIST = { method: 'tools/list' };

/** What a token gets over REST and over MCP in one workspace. */
async function statusesIn(credential: string, workspace: string): Promise<number[]> {
  const answers = [
    await sophic.get('/api/v1/documents', credential, workspace),
    await sophic.post(LIST, credential, workspace),
  ];
  return answers.map(({ status }) => status);
}

describe('The effective role of a request is the lower of membership and downscope, of this moment', () => {
  test('one who is demoted has a lesser token on the very next request, and a better one when promoted', async () => {
    expect((await put('admin')).status).toBe(201);
    const { secret } = await sophic.issueToken({ scopes: ['admin', 'capture'] }, USER);
    const administers = async () =>
      (await sophic.verify({ credential: secret, workspace: 'acme', action: 'keyward.administer' })).valid;
    expect([await roleIn(secret, 'acme'), await administers()]).toEqual(['admin', true]);
    await put('member');
    expect([await roleIn(secret, 'acme'), await administers()]).toEqual(['member', false]);
    expect(await roleIn(secret, SECOND)).toBe('owner');
    await put('owner');
    expect([await roleIn(secret, 'acme'), await administers()]).toEqual(['owner', true]);
  });

  test('one who leaves a workspace loses it with every token, and its keys for good; elsewhere the tokens live on', async () => {
    await put('admin');
    const { secret } = await sophic.issueToken({}, USER);
    const { key, secret: keySecret } = await sophic.issueKey(['read'], 'acme', USER);
    expect(await statusesIn(secret, 'acme')).toEqual([200, 200]);
    expect(await remove()).toMatchObject({
      status: 200,
      body: { user_id: USER, revoked: [key.id], kept: [] },
    });
    expect(await statusesIn(secret, 'acme')).toEqual([403, 403]);
    expect(await statusesIn(secret, SECOND)).toEqual([200, 200]);
    expect((await sophic.get('/api/v1/documents', keySecret)).status).toBe(401);
    expect((await remove()).status).toBe(404);
  });

  test('one who comes back is in with the tokens they had, as what they are now, and without their keys', async () => {
    const { secret } = await sophic.issueToken({}, USER);
    expect(await statusesIn(secret, 'acme')).toEqual([403, 403]);
    expect((await put('member')).status).toBe(201);
    expect(await statusesIn(secret, 'acme')).toEqual([200, 200]);
    expect(await roleIn(secret, 'acme')).toBe('member');
    const { keys } = (await sophic.operator('/v1/workspaces/acme/keys?status=active')).body;
    expect(keys.filter((key: { created_by: string }) => key.created_by === USER)).toEqual([]);
  });
});
