import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type Answer, send, startProduct, type TestProduct } from '../product.ts';

const run = promisify(execFile);

let product: TestProduct;
beforeAll(async () => {
  product = await startProduct('supertone');
});
afterAll(() => product.stop());

const manage = (path: string, body?: object): Promise<Answer> =>
  send(`${product.managementUrl}/v1${path}`, {
    credential: product.managementKey,
    ...(body && { method: 'POST', body }),
  });

const call = (path: string, key: string, body?: object): Promise<Answer> =>
  send(`${product.apiUrl}${path}`, { headers: { 'x-sup-api-key': key }, ...(body && { body }) });

/** As the vendor's own client reads it, under both spellings of the status. */
const vendorError = (status: number, error: string, message: unknown) => ({
  status: 'error',
  message: { message, error, statusCode: status, status_code: status },
});

/** Accounts that no other test has issued keys in. */
async function newAccount(): Promise<string> {
  const slug = `account-${Math.random().toString(36).slice(2, 10)}`;
  await manage('/workspaces', { slug, name: 'An account', created_by: 'usr_owner' });
  return slug;
}

async function issue(account: string): Promise<Answer> {
  return manage(`/workspaces/${account}/keys`, {});
}

test('a key is issued for nothing but an account, and shown once', async () => {
  const account = await newAccount();
  const { status, body } = await issue(account);
  expect(status).toBe(201);
  expect(body.secret).toMatch(/^[0-9A-Za-z]{40}$/);
  const shown = await manage(`/workspaces/${account}/keys/${body.key.id}`);
  expect(JSON.stringify(shown.body)).not.toContain(body.secret);
});

test("the page's cURL example lists voices in the public API's shape", async () => {
  const { secret } = (await issue(await newAccount())).body;
  const { stdout } = await run(
    'bash',
    ['-c', `curl ${product.apiUrl}/v1/voices -H "x-sup-api-key: $SUPERTONE_API_KEY"`],
    {
      env: { ...process.env, SUPERTONE_API_KEY: secret },
    },
  );
  const { items, total } = JSON.parse(stdout);
  expect(total).toBe(items.length);
  expect(items[0]).toMatchObject({ voice_id: 'voice_agatha', name: 'Agatha' });
});

test('a header that is missing, malformed, or matches no active key is 401, with a challenge that names the header', async () => {
  const account = await newAccount();
  const { key, secret } = (await issue(account)).body;
  await manage(`/workspaces/${account}/keys/${key.id}/revoke`, {});
  const answers = [
    await send(`${product.apiUrl}/v1/voices`),
    await call('/v1/voices', 'short'),
    await call('/v1/voices', 'a'.repeat(40)),
    await call('/v1/voices', secret),
    await send(`${product.apiUrl}/v1/voices`, { credential: (await issue(account)).body.secret }),
  ];
  for (const { status, headers, body } of answers) {
    expect(status).toBe(401);
    expect(headers.get('www-authenticate')).toBe('ApiKey realm="supertone", header="x-sup-api-key"');
    expect(body).toEqual(vendorError(401, 'Unauthorized', 'Invalid API Key'));
  }
});

test('a cloned voice that belongs to a different account is 403, and is not listed there', async () => {
  const own = (await issue('acme')).body;
  const other = (await issue(await newAccount())).body;
  const text = { text: 'Hello' };
  expect((await call('/v1/text-to-speech/voice_acme_clone', own.secret, text)).status).toBe(200);
  const refused = await call('/v1/text-to-speech/voice_acme_clone', other.secret, text);
  expect(refused).toMatchObject({
    status: 403,
    body: vendorError(403, 'Forbidden', 'Permission denied'),
  });
  expect((await call('/v1/voices/voice_acme_clone', other.secret)).status).toBe(403);
  const listed = await call('/v1/voices', other.secret);
  expect(JSON.stringify(listed.body)).not.toContain('voice_acme_clone');
});

test('an account never has more than 3 active keys, however many are issued at once, and revoking frees a place', async () => {
  const account = await newAccount();
  const answers = await Promise.all(Array.from({ length: 10 }, () => issue(account)));
  const issued = answers.filter(({ status }) => status === 201);
  const refused = answers.filter(({ status, body }) => status === 409 && body.code === 'key_limit_reached');
  expect([issued.length, refused.length]).toEqual([3, 7]);
  const { keys } = (await manage(`/workspaces/${account}/keys?status=active`)).body;
  expect(keys).toHaveLength(3);
  await manage(`/workspaces/${account}/keys/${keys[0].id}/revoke`, {});
  const again = await Promise.all([issue(account), issue(account)]);
  expect(again.map(({ status }) => status).sort()).toEqual([201, 409]);
});

test('separate services are told apart by their own keys, and one is revoked without the other', async () => {
  const account = await newAccount();
  const first = (await issue(account)).body;
  const second = (await issue(account)).body;
  await manage(`/workspaces/${account}/keys/${first.key.id}/revoke`, {});
  expect((await call('/v1/voices', first.secret)).status).toBe(401);
  expect((await call('/v1/voices', second.secret)).status).toBe(200);
});

test('what is not there is 404 in the same shape, from the sample and from API Gateway', async () => {
  const { secret } = (await issue(await newAccount())).body;
  for (const path of ['/v1/voices/nobody', '/v1/nothing'])
    expect(await call(path, secret)).toMatchObject({
      status: 404,
      body: vendorError(404, 'Not Found', expect.any(String)),
    });
});

test('speech is JSON with the audio in it, and the bytes alone for a caller who accepts them first', async () => {
  const { secret } = (await issue(await newAccount())).body;
  const speak = (accept: string, body: object) =>
    fetch(`${product.apiUrl}/v1/text-to-speech/voice_agatha`, {
      method: 'POST',
      headers: { 'x-sup-api-key': secret, Accept: accept },
      body: JSON.stringify({ text: 'Hello', language: 'en', ...body }),
    });
  for (const accept of ['application/json;q=1, audio/mpeg;q=0.7, audio/wav;q=0', '*/*']) {
    const { audio_base64 } = (await (await speak(accept, {})).json()) as { audio_base64: string };
    expect(Buffer.from(audio_base64, 'base64').subarray(0, 4).toString()).toBe('RIFF');
  }
  for (const [accept, start] of [
    ['audio/wav', 'RIFF'],
    ['audio/mpeg', '\u00ff\u00fb'],
  ] as const) {
    const spoken = await speak(accept, { output_format: 'wav' });
    expect([spoken.status, spoken.headers.get('content-type')]).toEqual([200, accept]);
    expect(
      Buffer.from(await spoken.arrayBuffer())
        .toString('latin1')
        .slice(0, start.length),
    ).toBe(start);
  }
  expect((await speak('audio/wav', { text: '' })).status).toBe(400);
});
