import { type BinaryToTextEncoding, createHash, randomBytes } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { randomBase62 } from '../../core/credential/key-text.ts';
import { slotLocator } from '../../core/credential/secret.ts';
import { bcrypt } from '../../lambdas/bundle-choices/verifiers-bcrypt.ts';
import { newId, unixNow } from '../../lambdas/environment.ts';
import { dynamoKeyStore } from '../../stores/dynamodb/keys/key-store.ts';
import { type Answer, itemsOf, send, startProduct, type TestProduct } from '../product.ts';

let product: TestProduct;
/** Every key that was ever issued here: used, rotated, revoked or left alone. */
const texts: string[] = [];
beforeAll(async () => {
  product = await startProduct('socialcrm');
  const { key, secret } = (await manage('', {})).body;
  const rotated = (await manage(`/${key.id}/rotate`, { overlap_seconds: 60 })).body.secret;
  const revoked = (await manage('', { description: 'to be revoked' })).body;
  texts.push(secret, rotated, revoked.secret, (await manage('', {})).body.secret);
  for (const text of texts) expect(await statusWith(text)).toBe(200);
  expect((await manage(`/${revoked.key.id}/revoke`, {})).status).toBe(200);
  for (const text of texts) await statusWith(text);
});
afterAll(() => product.stop());

const manage = (path: string, body: object): Promise<Answer> =>
  send(`${product.managementUrl}/v1/workspaces/acme/keys${path}`, {
    credential: product.managementKey,
    body,
  });

async function statusWith(credential: string): Promise<number> {
  const body = { jsonrpc: '2.0', id: 1, method: 'tools/list' };
  return (await send(`${product.apiUrl}/api/mcp-app`, { credential, body })).status;
}

const ENCODINGS: readonly BinaryToTextEncoding[] = ['hex', 'base64', 'base64url', 'binary'];

/** The secret part of a key, and what a fast hash makes of it or of the whole, however it may be written. */
function forbiddenTraces(text: string): string[] {
  const parts = [text, text.slice('sk_live_'.length), text.slice('sk_live_'.length + 8)];
  const digests = parts.flatMap((part) =>
    ['md5', 'sha1', 'sha256', 'sha512'].flatMap((algorithm) =>
      ENCODINGS.map((encoding) => createHash(algorithm).update(part).digest(encoding)),
    ),
  );
  const written = parts.flatMap((part) => [
    part,
    Buffer.from(part).toString('base64'),
    Buffer.from(part).toString('hex'),
  ]);
  return [...digests, ...written];
}

const findsIn = (place: string) =>
  texts.filter((text) =>
    forbiddenTraces(text)
      .flatMap(asInJson)
      .some((trace) => place.toLowerCase().includes(trace.toLowerCase())),
  );

/** A text as JSON spells it, and as JSON in a text of JSON does: log lines are. */
function asInJson(text: string): string[] {
  const escaped = (value: string) => JSON.stringify(value).slice(1, -1);
  return [escaped(text), escaped(escaped(text))];
}

async function everythingStored(): Promise<string> {
  const tables = Object.values(product.assembly.tables);
  expect(tables.length).toBeGreaterThanOrEqual(4);
  return JSON.stringify(await Promise.all(tables.map(({ name }) => itemsOf(product, name))));
}

test('the search itself finds what it looks for', () => {
  for (const text of texts) {
    const digest = createHash('sha256').update(text).digest('base64url');
    expect(findsIn(`{"pk":"${digest}"}`)).toEqual([text]);
    expect(findsIn(`key ${text.slice(16)}`)).toEqual([text]);
    const item = JSON.stringify({ pk: createHash('sha256').update(text).digest('binary') });
    for (const place of [item, JSON.stringify([item])]) expect(findsIn(place)).toEqual([text]);
  }
});

test('The raw key is displayed only at creation time: no table and no log holds it, nor a fast digest of it', async () => {
  expect(findsIn(await everythingStored())).toEqual([]);
  expect(product.lines.length).toBeGreaterThan(10);
  expect(findsIn(JSON.stringify(product.lines))).toEqual([]);
});

