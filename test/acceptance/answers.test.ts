import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { manager, send, startProduct, type TestProduct } from '../product.ts';
import { type Credentials, HEADERS, type Row, rowsFor, TELLING } from './promised-answers.ts';

let product: TestProduct;
let credentials: Credentials;
let keyId: string;
beforeAll(async () => {
  product = await startProduct();
  const { issue } = manager(product);
  const secretOf = async (fields: object) => (await issue(fields)).body.secret;
  const limit = { rate_limit: { limit: 1, window_seconds: 86_400 } };
  credentials = {
    operator: product.managementKey,
    admin: await secretOf({ scopes: ['admin'] }),
    writer: await secretOf({ scopes: ['read:all', 'write:all'] }),
    reader: await secretOf({ scopes: ['read:all'] }),
    exhausted: await secretOf(limit),
    garbage: 'kw_live_garbage',
  };
  await send(`${product.apiUrl}/users`, { credential: credentials.exhausted });
  keyId = (await issue({ name: 'subject' })).body.key.id;
});
afterAll(() => product.stop());

/** @returns what the answer has and what was promised, in the same form. */
async function compared({ to: api, request, as, body, headers, status, answer, kind }: Row) {
  const [method = '', path = ''] = request.split(' ');
  const base = api === 'management' ? product.managementUrl : product.apiUrl;
  const got = await send(base + path.replace('{key}', keyId), {
    method,
    ...(as && { credential: credentials[as] }),
    ...(body !== undefined && { body }),
    ...(headers && { headers }),
  });
  const promised: Readonly<Record<string, string | RegExp>> = HEADERS[kind];
  const names = new Set([...Object.keys(promised), ...TELLING]);
  return {
    got: {
      status: got.status,
      body: got.body,
      headers: Object.fromEntries([...names].map((name) => [name, got.headers.get(name)])),
    },
    promised: {
      status,
      body: answer,
      headers: Object.fromEntries(
        [...names].map((name) => {
          const value = promised[name] ?? null;
          return [name, value instanceof RegExp ? expect.stringMatching(value) : value];
        }),
      ),
    },
  };
}

test('every request gets the status, body and headers that are promised, through the whole local stack', async () => {
  for (const one of rowsFor(product.users)) {
    const { got, promised } = await compared(one);
    const label = `${one.as ?? 'nobody'} to ${one.to}: ${one.request} ${JSON.stringify(one.body)?.slice(0, 40) ?? ''}`;
    expect({ [label]: got }).toEqual({ [label]: promised });
  }
});
