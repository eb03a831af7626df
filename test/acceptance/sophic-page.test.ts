import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { digestOf } from '../../core/credential/secret.ts';
import { ROOT } from '../bin/processes.ts';
import { itemsOf, type TestProduct } from '../product.ts';
import { SECOND, type sophicOf, startSophic } from './sophic.ts';

const run = promisify(execFile);

let product: TestProduct;
let sophic: ReturnType<typeof sophicOf>;
beforeAll(async () => {
  ({ product, sophic } = await startSophic());
});
afterAll(() => product.stop());

const titlesOf = async (credential: string, workspace?: string) => {
  const { status, body } = await sophic.get('/api/v1/documents', credential, workspace);
  expect(status).toBe(200);
  return body.documents.map(({ title }: { title: string }) => title) as string[];
};
const READS = ['/api/v1/documents', '/api/v1/search?q=key', '/api/v1/grep?pattern=key'];
const FORBIDDEN = { status: 403, body: { code: 'forbidden' } };

describe('Sophic accepts two kinds of Bearer credential', () => {
  test('both are hashed (SHA-256) before storage, and shown once', async () => {
    const { key, secret } = await sophic.issueKey(['read']);
    const { token, secret: tokenSecret } = await sophic.issueToken();
    expect(secret).toMatch(/^sophic_key_[0-9A-Za-z]{36}$/);
    expect(tokenSecret).toMatch(/^sophic_pat_[0-9A-Za-z]{36}$/);
    await titlesOf(secret);
    await titlesOf(tokenSecret, 'acme');
    const { records, secrets, events, managementKeys } = product.tables;
    const tables = [records, secrets, events, managementKeys];
    const items = await Promise.all(tables.map((name) => itemsOf(product, name)));
    const stored = new Set(items.flat().map(({ pk }) => pk));
    const shown = [
      (await sophic.operator('/v1/workspaces/acme/keys')).body,
      (await sophic.operator(`/v1/users/${product.users.owner}/tokens`)).body,
      product.lines,
      items,
    ].map((value) => JSON.stringify(value));
    for (const text of [secret, tokenSecret]) {
      expect(stored).toContain(digestOf(text));
      for (const value of shown) expect(value).not.toContain(text.slice('sophic_key_'.length + 4));
    }
    expect(shown[0]).toContain(key.id);
    expect(shown[1]).toContain(token.id);
  });

  test('no other, and none that was revoked: 401', async () => {
    const { token, secret } = await sophic.issueToken();
    const { key, secret: keySecret } = await sophic.issueKey(['read']);
    expect(await titlesOf(secret, 'acme')).toEqual(await titlesOf(keySecret));
    const revoke = `/v1/users/${product.users.owner}/tokens/${token.id}/revoke`;
    expect((await sophic.operator(revoke, '')).body.status).toBe('revoked');
    await sophic.operator(`/v1/workspaces/acme/keys/${key.id}/revoke`, '');
    const mistyped = secret.replace(/.$/, (last) => (last === 'a' ? 'b' : 'a'));
    for (const bad of ['', 'garbage', secret, keySecret, mistyped, product.managementKey]) {
      const rest = await sophic.get('/api/v1/documents', bad, 'acme');
      expect(rest).toMatchObject({ status: 401, body: { code: 'unauthorized' } });
      expect(rest.headers.get('www-authenticate')).toBe('Bearer realm="sophic"');
      const mcp = await sophic.post({ method: 'tools/list' }, bad, 'acme');
      expect(mcp).toMatchObject({ status: 401, body: { id: null, error: { code: 401 } } });
    }
  });
});

describe('Usage: Include the key as a Bearer token in the Authorization header', () => {
  test("the page's curl runs unchanged but for the host and the key", async () => {
    const { secret } = await sophic.issueKey(['read']);
    const example = `curl -s -H "Authorization: Bearer ${secret}" \\
${product.apiUrl}/api/v1/documents`;
    const { stdout } = await run('bash', ['-c', example]);
    expect(JSON.parse(stdout).documents).toContainEqual(expect.objectContaining({ title: 'Welcome' }));
  });
});

