import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { describeApi } from '../../openapi/describe-api.ts';
import { send, startProduct, type TestProduct } from '../product.ts';

let product: TestProduct;
beforeAll(async () => {
  product = await startProduct('sophic');
});
afterAll(() => product.stop());

test('everybody reads the description of the deployed product, and a caller who has it is told so', async () => {
  const url = `${product.managementUrl}/openapi.json`;
  const first = await send(url);
  expect([first.status, first.headers.get('cache-control')]).toEqual([200, 'public, max-age=300']);
  expect(first.body).toEqual(JSON.parse(JSON.stringify(describeApi(product.profile))));
  const etag = first.headers.get('etag') ?? '';
  const again = await send(url, { headers: { 'If-None-Match': etag } });
  expect([again.status, again.headers.get('etag')]).toEqual([304, etag]);
});

test('everybody reads where the people of the deployed product sign in', async () => {
  const { status, body } = await send(`${product.managementUrl}/sign-in.json`);
  expect(status).toBe(200);
  expect(body).toEqual({
    issuer: product.issuerUrl,
    client_id: expect.any(String),
    scopes: ['openid', 'email'],
    parameters: {},
  });
  const discovered = await send(`${body.issuer}/.well-known/openid-configuration`);
  expect(discovered.body.issuer).toBe(body.issuer);
});