test('Internally, keys are bcrypt-hashed before storage. The first 8 characters (prefix) are stored in plaintext for lookup', async () => {
  const items = (await itemsOf(product, product.tables.secrets)).filter(({ kind }) => kind === 'api_key');
  expect(items).toHaveLength(texts.length);
  for (const text of texts) {
    const own = items.filter(({ pk }) => pk === `PREFIX#${text.slice(8, 16)}`);
    expect(own).toHaveLength(1);
    const { sk, secretHash } = own[0] ?? {};
    expect(sk).toMatch(/^KEY#[0-3]$/);
    expect(secretHash).toMatch(/^\$2b\$10\$[./0-9A-Za-z]{53}$/);
    expect(await bcrypt.matches(text, String(secretHash))).toBe(true);
  }
  expect(new Set(items.map(({ secretHash }) => secretHash)).size).toBe(texts.length);
});

test('two keys that share their first 8 characters both work, and one is revoked without the other', async () => {
  const [first = ''] = texts;
  const lookupPrefix = first.slice(8, 16);
  const [taken] = (await itemsOf(product, product.tables.secrets)).filter(
    ({ pk }) => pk === `PREFIX#${lookupPrefix}`,
  );
  const place = (Number(String(taken?.sk).slice('KEY#'.length)) + 1) % 4;
  const text = `sk_live_${lookupPrefix}${randomBase62(24, randomBytes)}`;
  const id = newId('key');
  const store = dynamoKeyStore({ tables: product.tables, now: unixNow, newId });
  const outcome = await store.issue({
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
      name: null,
      description: 'a sibling',
      scopes: 'all',
      externalId: null,
      enabled: true,
      expiresAt: null,
      allowedCidrs: [],
      rateLimit: null,
      issuerLimit: null,
      bounds: {},
    },
    secret: {
      locator: slotLocator(lookupPrefix, place),
      start: text.slice(0, 16),
      secretHash: await bcrypt.hash(text),
    },
    event: {
      id: newId('evt'),
      at: unixNow(),
      type: 'key.issued',
      workspace: 'acme',
      keyId: id,
      outcome: 'done',
      actor: { kind: 'operator', credentialId: null, user: null },
      sourceAddress: null,
    },
  });
  expect(outcome.kind).toBe('issued');
  for (const _ of ['cold', 'warm'])
    expect([await statusWith(first), await statusWith(text)]).toEqual([200, 200]);
  await manage(`/${id}/revoke`, {});
  expect([await statusWith(first), await statusWith(text)]).toEqual([200, 401]);
});

test('every call that a function made was allowed by its role, and every function that may query by prefix has done so', async () => {
  await send(`${product.managementUrl}/v1/me`, { credential: texts[0] ?? '' });
  const body = { credential: texts[0] };
  await send(`${product.managementUrl}/v1/keys/verify`, { credential: product.managementKey, body });
  const hash = `$2b$10$${'a'.repeat(53)}`;
  await manage('/import', { keys: [{ hash, algorithm: 'bcrypt', lookup_prefix: 'imported' }] });
  const calls = product.assembly.recordedCalls();
  expect(calls.filter(({ allowed }) => !allowed)).toEqual([]);
  const { functions } = product.assembly;
  const querying = calls
    .filter(({ action, resource }) => action === 'dynamodb:Query' && resource.includes('Secrets'))
    .map(({ functionId }) => Object.values(functions).find(({ id }) => id === functionId)?.constructPath);
  const granted = Object.values(functions).filter(({ statements }) =>
    statements.some(
      ({ actions, resources }) =>
        actions.includes('dynamodb:Query') && resources.some((resource) => resource.includes('Secrets')),
    ),
  );
  expect(granted).toHaveLength(4);
  expect(new Set(querying)).toEqual(new Set(granted.map(({ constructPath }) => constructPath)));
});
