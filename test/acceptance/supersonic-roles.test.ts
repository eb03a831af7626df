import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { send, signIn, startProduct, type TestProduct } from '../product.ts';
import { call, modernCall, supersonicOf } from './supersonic.ts';

let product: TestProduct;
let supersonic: ReturnType<typeof supersonicOf>;
beforeAll(async () => {
  product = await startProduct('supersonic');
  supersonic = supersonicOf(product);
});
afterAll(() => product.stop());

describe('API keys inherit the role of their creator', () => {
  const change = (id: string) => ['records.update', { record_id: id, name: 'Changed' }] as const;
  const update = (id: string) => call(...change(id), 5);

  test.each(['owner', 'admin'] as const)('%s: full access to all tools', async (role) => {
    const { key, secret } = await supersonic.issue({}, role);
    expect(key.role).toBe(role);
    expect(
      (await supersonic.post(secret, update('rec_initech'))).body.result.structuredContent.record.name,
    ).toBe('Changed');
    expect((await supersonic.post(secret, call('billing.change_plan', { plan: 'pro' }))).status).toBe(200);
  });

  test('member: read access to all data, write access scoped to assigned records', async () => {
    const { key, secret } = await supersonic.issue({}, 'member');
    expect(key.role).toBe('member');
    const { records } = (await supersonic.post(secret, call('records.list'))).body.result.structuredContent;
    expect(records.length).toBeGreaterThan(1);
    const own = records.filter(
      (record: { assigned_to: string }) => record.assigned_to === product.users.member,
    );
    expect(own).toHaveLength(1);
    expect((await supersonic.post(secret, update(own[0].id))).body.result.structuredContent.record.name).toBe(
      'Changed',
    );
    for (const body of [update('rec_hank'), update('rec_nowhere'), call('records.update', {}, 5)]) {
      const refused = await supersonic.post(secret, body);
      expect(refused).toMatchObject({ status: 200, body: { id: 5, error: { code: 403 } } });
      expect(refused.body.error.data.reason).toMatch(/^[A-Z].*\.$/);
    }
    for (const [name, toolArguments] of [
      ['records.create', { name: 'New' }],
      ['contacts.classify', { record_id: 'rec_hank', class: 'x' }],
      change('rec_hank'),
    ] as const) {
      const older = await supersonic.post(secret, call(name, toolArguments));
      expect([older.status, older.body.error.code]).toEqual([200, 403]);
      const newer = await supersonic.post(secret, ...modernCall(name, toolArguments));
      expect([newer.status, newer.body.error.code]).toEqual([403, 403]);
      expect(newer.body.error.data.reason).toBe(older.body.error.data.reason);
    }
    expect((await supersonic.post(secret, call('billing.show'))).status).toBe(200);
  });

  test('a member sees no tool that they may never call, and a scope they were not given stays closed', async () => {
    const { secret } = await supersonic.issue({ scopes: ['records'] }, 'member');
    expect(await supersonic.namesOf(secret)).toEqual(['records.list', 'records.get', 'records.update']);
    expect((await supersonic.post(secret, call('notes.list'))).body.error.data.required_scope).toBe('notes');
  });

  test('workspace settings are for people: owners modify them, admins cannot, and no key is one', async () => {
    const rename = (credential: string) =>
      send(`${product.managementUrl}/v1/workspaces/acme`, {
        method: 'PATCH',
        credential,
        body: { name: 'Acme Ltd' },
      });
    const asPerson = async (role: 'owner' | 'admin' | 'member') =>
      (await rename(await signIn(product, product.users[role]))).status;
    expect(await asPerson('owner')).toBe(200);
    expect(await asPerson('admin')).toBe(403);
    expect(await asPerson('member')).toBe(403);
    const { secret } = await supersonic.issue({}, 'owner');
    expect(await rename(secret)).toMatchObject({ status: 403, body: { code: 'forbidden' } });
  });

  describe('of this moment', () => {
    const members = () => `${product.managementUrl}/v1/workspaces/acme/members`;
    const asOperator = (method: string, user: string, body?: object) =>
      send(`${members()}/${user}`, { method, credential: product.managementKey, ...(body && { body }) });
    const writes = async (secret: string) =>
      (await supersonic.post(secret, ...modernCall(...change('rec_hank')))).status;

    test('one who is demoted has lesser keys on the very next request, and better ones when promoted', async () => {
      expect((await asOperator('PUT', 'usr_riser', { role: 'owner' })).status).toBe(201);
      const { key, secret } = await supersonic.issue({ created_by: 'usr_riser' });
      const keyUrl = `${product.managementUrl}/v1/workspaces/acme/keys/${key.id}`;
      const credential = product.managementKey;
      const rotated = await send(`${keyUrl}/rotate`, { credential, body: { overlap_seconds: 600 } });
      const secrets = [secret, rotated.body.secret];
      for (const each of secrets) expect(await writes(each)).toBe(200);
      for (const role of ['member', 'admin']) {
        expect(await asOperator('PUT', 'usr_riser', { role })).toMatchObject({ status: 200, body: { role } });
        for (const each of secrets) expect(await writes(each)).toBe(role === 'member' ? 403 : 200);
        expect((await send(keyUrl, { credential })).body.role).toBe(role);
      }
    });

    test('one who is removed has no keys any more, and the answer says which those were', async () => {
      await asOperator('PUT', 'usr_leaver', { role: 'admin' });
      const issued = [
        await supersonic.issue({ created_by: 'usr_leaver' }),
        await supersonic.issue({ created_by: 'usr_leaver' }),
      ];
      const others = await supersonic.issue();
      const removed = await asOperator('DELETE', 'usr_leaver');
      const revoked = issued.map(({ key }) => key.id).reverse();
      expect(removed).toMatchObject({ status: 200, body: { user_id: 'usr_leaver', revoked, kept: [] } });
      for (const { secret } of issued)
        expect((await supersonic.post(secret, call('records.list'))).status).toBe(401);
      expect((await supersonic.post(others.secret, call('records.list'))).status).toBe(200);
      expect((await supersonic.issueAnswer({ name: 'test', created_by: 'usr_leaver' })).status).toBe(404);
      await asOperator('PUT', 'usr_leaver', { role: 'owner' });
      for (const { secret } of issued)
        expect((await supersonic.post(secret, call('records.list'))).status).toBe(401);
      const plan = { plan: 'pro' };
      const patched = await send(`${product.managementUrl}/v1/workspaces/acme`, {
        method: 'PATCH',
        credential: product.managementKey,
        body: plan,
      });
      expect(patched).toMatchObject({ status: 400, body: { field: 'plan' } });
      await asOperator('DELETE', 'usr_leaver');
    });
  });

  test('a key keeps its role when it is changed and rotated', async () => {
    const { key } = await supersonic.issue({}, 'member');
    const keys = `${product.managementUrl}/v1/workspaces/acme/keys/${key.id}`;
    const credential = product.managementKey;
    await send(keys, { method: 'PATCH', credential, body: { name: 'renamed' } });
    const rotated = await send(`${keys}/rotate`, { credential, body: { overlap_seconds: 60 } });
    expect(rotated.body.key).toMatchObject({ name: 'renamed', role: 'member' });
    const refused = await supersonic.post(rotated.body.secret, update('rec_hank'));
    expect(refused.body.error.code).toBe(403);
    expect((await supersonic.post(rotated.body.secret, call('records.list'))).status).toBe(200);
    const verified = await send(`${product.managementUrl}/v1/keys/verify`, {
      credential,
      body: { credential: rotated.body.secret, action: 'contacts.classify' },
    });
    expect(verified.body).toMatchObject({ valid: true, principal: { role: 'member' } });
  });
});

test("a record's assignment decides live: once it is assigned to the member, the member writes to it", async () => {
  const owner = await supersonic.issue();
  const member = await supersonic.issue({}, 'member');
  const created = await supersonic.post(owner.secret, call('records.create', { name: 'Moving' }));
  const { id } = created.body.result.structuredContent.record;
  const write = () =>
    supersonic.post(member.secret, ...modernCall('notes.create', { record_id: id, text: 'Hello' }));
  expect((await write()).status).toBe(403);
  const assign = { record_id: id, assigned_to: product.users.member };
  expect((await supersonic.post(owner.secret, call('records.update', assign))).status).toBe(200);
  expect((await write()).status).toBe(200);
});
