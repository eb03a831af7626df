import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { manager, memoryOf, send, signIn, startProduct, type TestProduct } from '../product.ts';
import { sendRaw } from '../security/raw-http.ts';

let product: TestProduct;
beforeAll(async () => {
  product = await startProduct();
});
afterAll(() => product.stop());

/** Sends a request with an Idempotency-Key twice. */
async function sendTwice(path: string, body: object) {
  const url = product.managementUrl + path;
  const headers = { 'Idempotency-Key': `twice ${path}`.replaceAll(' ', '-') };
  const asked = { credential: product.managementKey, headers, body };
  return [await send(url, asked), await send(url, asked)] as const;
}

test('over HTTP, a repeated request makes nothing twice and is told the id of what was made', async () => {
  const { workspace, users } = product;
  const url = `/v1/workspaces/${workspace}`;
  const asked = { name: 'ci', scopes: ['read:all'], created_by: users.owner };
  const [issued, again] = await sendTwice(`${url}/keys`, asked);
  const { id } = issued.body.key;
  expect([issued.status, again.status, again.body.made_id]).toEqual([201, 409, id]);
  const [rotated, rotatedAgain] = await sendTwice(`${url}/keys/${id}/rotate`, { overlap_seconds: 60 });
  expect([rotated.status, rotatedAgain.status, rotatedAgain.body.made_id]).toEqual([200, 409, id]);
  // As the answer advises.
  expect((await manager(product).rotate(id, 0)).body.key.id).toBe(id);
  const [invited, invitedAgain] = await sendTwice(`${url}/invitations`, {
    email: 'once@example.com',
    role: 'member',
  });
  expect([invited.status, invitedAgain.body.made_id]).toEqual([201, invited.body.id]);
  const made = { slug: 'once', name: 'Once', created_by: users.owner };
  const [workspaceMade, workspaceAgain] = await sendTwice('/v1/workspaces', made);
  expect([workspaceMade.status, workspaceAgain.status]).toEqual([201, 409]);
  expect(workspaceAgain.body).toMatchObject({ code: 'already_done', made_id: 'once' });
});

test('over HTTP, two headers are one too many, a person has keys of their own, and no store holds the text', async () => {
  const { managementUrl, managementKey, users } = product;
  const url = `${managementUrl}/v1/workspaces/${product.workspace}/keys`;
  const body = { name: 'ci', scopes: ['read:all'] };
  const owner = await signIn(product, users.owner);
  const before = await memoryOf(product);
  const lines = [`Authorization: Bearer ${owner}`, 'Idempotency-Key: a', 'idempotency-key: a'];
  const twice = await sendRaw(url, { method: 'POST', lines, body: JSON.stringify(body) });
  expect([twice.status, twice.text.includes('Idempotency-Key must be one header')]).toEqual([400, true]);
  expect(await memoryOf(product)).toEqual(before);
  const headers = { 'Idempotency-Key': 'of-the-owner' };
  expect((await send(url, { credential: owner, headers, body })).status).toBe(201);
  const operators = { ...body, created_by: users.owner };
  expect((await send(url, { credential: managementKey, headers, body: operators })).status).toBe(201);
  expect(JSON.stringify(await memoryOf(product))).not.toContain('of-the-owner');
});
