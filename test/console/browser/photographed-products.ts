import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

/** A product, and what the pictures of it show. */
export interface PhotographedProduct {
  readonly profile: string;
  readonly createLabel: string;
  /** The scopes that keys get in turn; left out where the product has none. */
  readonly scopes: readonly (readonly string[])[] | undefined;
  /** A call of the product's API, so that keys were used. */
  readonly call: { readonly path: string; readonly header: string; readonly body?: string };
}

export interface Running {
  readonly management_url: string;
  readonly management_key: string;
  readonly api_url: string;
  readonly console_url: string;
  readonly users: { readonly owner: string; readonly admin: string; readonly member: string };
}

const ROOT = join(import.meta.dirname, '../../..');
const DAY_MS = 86_400_000;
const bearer = { header: 'Authorization' };
const LIST_TOOLS = '{"jsonrpc":"2.0","id":1,"method":"tools/list"}';

export const PRODUCTS: readonly PhotographedProduct[] = [
  {
    profile: 'standard',
    createLabel: 'Create key',
    scopes: [['read:all'], ['read:all', 'write:all'], ['admin']],
    call: { ...bearer, path: '/users' },
  },
  {
    profile: 'supersonic',
    createLabel: 'Create Key',
    scopes: [['records', 'notes'], [], ['lists']],
    call: { ...bearer, path: '/', body: LIST_TOOLS },
  },
  {
    profile: 'supertone',
    createLabel: 'Create new key',
    scopes: undefined,
    call: { header: 'x-sup-api-key', path: '/v1/voices' },
  },
  {
    profile: 'socialcrm',
    createLabel: 'Create API Key',
    scopes: undefined,
    call: { ...bearer, path: '/api/mcp-app', body: LIST_TOOLS },
  },
  {
    profile: 'sophic',
    createLabel: 'Create a new API key',
    scopes: [['read'], ['admin']],
    call: { ...bearer, path: '/api/v1/documents' },
  },
];

interface ShownKey {
  readonly name: string;
  readonly isMembers?: boolean;
  readonly days?: number;
  readonly fate?: 'use' | 'disable' | 'revoke';
}

/** From the oldest to the newest. */
const KEYS: readonly ShownKey[] = [
  { name: 'A name that somebody wrote without looking at how long it becomes' },
  { name: 'old-dashboard', fate: 'revoke' },
  { name: 'partner-integration', fate: 'disable' },
  { name: 'nightly-export', isMembers: true, days: 60 },
  { name: 'ci-pipeline', days: 9, fate: 'use' },
  { name: 'production-backend', fate: 'use' },
];

/** Starts a product, and fills it. */
export async function runProduct(
  product: PhotographedProduct,
): Promise<{ readonly running: Running; readonly stop: () => Promise<void> }> {
  const options = ['--profile', product.profile, '--port', '0', '--json'];
  const start = ['-r', './bin/node-version.cjs', 'bin/local.ts', ...options];
  const server = spawn(process.execPath, start, { cwd: ROOT, stdio: ['ignore', 'pipe', 'ignore'] });
  const stop = async () => {
    server.kill('SIGTERM');
    await once(server, 'exit');
  };
  const [line] = (await once(createInterface(server.stdout), 'line')) as [string];
  const running = JSON.parse(line) as Running;
  try {
    await fill(running, product);
  } catch (fault) {
    await stop();
    throw fault;
  }
  return { running, stop };
}

/** Makes keys in every state, a second workspace without any, and a token where there are some. */
async function fill(running: Running, product: PhotographedProduct): Promise<void> {
  const { users } = running;
  const send = sender(running);
  const keys = product.profile === 'supertone' ? KEYS.slice(-2) : KEYS;
  for (const [index, { name, isMembers = false, days, fate }] of keys.entries()) {
    const scopes = product.scopes?.[isMembers ? 0 : (index + 1) % product.scopes.length];
    const { key, secret } = await send('POST', '/v1/workspaces/acme/keys', {
      name,
      created_by: isMembers ? users.member : users.owner,
      ...(scopes !== undefined && { scopes }),
      ...(days !== undefined && { expires_at: new Date(Date.now() + days * DAY_MS).toISOString() }),
    });
    if (fate === 'use') await use(running, product, secret);
    if (fate === 'disable') await send('PATCH', `/v1/workspaces/acme/keys/${key.id}`, { enabled: false });
    if (fate === 'revoke') await send('POST', `/v1/workspaces/acme/keys/${key.id}/revoke`, {});
  }
  await send('POST', '/v1/workspaces', { slug: 'quiet', name: 'Quiet Rivers', created_by: users.owner });
  if (product.profile === 'sophic')
    await send('POST', `/v1/users/${users.owner}/tokens`, {
      name: 'capture from my laptop',
      scopes: ['read', 'capture'],
      role: 'member',
    });
}

/** Revokes the key that was made last. */
export async function endNewest(running: Running): Promise<void> {
  const send = sender(running);
  const { keys } = await send('GET', '/v1/workspaces/acme/keys?limit=1');
  await send('POST', `/v1/workspaces/acme/keys/${keys[0].id}/revoke`, {});
}

// biome-ignore lint/suspicious/noExplicitAny: answers of several operations.
type Send = (method: string, path: string, body?: object) => Promise<any>;

function sender({ management_url, management_key }: Running): Send {
  return async (method, path, body) => {
    const headers = { Authorization: `Bearer ${management_key}` };
    const answer = await fetch(`${management_url}${path}`, {
      method,
      headers,
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    if (!answer.ok) throw new Error(`${path} answered ${answer.status}: ${await answer.text()}`);
    return answer.json();
  };
}

async function use({ api_url }: Running, { call }: PhotographedProduct, secret: string): Promise<void> {
  const { path, header, body } = call;
  const answer = await fetch(`${api_url}${path}`, {
    method: body === undefined ? 'GET' : 'POST',
    headers: {
      [header]: header === 'Authorization' ? `Bearer ${secret}` : secret,
      'Content-Type': 'application/json',
    },
    ...(body !== undefined && { body }),
  });
  if (!answer.ok) throw new Error(`${path} answered ${answer.status}: ${await answer.text()}`);
}
