import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { loadProfile } from '../../lib/files/profile-file.ts';
import { send, startProduct, type TestProduct } from '../product.ts';
import {
  findPython,
  installPackage,
  MCP_PACKAGES,
  openSession,
  type PythonOutcome,
  type PythonSession,
} from './python.ts';

const found = await findPython(10);
if (found.kind === 'missing')
  process.stderr.write(`\nSKIPPED, the official Python clients: ${found.reason}\n\n`);
const describeClients = found.kind === 'found' ? describe : describe.skip;

/** The package and the era that it speaks. */
type Client = readonly [name: string, version: string, era: 'older' | 'newer'];
const CLIENTS: readonly Client[] = [
  [`mcp ${MCP_PACKAGES.first}`, MCP_PACKAGES.first, 'older'],
  [`mcp ${MCP_PACKAGES.second} as in 2025-11-25`, MCP_PACKAGES.second, 'older'],
  [`mcp ${MCP_PACKAGES.second} as in 2026-07-28`, MCP_PACKAGES.second, 'newer'],
];

const pythons = new Map<string, string>();
beforeAll(async () => {
  if (found.kind === 'missing') return;
  for (const version of Object.values(MCP_PACKAGES))
    pythons.set(version, await installPackage(found, 'mcp', version));
});

async function connect([, version, era]: Client, url: string, headers: object): Promise<PythonSession> {
  const session = await openSession(pythons.get(version) ?? '', { url, headers, era });
  expect(session.connected.result).toEqual({ connected: version });
  return session;
}

async function issue({ managementUrl, managementKey, users }: TestProduct, fields: object = {}) {
  const body = { name: 'test', created_by: users.member, ...fields };
  const keys = `${managementUrl}/v1/workspaces/acme/keys`;
  const answer = await send(keys, { credential: managementKey, body });
  if (answer.status !== 201) throw new Error(`It was not issued: ${JSON.stringify(answer.body)}.`);
  const { key, secret } = answer.body as { key: { id: string }; secret: string };
  const revoke = () => send(`${keys}/${key.id}/revoke`, { method: 'POST', credential: managementKey });
  return { headers: { Authorization: `Bearer ${secret}` }, revoke };
}

const namesIn = ({ result }: PythonOutcome) => result.tools.map(({ name }: { name: string }) => name);

/** As the official server of each era answers it. */
async function expectUnknownTool(session: PythonSession, era: Client[2], name = 'nobody.knows') {
  const outcome = await session.ask('call_tool', name, {});
  const isRefused = era === 'newer' ? outcome.error?.code === -32602 : outcome.result?.isError === true;
  expect([isRefused, JSON.stringify(outcome)]).toEqual([true, expect.stringContaining('not found')]);
}

async function expectUnknownMethods(session: PythonSession) {
  for (const ask of [
    ['list_prompts'],
    ['list_resources'],
    ['list_resource_templates'],
    ['set_logging_level', 'info'],
  ])
    expect(await session.ask(...(ask as [string]))).toMatchObject({ error: { code: -32601 } });
}

/** The first package ends a session over any HTTP error, and its HTTP 401 is one on purpose. */
async function expectRevoked(session: PythonSession, [, version]: Client, tool: string) {
  const outcome = await session.ask('call_tool', tool, {});
  if (version === MCP_PACKAGES.first) expect(outcome.ended).toContain('401 Unauthorized');
  else expect(outcome.error?.message).toMatch(/API key|error response/);
  await session.close();
}

/** Starts a product once for all clients. */
function started(profile: string | (() => string)): () => TestProduct {
  let product: TestProduct;
  beforeAll(async () => {
    if (found.kind === 'found')
      product = await startProduct(typeof profile === 'string' ? profile : profile());
  });
  afterAll(() => product?.stop());
  return () => product;
}