describe('Each API key is tied to a single workspace', () => {
  test('and can only access content within it', async () => {
    const { secret } = await sophic.issueKey(['read'], SECOND, product.users.member);
    const token = await sophic.issueToken({}, product.users.owner);
    expect((await sophic.capture(token.secret, 'acme', { title: 'Only ours', content: 'x' })).status).toBe(
      201,
    );
    expect(await titlesOf(secret)).toEqual(['Welcome', 'Onboarding']);
  });

  test('naming its own workspace changes nothing, and any other value of the header is 403', async () => {
    const { secret } = await sophic.issueKey(['read']);
    await titlesOf(secret, 'acme');
    for (const other of [SECOND, 'absent', 'ACME', '', 'acme, acme', 'a'.repeat(3_000)]) {
      expect(await sophic.get('/api/v1/documents', secret, other)).toMatchObject(FORBIDDEN);
      const mcp = await sophic.post({ method: 'tools/list' }, secret, other);
      expect(mcp).toMatchObject({ status: 403, body: { error: { code: 403, data: { code: 'forbidden' } } } });
    }
  });
});

describe('Keys also carry scopes (read, capture, admin) that gate what they can do', () => {
  test.each(['read', 'admin'])('the read endpoints answer a key with %s', async (scope) => {
    const { secret } = await sophic.issueKey([scope]);
    for (const path of READS) expect((await sophic.get(path, secret)).status).toBe(200);
  });

  test('and need read access', async () => {
    const { secret } = await sophic.issueKey(['capture']);
    for (const path of READS) {
      const answer = await sophic.get(path, secret);
      expect(answer).toMatchObject({
        status: 403,
        body: { code: 'insufficient_scope', required_scope: 'read' },
      });
    }
  });

  test.each([[['read']], [['capture']], [['admin', 'capture', 'read']]])(
    'a workspace API key with %j cannot capture: it is rejected with a 403, whatever it holds',
    async (scopes) => {
      const { secret } = await sophic.issueKey(scopes);
      expect(await sophic.capture(secret)).toMatchObject(FORBIDDEN);
      expect(await sophic.capture(secret, 'acme')).toMatchObject(FORBIDDEN);
    },
  );

  test('an admin key manages keys, as its creator', async () => {
    const { secret } = await sophic.issueKey(['admin']);
    const url = `${product.managementUrl}/v1/workspaces/acme/keys`;
    const headers = { Authorization: `Bearer ${secret}` };
    expect((await fetch(url, { headers })).status).toBe(200);
    const reading = await sophic.issueKey(['read', 'capture']);
    expect((await fetch(url, { headers: { Authorization: `Bearer ${reading.secret}` } })).status).toBe(403);
  });
});

