import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { addMember } from '../../bin/operator.ts';
import { manager, send, signIn, startProduct, type TestProduct } from '../product.ts';

let product: TestProduct;
beforeAll(async () => {
  product = await startProduct();
});
afterAll(() => product.stop());

const FAMILY = '👨‍👩‍👧‍👦';

describe('a name and a description', () => {
  test('are counted as people count, kept letter by letter, and shown so', async () => {
    const { issue, update, get } = manager(product);
    for (const character of [FAMILY, 'क्षि', '🏴󠁧󠁢󠁥󠁮󠁧󠁿']) {
      const [name, description] = [character.repeat(100), character.repeat(500)];
      const issued = await issue({ name, description });
      expect(issued).toMatchObject({ status: 201, body: { key: { name, description } } });
      expect(await update(issued.body.key.id, { name: character.repeat(101) })).toMatchObject({
        status: 400,
        body: { field: 'name', detail: expect.stringContaining('1 to 100 characters') },
      });
      expect((await get(issued.body.key.id)).body).toMatchObject({ name, description });
    }
  });

  test('say nothing where the description is empty, and may be of several lines', async () => {
    const { issue, update } = manager(product);
    const { body, status } = await issue({ description: '' });
    expect([status, body.key.description]).toEqual([201, null]);
    const lines = await update(body.key.id, { description: 'one\ntwo\r\nthree' });
    expect(lines).toMatchObject({ status: 200, body: { description: 'one\ntwo\r\nthree' } });
    expect(await update(body.key.id, { description: '' })).toMatchObject({
      status: 200,
      body: { description: null },
    });
  });
});

test('an end may be written as RFC 3339 has it, in either case and in a leap second', async () => {
  const { issue } = manager(product);
  const ends = async (expires_at: string) => (await issue({ expires_at })).body.key?.expires_at;
  expect(await ends('2040-01-01t00:00:00z')).toBe('2040-01-01T00:00:00.000Z');
  expect(await ends('2039-12-31T23:59:60Z')).toBe('2040-01-01T00:00:00.000Z');
});

test('a body is UTF-8, with or without a byte order mark; other bytes are refused and stored nowhere', async () => {
  const { managementKey: credential, users } = product;
  const { keys, list } = manager(product);
  const json = (name: string) => JSON.stringify({ name, scopes: ['read:all'], created_by: users.owner });
  const post = (body: Uint8Array<ArrayBuffer>) => send(keys, { credential, body, method: 'POST' });
  const marked = await post(Buffer.from(`\ufeff${json('café')}`));
  expect(marked).toMatchObject({ status: 201, body: { key: { name: 'café' } } });
  const broken = [
    ...[Buffer.from(json('café'), 'latin1'), Buffer.from(json('café'), 'utf16le')],
    // The first byte of a character alone, one that is too long, and half of a surrogate pair.
    ...['e2', 'c0af', 'eda080'].map((bytes) =>
      Buffer.from(Buffer.from(json('cafX')).toString('hex').replace('58', bytes), 'hex'),
    ),
  ];
  for (const body of broken)
    expect(await post(body)).toMatchObject({
      status: 400,
      body: { field: 'body', detail: 'body must be UTF-8.' },
    });
  expect(JSON.stringify((await list('?limit=100')).body)).not.toContain('\ufffd');
});

describe('a user’s id that could be mistaken for another', () => {
  const ODD = ['usr_odd ', 'e\u0301', 'usr\u200b_odd', '\u{10ffff}x', '\u3164'];
  const put = (path: string, userId: string, body: object) =>
    send(`${product.managementUrl}/v1/workspaces/acme/${path}/${encodeURIComponent(userId)}`, {
      method: 'PUT',
      credential: product.managementKey,
      body,
    });

  test('becomes no member, and nobody signs in with it', async () => {
    for (const userId of ODD) {
      expect(await put('members', userId, { role: 'owner' })).toMatchObject({
        status: 400,
        body: { field: 'user_id', detail: expect.stringContaining('normal form C') },
      });
    }
    expect((await put('members', 'é', { role: 'member' })).status).toBe(201);
    const credential = await signIn(product, 'usr\u200b_odd');
    expect((await send(`${product.managementUrl}/v1/me`, { credential })).status).toBe(401);
  });

  const FORMER = ['e\u0301', '\u{10ffff}x'];
  test('is listed, lowered and removed like every other where it came before there was a rule', async () => {
    for (const userId of FORMER)
      await addMember(product.tables, { workspace: 'acme', userId, role: 'owner' });
    const members = `${product.managementUrl}/v1/workspaces/acme/members`;
    const listed = await send(`${members}?limit=100`, { credential: product.managementKey });
    const ids = listed.body.members.map(({ user_id }: { user_id: string }) => user_id);
    expect(ids).toEqual(expect.arrayContaining(FORMER));
    for (const userId of FORMER) {
      expect(await put('members', userId, { role: 'member' })).toMatchObject({ status: 200 });
      const removed = await send(`${members}/${encodeURIComponent(userId)}`, {
        method: 'DELETE',
        credential: product.managementKey,
      });
      expect(removed).toMatchObject({ status: 200, body: { user_id: userId } });
      expect((await put('members', userId, { role: 'member' })).status).toBe(400);
    }
  });
});
