import { request } from 'node:http';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { startProduct, type TestProduct } from '../product.ts';

let product: TestProduct;
beforeAll(async () => {
  product = await startProduct();
});
afterAll(() => product.stop());

const get = (path: string, init: RequestInit = {}) =>
  fetch(`${product.managementUrl}${path}`, { redirect: 'manual', ...init });

/** Sends a path exactly as it is written. */
async function getExactly(
  path: string,
): Promise<{ readonly status: number | undefined; readonly body: string }> {
  const { hostname, port } = new URL(product.managementUrl);
  return new Promise((resolve, reject) => {
    request({ hostname, port, path }, async (answer) =>
      resolve({ status: answer.statusCode, body: await text(answer) }),
    )
      .on('error', reject)
      .end();
  });
}

describe('the console beside the management API', () => {
  test('is a page that nobody may keep, under a policy that lets nothing foreign in', async () => {
    const answer = await get('/console/');
    expect(answer.status).toBe(200);
    expect(await answer.text()).toMatch(/^<!doctype html>/i);
    const { headers } = answer;
    expect([headers.get('content-type'), headers.get('cache-control')]).toEqual(['text/html', 'no-cache']);
    const policy = headers.get('content-security-policy') ?? '';
    expect(policy).toContain("default-src 'none'; script-src 'self'; style-src 'self';");
    expect(policy).toContain(`${product.issuerUrl}/`);
    expect(policy).toContain(`${product.apiUrl}/`);
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    expect(headers.get('x-frame-options')).toBe('DENY');
    expect(headers.get('referrer-policy')).toBe('no-referrer');
  });

  test('is told the addresses of this run', async () => {
    expect(await (await get('/console/config.json')).json()).toMatchObject({
      product: 'Standard',
      place: ['Settings', 'API Keys'],
      create_label: 'Create key',
      api_url: '',
      sign_in: { issuer: product.issuerUrl, client_id: 'keyward-console' },
      product_api: { url: product.apiUrl },
      first_call: { kind: 'http', method: 'GET', path: '/users' },
    });
  });

  test.each(['/', '/console', '/console/keys', '/console/a/b', '/console?next=//evil.example'])(
    'is where %s leads, and nowhere else',
    async (path) => {
      const answer = await get(path);
      expect([answer.status, answer.headers.get('location')]).toEqual([302, '/console/']);
    },
  );

  test.each([
    '/console/missing.js',
    '/console/../package.json',
    '/console/%2e%2e/package.json',
    '/console/..%2f..%2fpackage.json',
    '/console/%00.js',
    '/console/index.html%00',
    '/console/%.js',
    '/console//etc/passwd.txt',
  ])('has no file but its own: %s', async (path) => {
    const answer = await getExactly(path);
    expect(answer.status).toBe(403);
    expect(answer.body).not.toContain('"name"');
  });

  test('takes nothing that is sent to it', async () => {
    expect((await get('/console/', { method: 'POST', body: 'x' })).status).toBe(403);
    expect((await get('/console/config.json', { method: 'DELETE' })).status).toBe(403);
  });

  test('leaves every other path to the API', async () => {
    for (const path of ['/consoles', '/nothing', '/v1/nothing'])
      expect([path, (await get(path)).status]).toEqual([path, 404]);
    expect((await get('/v1/me')).headers.get('content-security-policy')).toBeNull();
  });
});
