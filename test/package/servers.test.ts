import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { findPorts } from '../../local/listening.ts';
import { manager, startProduct, type TestProduct } from '../product.ts';
import { commandsOnPage, ENVIRONMENT, fileOnPage, makeProject, type Project } from './project.ts';

const PAGE = 'docs/install.md';
const SERVERS = ['hono', 'express', 'fastify'] as const;

let project: Project;
let product: TestProduct;
/** A key that may read orders and not place them. */
let key: string;
const running: ChildProcess[] = [];

beforeAll(async () => {
  project = makeProject('server');
  project.write('package.json', JSON.stringify({ name: 'server', type: 'module', private: true }));
  await project.run(commandsOnPage(PAGE, 'hono @hono/node-server'));
  await project.run('npm install express fastify tsx typescript@7 @types/node @types/express');
  project.write('orders.json', fileOnPage('docs/protect-your-api.md', 'orders.json'));
  for (const name of SERVERS) project.write(`${name}.ts`, fileOnPage(PAGE, `${name}.ts`));
  product = await startProduct(join(project.folder, 'orders.json'));
  const issued = await manager(product).issue({ name: 'reader', scopes: ['orders.read'] });
  key = issued.body.secret;
});
afterAll(async () => {
  // tsx runs the server in a process of its own, which a signal to tsx alone would leave behind.
  for (const { pid } of running) if (pid !== undefined) process.kill(-pid, 'SIGKILL');
  await product.stop();
  project.remove();
});

test.each(['nodenext', 'bundler'])(
  'the servers of the page pass the compiler with the module resolution %s',
  async (resolution) => {
    const module = resolution === 'bundler' ? 'esnext' : 'nodenext';
    const options = `--module ${module} --moduleResolution ${resolution} --target es2022 --strict --noEmit --skipLibCheck`;
    const files = SERVERS.map((name) => `${name}.ts`).join(' ');
    expect(await project.run(`npx tsc ${options} --types node ${files}`)).toBe('');
  },
);

describe.each(SERVERS)('a server with %s that has nothing but keyward/guard', (name) => {
  let url: string;
  beforeAll(async () => {
    url = await startServer(name);
  });
  const call = (method: string, path: string, headers: Record<string, string> | [string, string][] = {}) =>
    fetch(`${url}${path}`, { method, headers });
  const bearer = () => ({ Authorization: `Bearer ${key}` });

  test('lets a key do what its scopes grant, and tells the rest of its limit', async () => {
    const response = await call('GET', '/orders/17', bearer());
    expect(response.status).toBe(200);
    expect(await response.json()).toEqual({ workspace: product.workspace });
    expect(response.headers.get('ratelimit')).toMatch(/^"default";r=\d+;t=\d+$/);
  });

  test('answers 403 with the scope that is missing', async () => {
    const response = await call('POST', '/orders', bearer());
    expect(response.status).toBe(403);
    expect(await response.json()).toMatchObject({
      code: 'insufficient_scope',
      required_scope: 'orders.write',
    });
  });

  test('answers 401 with a challenge to a call without a key, or with two', async () => {
    const without = await call('GET', '/orders/17');
    expect(without.status).toBe(401);
    expect(without.headers.get('www-authenticate')).toBe('Bearer realm="orders"');
    expect(without.headers.get('content-type')).toContain('application/problem+json');
    expect(await without.json()).toMatchObject({ code: 'unauthorized' });
    expect((await call('GET', '/orders/17', twice(bearer().Authorization))).status).toBe(401);
  });
});

/** @returns the same header two times. */
function twice(value: string): [string, string][] {
  return [
    ['Authorization', value],
    ['Authorization', value],
  ];
}

test('a key that is revoked is refused on the very next request', async () => {
  const issued = await manager(product).issue({ name: 'short-lived', scopes: ['orders.read'] });
  const url = await startServer('hono');
  const call = () =>
    fetch(`${url}/orders/17`, { headers: { Authorization: `Bearer ${issued.body.secret}` } });
  expect((await call()).status).toBe(200);
  await manager(product).revoke(issued.body.key.id);
  expect((await call()).status).toBe(401);
});

/** Starts a server as the page says, and waits until it answers. */
async function startServer(name: string): Promise<string> {
  const port = await findPorts(1);
  const { region, endpoint } = product.tables.client.config;
  const { hostname, port: dynamoDbPort } = (await endpoint?.()) ?? {};
  const child = spawn(join(project.folder, 'node_modules/.bin/tsx'), [`${name}.ts`], {
    cwd: project.folder,
    env: {
      ...ENVIRONMENT,
      PORT: String(port),
      KEYWARD_SECRETS_TABLE: product.tables.secrets,
      AWS_REGION: await region(),
      AWS_ACCESS_KEY_ID: 'local',
      AWS_SECRET_ACCESS_KEY: 'local',
      AWS_ENDPOINT_URL_DYNAMODB: `http://${hostname}:${dynamoDbPort}`,
    },
    stdio: 'ignore',
    detached: true,
  });
  running.push(child);
  const url = `http://127.0.0.1:${port}`;
  for (;;) {
    if (child.exitCode !== null) throw new Error(`The server with ${name} has ended.`);
    try {
      await fetch(url);
      return url;
    } catch {
      await pause(50);
    }
  }
}
