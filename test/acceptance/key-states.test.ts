import { randomBytes } from 'node:crypto';
import { PutItemCommand, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { MANAGEMENT_KEY_FORMAT } from '../../core/credential/credential-type.ts';
import { generateKey } from '../../core/credential/key-text.ts';
import { digestOf } from '../../core/credential/secret.ts';
import { loadProfile } from '../../lib/files/profile-file.ts';
import { writeManagementSecret } from '../../stores/dynamodb/keys/management-key-store.ts';
import { secretKey } from '../../stores/dynamodb/secrets/secret-key.ts';
import { keyKey } from '../../stores/dynamodb/table/tables.ts';
import { manager, memoryOf, newWorkspace, send, startProduct, type TestProduct } from '../product.ts';
import { toItem } from '../stores/dynamodb/items.ts';

let product: TestProduct;
beforeAll(async () => {
  product = await startProduct();
});
afterAll(() => product.stop());

const call = (credential: string) => send(`${product.apiUrl}/users`, { credential });

async function issued(fields: object = {}): Promise<{ id: string; secret: string }> {
  const { status, body } = await manager(product).issue(fields);
  expect(status).toBe(201);
  return { id: body.key.id, secret: body.secret };
}

/** A key that ended a second ago. Its items say so, because waiting for an end takes seconds. */
async function expired(): Promise<{ id: string; secret: string }> {
  const key = await issued({ expires_at: '2040-01-01T00:00:00Z' });
  const { client, records, secrets } = product.tables;
  const ended = {
    UpdateExpression: 'SET expiresAt = :past',
    ExpressionAttributeValues: toItem({ ':past': Math.floor(Date.now() / 1000) - 1 }),
  };
  for (const [TableName, place] of [
    [records, keyKey(product.workspace, key.id)],
    [secrets, secretKey(digestOf(key.secret))],
  ] as const)
    await client.send(new UpdateItemCommand({ TableName, Key: toItem(place), ...ended }));
  return key;
}

test('an expired key is refused, and says that it is', async () => {
  const { id, secret } = await expired();
  expect((await call(secret)).status).toBe(401);
  expect((await manager(product).get(id)).body.status).toBe('expired');
});

test('a disabled key is refused on the next request, and works again once it is enabled', async () => {
  const { id, secret } = await issued();
  for (const [enabled, status, answer] of [
    [false, 'disabled', 401],
    [true, 'active', 200],
  ] as const) {
    expect((await manager(product).update(id, { enabled })).body.status).toBe(status);
    expect((await call(secret)).status).toBe(answer);
  }
});

test('a key works from its own networks only, and a change of them takes effect at once', async () => {
  const { id, secret } = await issued({ allowed_cidrs: ['192.0.2.0/24'] });
  expect((await call(secret)).status).toBe(401);
  await manager(product).update(id, { allowed_cidrs: ['192.0.2.0/24', '127.0.0.0/8'] });
  expect((await call(secret)).status).toBe(200);
  await manager(product).update(id, { allowed_cidrs: ['::1/128'] });
  expect((await call(secret)).status).toBe(401);
});

test('a changed rate limit takes effect on the next request', async () => {
  const { update } = manager(product);
  const { id, secret } = await issued({ rate_limit: { limit: 2, window_seconds: 86_400 } });
  const statuses = async () => [
    (await call(secret)).status,
    (await call(secret)).status,
    (await call(secret)).status,
  ];
  expect(await statuses()).toEqual([200, 200, 429]);
  await update(id, { rate_limit: { limit: 3, window_seconds: 86_400 } });
  expect(await statuses()).toEqual([200, 429, 429]);
  await update(id, { rate_limit: null });
  expect(await statuses()).toEqual([200, 200, 200]);
});

test('verify tells the operator what is wrong with a credential', async () => {
  const { verify, revoke, update } = manager(product);
  const other = await newWorkspace(product, 'other');
  const reader = await issued();
  const ended = await issued();
  await revoke(ended.id);
  const disabled = await issued();
  await update(disabled.id, { enabled: false });
  const elsewhere = await issued({ allowed_cidrs: ['192.0.2.0/24'] });
  const old = await expired();
  const unknown = (await manager(other).issue()).body.secret;
  const neverIssued = generateKey(loadProfile('standard').profile.apiKey.format, randomBytes);
  const forms = { malformed: 'nonsense', management: product.managementKey };
  const cases: [object, object][] = [
    [{ credential: forms.malformed }, { valid: false, code: 'malformed' }],
    [{ credential: `${reader.secret} ` }, { valid: false, code: 'malformed' }],
    [{ credential: forms.management }, { valid: false, code: 'malformed' }],
    [{ credential: neverIssued }, { valid: false, code: 'unknown' }],
    [{ credential: ended.secret }, { valid: false, code: 'revoked' }],
    [{ credential: old.secret }, { valid: false, code: 'expired' }],
    [{ credential: disabled.secret }, { valid: false, code: 'disabled' }],
    [
      { credential: unknown, workspace: 'acme' },
      { valid: false, code: 'wrong_workspace' },
    ],
    [
      { credential: reader.secret, action: 'DELETE /users/{id}' },
      { valid: false, code: 'insufficient_scope' },
    ],
    [
      { credential: reader.secret, action: 'GET /nowhere' },
      { valid: false, code: 'insufficient_scope' },
    ],
    [{ credential: elsewhere.secret }, { valid: true }],
    [{ credential: reader.secret, workspace: 'acme', action: 'GET /users' }, { valid: true }],
    [{ credential: unknown, workspace: 'other' }, { valid: true }],
  ];
  const before = await memoryOf(product);
  for (const [body, verdict] of cases) {
    const answer = await verify(body);
    expect(answer).toMatchObject({ status: 200, body: verdict });
    if (answer.body.valid) expect(Object.keys(answer.body)).toEqual(['valid', 'principal']);
    else expect(answer.body).toEqual({ ...verdict, message: expect.stringMatching(/^[A-Z].*\.$/) });
  }
  // It counts nothing and stamps nothing.
  expect(await memoryOf(product)).toEqual(before);
  expect((await verify({ credential: reader.secret })).body.principal).toEqual({
    credential_id: reader.id,
    kind: 'api_key',
    workspace: 'acme',
    user: product.users.owner,
    role: null,
    scopes: ['read:all'],
    constraints: { expires_at: null, allowed_cidrs: [] },
  });
});

test('a refused call is neither counted nor noted as a use', async () => {
  const { id, secret } = await issued({ rate_limit: { limit: 1, window_seconds: 86_400 } });
  for (let count = 0; count < 3; count += 1)
    expect((await send(`${product.apiUrl}/team`, { credential: secret })).status).toBe(403);
  expect((await manager(product).get(id)).body.last_used_at).toBeNull();
  expect((await call(secret)).status).toBe(200);
  expect((await manager(product).get(id)).body.last_used_at).toMatch(/^\d{4}-.*Z$/);
});

test('a management key is refused by the product’s API on every route', async () => {
  for (const path of ['/users', '/team', '/users/user-1'])
    expect((await send(product.apiUrl + path, { credential: product.managementKey })).status).toBe(401);
});

test('an item that an attacker writes among a product’s secrets never works as a management key', async () => {
  const { managementUrl, tables } = product;
  const managementText = generateKey(MANAGEMENT_KEY_FORMAT, randomBytes);
  const apiKeyText = generateKey(loadProfile('standard').profile.apiKey.format, randomBytes);
  for (const text of [managementText, apiKeyText]) {
    const Item = writeManagementSecret('key_forged', { locator: digestOf(text), secretHash: null });
    await tables.client.send(new PutItemCommand({ TableName: tables.secrets, Item }));
    expect((await send(`${managementUrl}/v1/me`, { credential: text })).status).toBe(401);
    expect((await call(text)).status).toBe(401);
  }
  const { verify } = manager(product);
  expect((await verify({ credential: managementText })).body).toMatchObject({
    valid: false,
    code: 'malformed',
  });
  expect((await verify({ credential: apiKeyText })).body).toMatchObject({ valid: false, code: 'unknown' });
  // Nor does it say anything about one that works.
  expect((await verify({ credential: product.managementKey })).body).toMatchObject({ code: 'malformed' });
});
