import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { findPorts } from '../../local/listening.ts';
import { isOpen } from '../bin/processes.ts';
import { ROOT } from '../docs/blocks.ts';
import { send, signIn, startProduct, type TestProduct } from '../product.ts';

let product: TestProduct;
beforeAll(async () => {
  product = await startProduct();
});
afterAll(() => product.stop());

const call = (method: string, path: string, options: { body?: object; credential?: string } = {}) =>
  send(`${product.managementUrl}${path}`, { method, ...options });

const link = (body: object, credential = product.managementKey) =>
  call('POST', '/v1/sessions', { body, credential });

const codeIn = (url: string) => url.split('#session=')[1] ?? '';

const exchange = (code: string) => call('POST', '/v1/sessions/exchange', { body: { code } });

test('a link made over HTTP becomes a session that issues a key, ends itself, and is then nobody', async () => {
  const made = await link({ user_id: product.users.owner, workspace: 'acme' });
  expect(made.status).toBe(201);
  const opened = await exchange(codeIn(made.body.url));
  expect(opened).toMatchObject({ status: 200, body: { user_id: product.users.owner, workspace: 'acme' } });
  const credential: string = opened.body.session;
  expect((await call('GET', '/v1/me', { credential })).body).toMatchObject({
    kind: 'person',
    user: product.users.owner,
    session: { workspace: 'acme' },
  });
  const body = { name: 'from-a-session', scopes: ['read:all'] };
  const issued = await call('POST', '/v1/workspaces/acme/keys', { body, credential });
  expect(issued.status).toBe(201);
  expect(await exchange(codeIn(made.body.url))).toMatchObject({ status: 410, body: { code: 'link_ended' } });
  expect((await call('POST', '/v1/sessions/self/revoke', { credential })).status).toBe(200);
  expect((await call('GET', '/v1/me', { credential })).status).toBe(401);
  const printed = product.lines.map(({ text }) => text).join('\n');
  for (const secret of [credential, codeIn(made.body.url)]) expect(printed).not.toContain(secret);
});

test('a product that signs its user out ends their sessions with the next request, and only the operator can', async () => {
  const asked = { user_id: product.users.admin, workspace: 'acme' };
  const made = await link(asked);
  const credential: string = (await exchange(codeIn(made.body.url))).body.session;
  const revoke = (by: string) =>
    call('POST', '/v1/sessions/revoke', { body: { user_id: product.users.admin }, credential: by });
  expect(await revoke(credential)).toMatchObject({ status: 403 });
  expect((await call('GET', '/v1/me', { credential })).status).toBe(200);
  expect(await revoke(product.managementKey)).toMatchObject({
    status: 200,
    body: { sessions: [{ workspace: 'acme' }] },
  });
  expect((await call('GET', '/v1/me', { credential })).status).toBe(401);
});

test('a session is no key of the product, and makes no other session', async () => {
  const made = await link({ user_id: product.users.owner, workspace: 'acme' });
  const credential: string = (await exchange(codeIn(made.body.url))).body.session;
  expect((await send(`${product.apiUrl}/users`, { credential })).status).toBe(401);
  const asked = { user_id: product.users.owner, workspace: 'acme' };
  const key = await call('POST', '/v1/workspaces/acme/keys', {
    body: { name: 'admin', scopes: ['admin'] },
    credential,
  });
  const token = await signIn(product, product.users.owner);
  for (const each of [credential, key.body.secret, token])
    expect(await link(asked, each)).toMatchObject({ status: 403, body: { code: 'forbidden' } });
  expect((await call('POST', '/v1/sessions', { body: asked })).status).toBe(401);
});

test('the back end of the page about sessions is the example, and leads its user to the console', async () => {
  const source = readFileSync(join(ROOT, 'examples/session/back-end.ts'), 'utf8');
  expect(readFileSync(join(ROOT, 'docs/sessions.md'), 'utf8')).toContain(`\`\`\`ts\n${source}\`\`\``);
  const port = await findPorts(1);
  const backEnd = spawn(process.execPath, [join(ROOT, 'examples/session/back-end.ts')], {
    stdio: 'ignore',
    env: {
      ...{ MANAGEMENT_URL: product.managementUrl, MANAGEMENT_KEY: product.managementKey },
      ...{ WORKSPACE: 'acme', PORT: String(port) },
    },
  });
  try {
    // A look at whether the port is free would take it for a moment, and the back end could not listen then.
    while (!(await isOpen(port))) {
      if (backEnd.exitCode !== null) throw new Error('The back end has ended.');
      await pause(20);
    }
    const visit = (cookie: string) =>
      fetch(`http://127.0.0.1:${port}/`, { redirect: 'manual', headers: { cookie } });
    const led = await visit(`user=${product.users.member}`);
    expect(led.status).toBe(303);
    const opened = await exchange(codeIn(led.headers.get('location') ?? ''));
    expect(opened.body).toMatchObject({ user_id: product.users.member, workspace: 'acme' });
    expect((await visit('user=usr_stranger')).status).toBe(502);
  } finally {
    backEnd.kill();
  }
});
