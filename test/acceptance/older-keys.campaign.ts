import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { hash } from 'bcryptjs';
import { type ImportedHash, parseImportedHash } from '../../core/credential/imported-hash.ts';
import { digestHashOf, slotLocator } from '../../core/credential/secret.ts';
import { unixNow } from '../../lambdas/environment.ts';
import { loadProfile } from '../../lib/files/profile-file.ts';
import { dynamoKeyStore } from '../../stores/dynamodb/keys/key-store.ts';
import { sha256Of } from '../core/credential/older-keys.ts';
import { itemsOf, manager, send, startProduct, type TestProduct } from '../product.ts';
import { newEvent, newId } from '../stores/dynamodb/keys/keys.ts';

/** Keys of two other systems work beside issued keys and tokens, in a product that runs as it is deployed. */
const ACCEPTS = [
  { name: 'unkey', prefix: 'acme_', alphabet: 'base58', min_length: 22, max_length: 25 },
  { name: 'old', prefix: 'sk_old_', alphabet: 'base64url', min_length: 43, stored_as: 'bcrypt' },
];
const UNKEY = 'acme_3ZHzTMEsKQ8pNmL9vVFa1c2D';
const OLD = `sk_old_abcd-_12${'x7'.repeat(17)}z`;

const folder = mkdtempSync(join(tmpdir(), 'keyward-older-keys-'));
let product: TestProduct;
const ids: Record<string, string> = {};
beforeAll(async () => {
  const data = JSON.parse(readFileSync(join(import.meta.dirname, '../../profiles/sophic.json'), 'utf8'));
  const path = join(folder, 'older.json');
  const api_key = { ...data.api_key, accepts: ACCEPTS };
  writeFileSync(path, JSON.stringify({ ...data, name: 'older', api_key }));
  product = await startProduct(path);
  const { profile } = loadProfile(path);
  const digest = { algorithm: 'sha256', encoding: 'base64', text: sha256Of(UNKEY, 'base64') } as const;
  const text = (await hash(OLD, 10)).replace('$2b$', '$2y$');
  const bcrypt = { algorithm: 'bcrypt', text, lookupPrefix: 'abcd-_12' } as const;
  for (const [name, imported] of [
    ['unkey', digest],
    ['old', bcrypt],
  ] as const)
    ids[name] = await put(imported, profile.apiKey);
});
afterAll(async () => {
  await product?.stop();
  rmSync(folder, { recursive: true, force: true });
});

/** Writes what an import writes. */
async function put(
  imported: ImportedHash,
  keyType: Parameters<typeof parseImportedHash>[0],
): Promise<string> {
  const parsed = parseImportedHash(keyType, imported);
  if (parsed.kind === 'refused') throw new Error(parsed.sentence);
  const secret =
    parsed.kind === 'by_digest'
      ? { locator: parsed.locator, secretHash: null }
      : { locator: slotLocator(parsed.lookupPrefix, 0), secretHash: parsed.secretHash };
  const id = newId('key');
  const outcome = await dynamoKeyStore({ tables: product.tables, now: unixNow, newId }).issue({
    workspace: 'acme',
    id,
    createdAt: unixNow(),
    creator: null,
    caller: null,
    role: null,
    effectiveRateLimit: null,
    maxActiveKeys: null,
    maxMemberKeys: 500,
    planVersion: null,
    fields: {
      name: 'imported',
      description: null,
      scopes: ['read'],
      externalId: null,
      enabled: true,
      expiresAt: null,
      allowedCidrs: [],
      rateLimit: null,
      issuerLimit: null,
      bounds: {},
    },
    secret: { ...secret, start: parsed.start },
    event: newEvent('key.issued', 'acme', id),
  });
  expect(outcome.kind).toBe('issued');
  return id;
}

const call = async (credential: string) =>
  (await send(`${product.apiUrl}/api/v1/documents`, { credential })).status;
const verify = async (credential: string) => {
  const { managementUrl, managementKey } = product;
  return (await send(`${managementUrl}/v1/keys/verify`, { credential: managementKey, body: { credential } }))
    .body;
};
const storedHash = async () =>
  (await itemsOf(product, product.tables.secrets)).find(({ pk }) => pk === 'PREFIX#abcd-_12')?.secretHash;

test('keys of two shapes work, an operator can ask about them, and looking at one leaves no trace', async () => {
  for (const [name, text] of [
    ['unkey', UNKEY],
    ['old', OLD],
  ] as const) {
    expect(await verify(text)).toMatchObject({ valid: true, principal: { credential_id: ids[name] } });
    expect(await verify(`${text.slice(0, -1)}1`)).toMatchObject({ valid: false, code: 'unknown' });
  }
  expect(await storedHash()).toMatch(/^\$2y\$10\$/);
  for (const text of [UNKEY, OLD]) {
    expect([await call(text), await call(`${text.slice(0, -1)}1`), await call(`${text}#`)]).toEqual([
      200, 401, 401,
    ]);
  }
});

test('the first call has made the bcrypt hash a SHA-256, and further calls read once', async () => {
  expect(await storedHash()).toBe(digestHashOf(OLD));
  const before = product.assembly.recordedCalls().length;
  expect(await call(OLD)).toBe(200);
  const reads = product.assembly
    .recordedCalls()
    .slice(before)
    .filter(({ resource }) => resource.includes('Secrets'))
    .map(({ action }) => action);
  expect(reads).toHaveLength(1);
});

test('a rotation gives a key of the issued shape, and a revocation ends both texts', async () => {
  const keys = manager(product);
  const { status, body } = await send(`${keys.keys}/${ids.old}/rotate`, {
    credential: product.managementKey,
    body: { overlap_seconds: 600 },
  });
  expect([status, body.secret]).toEqual([200, expect.stringMatching(/^sophic_key_/)]);
  expect([await call(OLD), await call(body.secret)]).toEqual([200, 200]);
  const revoked = await send(`${keys.keys}/${ids.old}/revoke`, {
    credential: product.managementKey,
    body: {},
  });
  expect(revoked.status).toBe(200);
  expect([await call(OLD), await call(body.secret), await call(UNKEY)]).toEqual([401, 401, 200]);
});

test('a key of an accepted shape is refused as the name of a key, and a 401 tells how keys begin', async () => {
  const { keys } = manager(product);
  const body = { name: `mine ${OLD}`, scopes: ['read'] };
  expect((await send(keys, { credential: product.managementKey, body })).status).toBe(400);
  const { detail } = (await send(keys, { credential: 'x' })).body;
  expect(detail).toContain('(sophic_key_... or acme_... or sk_old_...)');
});

test('every call that a function made was allowed by its role', () => {
  expect(product.assembly.recordedCalls().filter(({ allowed }) => !allowed)).toEqual([]);
});