describe('Personal Access Tokens are user-scoped', () => {
  test('a single one acts in any workspace its user belongs to, and each has documents of its own', async () => {
    const { secret } = await sophic.issueToken({}, product.users.member);
    const title = 'Captured in the second';
    const captured = await sophic.capture(secret, SECOND, { title, content: 'Three.\nFour.' });
    expect(captured).toMatchObject({
      status: 201,
      body: { document: { title, created_by: product.users.member } },
    });
    expect(await titlesOf(secret, SECOND)).toContain(title);
    expect(await titlesOf(secret, 'acme')).not.toContain(title);
    const idsIn = async (workspace: string): Promise<string[]> =>
      (await sophic.get('/api/v1/documents', secret, workspace)).body.documents.map(
        ({ id }: { id: string }) => id,
      );
    const ours = await idsIn('acme');
    expect((await idsIn(SECOND)).filter((id) => ours.includes(id))).toEqual([]);
    const found = await sophic.get('/api/v1/search?q=FOUR', secret, SECOND);
    expect(found.body.documents.map((document: { title: string }) => document.title)).toEqual([title]);
    const lines = await sophic.get('/api/v1/grep?pattern=Four', secret, SECOND);
    expect(lines.body.matches).toEqual([expect.objectContaining({ title, line: 2, text: 'Four.' })]);
  });

  test('without the header, with another workspace or with none that exists it is 403, the same for all', async () => {
    const { secret } = await sophic.issueToken();
    const bodies = [];
    for (const workspace of [
      undefined,
      SECOND,
      'absent',
      'Not a slug',
      '',
      'acme, acme',
      'a'.repeat(3_000),
    ]) {
      const { status, body } = await sophic.get('/api/v1/documents', secret, workspace);
      expect(status).toBe(403);
      bodies.push(JSON.stringify({ ...body, request_id: '' }));
      expect(await sophic.capture(secret, workspace)).toMatchObject(FORBIDDEN);
      expect((await sophic.post({ method: 'tools/list' }, secret, workspace)).status).toBe(403);
    }
    expect(new Set(bodies).size).toBe(1);
    expect(bodies[0]).toContain('"code":"forbidden"');
  });

  test('a header that is sent twice names no workspace, though both say the same', async () => {
    const { secret } = await sophic.issueToken();
    const headers = ['-H', `Authorization: Bearer ${secret}`, '-H', 'x-sophic-workspace: acme'];
    const status = async (...more: string[]) =>
      (await run('curl', ['-s', '-o', '/dev/null', '-w', '%{http_code}', ...headers, ...more])).stdout;
    const url = `${product.apiUrl}/api/v1/documents`;
    expect(await status(url)).toBe('200');
    expect(await status('-H', 'X-Sophic-Workspace: acme', url)).toBe('403');
  });

  test('capturing requires the capture scope', async () => {
    const { secret } = await sophic.issueToken({ scopes: ['read'] });
    const refused = await sophic.capture(secret, 'acme');
    expect(refused).toMatchObject({
      status: 403,
      body: { code: 'insufficient_scope', required_scope: 'capture' },
    });
    const admin = await sophic.issueToken({ scopes: ['admin'] });
    expect((await sophic.capture(admin.secret, 'acme')).status).toBe(403);
    expect((await sophic.get('/api/v1/documents', admin.secret, 'acme')).status).toBe(200);
  });

  test('what is asked for without a query, or captured without a text, is 400', async () => {
    const { secret } = await sophic.issueToken();
    for (const path of ['/api/v1/search', '/api/v1/search?q=', '/api/v1/grep', '/api/v1/grep?q=x'])
      expect((await sophic.get(path, secret, 'acme')).status).toBe(400);
    for (const body of ['', '[]', { title: 'x' }, { title: '', content: 'x' }, { title: 'x', content: 5 }])
      expect((await sophic.capture(secret, 'acme', body)).status).toBe(400);
  });
});

describe("the effective role is the lower of the user's membership role and any downscope of the token", () => {
  const principalIn = async (credential: string, workspace: string) =>
    (await sophic.verify({ credential, workspace })).principal;

  test('what a role does not hold, a token does not do there', async () => {
    const { secret } = await sophic.issueToken({ scopes: ['admin', 'capture'] }, product.users.member);
    expect(await principalIn(secret, SECOND)).toMatchObject({ role: 'owner', scopes: ['admin', 'capture'] });
    expect(await principalIn(secret, 'acme')).toMatchObject({ role: 'member', scopes: ['read', 'capture'] });
    const action = 'keyward.administer';
    expect(await sophic.verify({ credential: secret, workspace: SECOND, action })).toMatchObject({
      valid: true,
    });
    const refused = await sophic.verify({ credential: secret, workspace: 'acme', action });
    expect(refused).toMatchObject({ valid: false, code: 'insufficient_scope' });
  });

  test("a ceiling lowers an owner's token", async () => {
    const { token, secret } = await sophic.issueToken({ scopes: ['admin'], role: 'member' });
    expect(token.role).toBe('member');
    expect(await principalIn(secret, 'acme')).toMatchObject({ role: 'member', scopes: ['read'] });
    const { secret: unbounded } = await sophic.issueToken({ scopes: ['admin'] });
    expect(await principalIn(unbounded, 'acme')).toMatchObject({ role: 'owner', scopes: ['admin'] });
  });
});