describeClients.each(['supersonic', 'supersonic-authorized'])('%s', (profileName) => {
  const product = started(profileName);

  test.each(CLIENTS)(
    '%s goes on after a tool that is refused or unknown and a method that is, until its key is revoked',
    async (...client) => {
      const { headers, revoke } = await issue(product(), { scopes: ['records'] });
      const session = await connect(client, `${product().apiUrl}/`, headers);
      const expectAlive = async () =>
        expect((await session.ask('call_tool', 'records.list', {})).result.isError).toBe(false);
      expect(namesIn(await session.ask('list_tools'))).toEqual([
        'records.list',
        'records.get',
        'records.update',
      ]);
      await expectAlive();
      const byScope = await session.ask('call_tool', 'lists.list', {});
      // In front of the function, API Gateway answers clients of the new era: with problem details.
      const isByGateway = profileName === 'supersonic-authorized' && client[2] === 'newer';
      if (isByGateway) expect(byScope.error?.message).toContain('error response');
      else expect(byScope).toMatchObject({ error: { code: 403, data: { required_scope: 'lists' } } });
      await expectAlive();
      const byProduct = await session.ask('call_tool', 'records.update', { record_id: 'rec_hank' });
      expect(byProduct).toMatchObject({ error: { code: 403, data: { reason: expect.any(String) } } });
      await expectUnknownMethods(session);
      for (const name of ['nobody.knows', 'records.nope', 'récords.list', '工具'])
        await expectUnknownTool(session, client[2], name);
      await expectAlive();
      await revoke();
      await expectRevoked(session, client, 'records.list');
    },
  );
});

describeClients('socialcrm', () => {
  const product = started('socialcrm');

  test.each(CLIENTS)(
    '%s goes on after an unknown tool and an unknown method, until its key is revoked',
    async (...client) => {
      const { headers, revoke } = await issue(product(), { created_by: undefined });
      const session = await connect(client, `${product().apiUrl}/api/mcp-app`, headers);
      expect(namesIn(await session.ask('list_tools'))).toContain('brands.list');
      await expectUnknownMethods(session);
      await expectUnknownTool(session, client[2]);
      expect((await session.ask('call_tool', 'brands.list', {})).result.isError).toBe(false);
      await revoke();
      await expectRevoked(session, client, 'brands.list');
    },
  );
});

describeClients('sophic', () => {
  const product = started('sophic');

  test.each(CLIENTS)(
    '%s goes on after a capture that no key may do, until its key is revoked',
    async (...client) => {
      const { headers, revoke } = await issue(product(), { scopes: ['read', 'capture'] });
      const session = await connect(client, `${product().apiUrl}/api/mcp`, headers);
      const captured = await session.ask('call_tool', 'capture', { title: 'New', content: 'One' });
      expect(captured).toMatchObject({ error: { code: 403, data: { reason: expect.any(String) } } });
      await expectUnknownMethods(session);
      await expectUnknownTool(session, client[2]);
      expect((await session.ask('call_tool', 'documents.list', {})).result.isError).toBe(false);
      await revoke();
      await expectRevoked(session, client, 'documents.list');
    },
  );
});

describeClients('a product with a rate limit', () => {
  const directory = mkdtempSync(join(tmpdir(), 'keyward-clients-'));
  afterAll(() => rmSync(directory, { recursive: true }));
  const product = started(() => {
    const path = join(directory, 'supersonic.json');
    const data = JSON.parse(readFileSync(loadProfile('supersonic').path, 'utf8'));
    const limit = { limit: 4, window_seconds: 86_400 };
    writeFileSync(
      path,
      JSON.stringify({ ...data, rate_limits: { default_plan: 'free', plans: { free: limit } } }),
    );
    return path;
  });

  test.each(CLIENTS)('%s is told that it is used up, and keeps its session', async (...client) => {
    const { headers, revoke } = await issue(product());
    const session = await connect(client, `${product().apiUrl}/`, headers);
    const call = () => session.ask('call_tool', 'records.list', {});
    const outcomes: PythonOutcome[] = [];
    for (let calls = 0; calls < 6; calls += 1) outcomes.push(await call());
    expect(outcomes[0]?.result.isError).toBe(false);
    expect(outcomes.at(-1)?.error?.code).toBe(429);
    expect(await session.ask('list_tools')).toMatchObject({ error: { code: 429 } });
    await revoke();
    await expectRevoked(session, client, 'records.list');
  });
});
