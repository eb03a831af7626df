import { UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { digestOf } from '../../core/credential/secret.ts';
import { secretKey } from '../../stores/dynamodb/secrets/secret-key.ts';
import { keyKey } from '../../stores/dynamodb/table/tables.ts';
import { itemsOf, manager, refusalsOf, startProduct, type TestProduct } from '../product.ts';
import { toItem } from '../stores/dynamodb/items.ts';

let product: TestProduct;
/** Every secret that was ever issued here, the management key's included. */
const secrets: string[] = [];
/** What was answered, apart from the answers that hand a secret out. */
const answers: string[] = [];
beforeAll(async () => {
  product = await startProduct();
  secrets.push(product.managementKey);
  await useAndMisuse();
});
afterAll(() => product.stop());

/** Sends a request and keeps the whole answer, headers and all. */
async function ask(url: string, init: RequestInit = {}): Promise<number> {
  const response = await fetch(url, init);
  answers.push(
    `${init.method ?? 'GET'} ${response.status} ${JSON.stringify([...response.headers])} ${await response.text()}`,
  );
  return response.status;
}

/** Issues or rotates; only this answer may hold the secret, and only once. */
async function obtain(request: Promise<{ status: number; body: { key: { id: string }; secret: string } }>) {
  const { status, body } = await request;
  expect([200, 201]).toContain(status);
  expect(JSON.stringify(body).split(body.secret)).toHaveLength(2);
  secrets.push(body.secret);
  const { secret, ...rest } = body;
  answers.push(JSON.stringify(rest));
  return { id: body.key.id, secret };
}

async function useAndMisuse(): Promise<void> {
  const { managementUrl, apiUrl, managementKey } = product;
  const operator = manager(product);
  const bearer = (credential: string) => ({ Authorization: `Bearer ${credential}` });
  const { id, secret } = await obtain(operator.issue({ scopes: ['admin'] }));
  const rotated = await obtain(operator.rotate(id, 60));
  const child = await obtain(manager(product, rotated.secret).issue());
  for (const credential of [secret, rotated.secret, child.secret, managementKey]) {
    await ask(`${apiUrl}/users`, { headers: bearer(credential) });
    await ask(`${apiUrl}/team`, { headers: bearer(credential) });
    await ask(`${managementUrl}/v1/me`, { headers: bearer(credential) });
    await ask(operator.keys, { headers: bearer(credential) });
  }
  // One credential of each kind.
  for (const credential of [child.secret, managementKey]) await misplace(credential, bearer(rotated.secret));
  for (const path of [`/${id}`, '', `/${id}/rotate`, `/${id}/revoke`, `/${id}/revoke`])
    await ask(`${operator.keys}${path}`, {
      headers: bearer(managementKey),
      ...(path.endsWith('rotate') && { method: 'POST', body: '{"overlap_seconds":5}' }),
      ...(path.endsWith('revoke') && { method: 'POST' }),
    });
  await provokeFaults(await obtain(operator.issue()), bearer(managementKey));
}

/** A secret in every place where it does not belong. */
async function misplace(secret: string, authorization: Record<string, string>): Promise<void> {
  const { managementUrl, apiUrl } = product;
  const { keys } = manager(product);
  const basic = Buffer.from(`${secret}:`).toString('base64');
  const wrongHeaders: Record<string, string>[] = [
    { Authorization: secret },
    { Authorization: `Basic ${basic}` },
    { Authorization: `Token ${secret}` },
    { Authorization: `Bearer  ${secret} ${secret}` },
    { Authorization: `Bearer ${secret}x` },
    { 'x-api-key': secret },
    { Cookie: `key=${secret}` },
    { 'User-Agent': secret },
  ];
  for (const url of [`${apiUrl}/users`, `${managementUrl}/v1/me`]) {
    for (const headers of wrongHeaders) await ask(url, { headers });
    await ask(`${url}?api_key=${secret}`);
    await ask(`${url}?${secret}=1`, { headers: authorization });
    await ask(`${url}/${secret}`, { headers: authorization });
    await ask(`${url}/${secret}/${secret}`, { headers: authorization });
    await ask(`${url}%zz${secret}`, { headers: authorization });
    await ask(`${url.replace(/\/[^/]+$/, '')}/nowhere/${secret}`);
  }
  const bodies = [
    ...[
      secret,
      `"${secret}"`,
      `[${secret}]`,
      `{"key":"${secret}"}`,
      `{"${secret}":1}`,
      `{"name":["${secret}"]}`,
    ],
    JSON.stringify({ name: `${secret}\u0000`, scopes: ['read:all'] }),
    JSON.stringify({ name: secret, scopes: ['read:all'] }),
    JSON.stringify({ name: `key ${secret}, old`, scopes: ['read:all'] }),
    JSON.stringify({ name: 'x', description: secret, scopes: ['read:all'] }),
    JSON.stringify({ name: 'x', scopes: ['read:all'], [secret]: 1 }),
    JSON.stringify({ name: 'x', scopes: ['read:all'], [secret.replace(/^.*_/, '')]: 1 }),
    JSON.stringify({ name: 'x', scopes: [secret] }),
    JSON.stringify({ name: 'x', scopes: ['read:all'], expires_at: secret, allowed_cidrs: [secret] }),
    JSON.stringify({ name: 'x', scopes: ['read:all'], allowed_cidrs: [secret] }),
  ];
  for (const body of bodies)
    for (const url of [keys, `${managementUrl}/v1/keys/verify`, `${managementUrl}/v1/workspaces`])
      await ask(url, { method: 'POST', body, headers: authorization });
  for (const query of [`?cursor=${secret}`, `?status=${secret}`, `?limit=${secret}`, `?${secret}`])
    await ask(keys + query, { headers: authorization });
  await ask(`${keys}/${secret}`, { headers: authorization });
  for (const name of ['actor', 'key_id', 'type', 'from', 'cursor', secret])
    await ask(`${managementUrl}/v1/workspaces/acme/events?${name}=${secret}`, { headers: authorization });
  for (const [method, path] of [
    ['POST', `keys/${secret}/revoke`],
    ['PUT', `members/${secret}`],
    ['DELETE', `invitations/${secret}`],
  ] as const) {
    const operator = { Authorization: `Bearer ${product.managementKey}` };
    const address = `${managementUrl}/v1/workspaces/acme/${path}`;
    const body = method === 'PUT' ? '{"role":"member"}' : '';
    await ask(address, { method, body, headers: operator });
  }
  await ask(`${managementUrl}/v1/workspaces/${secret}/keys`, { headers: authorization });
  const verify = JSON.stringify({ credential: secret, workspace: secret, action: 'GET /users' });
  const operator = { Authorization: `Bearer ${product.managementKey}` };
  await ask(`${managementUrl}/v1/keys/verify`, { method: 'POST', body: verify, headers: operator });
}

/** Breaks what is stored of a key, so that whoever reads it fails. */
async function provokeFaults(
  { id, secret }: { id: string; secret: string },
  operator: Record<string, string>,
): Promise<void> {
  const { client, records, secrets: secretsTable } = product.tables;
  const { keys } = manager(product);
  const breaking = [
    {
      TableName: secretsTable,
      Key: toItem(secretKey(digestOf(secret))),
      UpdateExpression: 'REMOVE scopes',
    },
    { TableName: records, Key: toItem(keyKey(product.workspace, id)), UpdateExpression: 'REMOVE secrets' },
  ];
  for (const update of breaking) await client.send(new UpdateItemCommand(update));
  const verify = { method: 'POST', body: JSON.stringify({ credential: secret }), headers: operator };
  const statuses = [
    await ask(`${product.apiUrl}/users`, { headers: { Authorization: `Bearer ${secret}` } }),
    await ask(`${product.managementUrl}/v1/me`, { headers: { Authorization: `Bearer ${secret}` } }),
    await ask(`${product.managementUrl}/v1/keys/verify`, verify),
    await ask(`${keys}/${id}`, { headers: operator }),
    await ask(`${keys}/${id}/rotate`, { method: 'POST', body: '{"overlap_seconds":0}', headers: operator }),
    await ask(`${keys}/${id}/revoke`, { method: 'POST', headers: operator }),
  ];
  expect(statuses.filter((status) => status < 500)).toEqual([]);
}

/** Looks for each secret, and for its random part alone, however it may be wrapped. */
function finds(places: readonly string[]): string[] {
  const wanted = secrets.flatMap((secret) => {
    const random = secret.replace(/^.*_/, '');
    return [secret, random, random.slice(0, 30), Buffer.from(`${secret}:`).toString('base64')];
  });
  return places.filter((place) => wanted.some((text) => place.includes(text)));
}

test('the search itself finds what it looks for', () => {
  expect(secrets).toHaveLength(5);
  expect(answers.length).toBeGreaterThan(150);
  for (const secret of secrets) expect(finds([`a line with ${secret.replace(/^.*_/, '')}`])).toHaveLength(1);
});

test('no table holds a secret, the product’s own included', async () => {
  const tables = Object.values(product.assembly.tables);
  expect(tables.length).toBeGreaterThanOrEqual(4);
  for (const { name } of tables) {
    const items = (await itemsOf(product, name)).map((item) => JSON.stringify(item));
    expect(finds(items)).toEqual([]);
  }
});

test('the audit log tells of what was refused meanwhile, and holds no secret in any form', async () => {
  const refusals = await refusalsOf(product);
  const codes = new Set(refusals.map(({ code }) => code));
  expect([...codes].sort()).toEqual(['forbidden', 'insufficient_scope', 'not_found', 'rotation_in_progress']);
  const url = `${product.managementUrl}/v1/workspaces/acme/events?limit=100`;
  const shown = await (
    await fetch(url, { headers: { Authorization: `Bearer ${product.managementKey}` } })
  ).text();
  expect(shown).toContain('call.refused');
  expect(finds([shown, JSON.stringify(refusals)])).toEqual([]);
});

test('no log line of any function or gateway holds a secret, whatever went wrong', () => {
  const lines = product.lines.map(({ source, text }) => `${source} ${text}`);
  expect(lines.filter((line) => line.includes('"level":"ERROR"')).length).toBeGreaterThan(3);
  expect(lines.filter((line) => line.startsWith('access-log:')).length).toBeGreaterThan(150);
  expect(finds(lines)).toEqual([]);
});

test('no answer holds a secret but the one that issued it', () => {
  expect(finds(answers)).toEqual([]);
});