describe('For automation and CI/CD, set the credential via environment variables', () => {
  const client = (env: NodeJS.ProcessEnv, ...args: string[]) => {
    const child = run(process.execPath, ['examples/sophic/client.ts', ...args], {
      cwd: ROOT,
      env: { PATH: process.env.PATH, ...env },
    });
    child.child.stdin?.end('Sent by a pipeline.\n');
    return child;
  };

  test('a script captures and reads with SOPHIC_PAT, SOPHIC_WORKSPACE and SOPHIC_API_URL', async () => {
    const { secret } = await sophic.issueToken({}, product.users.member);
    const env = { SOPHIC_PAT: secret, SOPHIC_WORKSPACE: SECOND, SOPHIC_API_URL: product.apiUrl };
    const captured = JSON.parse((await client(env, 'capture', 'Release notes')).stdout);
    expect(captured.document).toMatchObject({ title: 'Release notes', created_by: product.users.member });
    const { documents } = JSON.parse((await client(env, 'documents')).stdout);
    expect(documents).toContainEqual(captured.document);
  });

  test('what goes wrong is a sentence on stderr without the token, and exit code 1', async () => {
    const { secret } = await sophic.issueToken();
    const env = { SOPHIC_PAT: secret, SOPHIC_WORKSPACE: SECOND, SOPHIC_API_URL: product.apiUrl };
    for (const [environment, command] of [
      [env, 'documents'],
      [{ ...env, SOPHIC_PAT: '' }, 'documents'],
      [env, 'delete'],
    ] as const) {
      const { code, stdout, stderr } = await client(environment, command).then(
        () => Promise.reject(new Error('It did not fail.')),
        (error) => error,
      );
      expect([code, stdout]).toEqual([1, '']);
      expect(stderr).toMatch(/^sophic: [^\n]+\n$/);
      expect(stderr).not.toContain(secret);
    }
  });
});

test('a verification is one store operation: for a token one batch, and a stamp at most once a minute', async () => {
  const { secret } = await sophic.issueToken();
  const idOf = (name: string) =>
    Object.values(product.assembly.functions).find(({ constructPath }) => constructPath.endsWith(name))?.id;
  const verifiers = { authorizer: idOf('ProductAuthorizer'), guard: idOf('SampleMcp') };
  const operationsOf = async (verifier: string | undefined, call: () => Promise<{ status: number }>) => {
    const before = product.assembly.recordedCalls().length;
    expect((await call()).status).toBe(200);
    return product.assembly
      .recordedCalls()
      .slice(before)
      .filter(({ functionId, resource }) => functionId === verifier && resource.includes('Secrets'))
      .map(({ action }) => action);
  };
  const read = () => sophic.get('/api/v1/documents', secret, 'acme');
  const list = () => sophic.post({ method: 'tools/list' }, secret, 'acme');
  expect(await operationsOf(verifiers.authorizer, read)).toEqual([
    'dynamodb:BatchGetItem',
    'dynamodb:UpdateItem',
  ]);
  expect(await operationsOf(verifiers.authorizer, read)).toEqual(['dynamodb:BatchGetItem']);
  expect(await operationsOf(verifiers.guard, list)).toEqual(['dynamodb:BatchGetItem']);
  const { tokens } = (await sophic.operator(`/v1/users/${product.users.owner}/tokens`)).body;
  expect(tokens[0].last_used_at).toMatch(/^20\d\d-/);
});

test('every call that a function made was allowed by its role', () => {
  expect(product.assembly.recordedCalls().filter(({ allowed }) => !allowed)).toEqual([]);
});
