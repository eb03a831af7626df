import { expect, test } from '@jest/globals';
import type { Caller } from '../../../core/access/principal.ts';
import {
  type AskedOnce,
  isIdempotencyKey,
  makeIdempotentRequest,
} from '../../../core/management/idempotency.ts';

const PERSON: Caller = { kind: 'signed_in', user: 'usr_1' };

const principal = (kind: 'management_key' | 'api_key' | 'person', credentialId: string): Caller => ({
  kind,
  credentialId,
  workspace: 'acme',
  user: 'usr_1',
  role: null,
  scopes: 'all',
  constraints: { expiresAt: null, allowedCidrs: [] },
});

const request = (changes: Partial<AskedOnce> = {}) =>
  makeIdempotentRequest({
    caller: PERSON,
    idempotencyKey: 'one',
    method: 'POST',
    resource: '/v1/workspaces/{workspace}/keys',
    pathParameters: { workspace: 'acme' },
    body: Buffer.from('{"name":"ci"}'),
    at: 1,
    ...changes,
  });

test('an Idempotency-Key is 1 to 255 visible ASCII characters', () => {
  for (const text of ['a', '!', '~', '8f14e45f-ceea-4c6a', '"quoted"', 'x'.repeat(255)])
    expect([text, isIdempotencyKey(text)]).toEqual([text, true]);
  for (const text of ['', ' ', 'a b', 'a, b', 'é', '\t', 'a\n', '\x7f', 'x'.repeat(256)])
    expect([text, isIdempotencyKey(text)]).toEqual([text, false]);
});

test('requests are the same only with the same caller and the same Idempotency-Key', () => {
  const callers = [
    PERSON,
    principal('management_key', 'key_1'),
    principal('api_key', 'key_1'),
    principal('api_key', 'key_2'),
  ];
  const ids = callers.flatMap((caller) =>
    ['one', 'two'].map((idempotencyKey) => request({ caller, idempotencyKey }).id),
  );
  expect(new Set(ids).size).toBe(ids.length);
  // A person is the same caller before and after their workspace is looked up, and in every workspace.
  expect(request({ caller: principal('person', 'usr_1'), at: 2 }).id).toBe(request().id);
  for (const id of ids) expect(id).toMatch(/^[\w-]{43}$/);
});

test('the same is asked for only with the same route, path and bytes of the body', () => {
  const asked = [
    request(),
    request({ resource: '/v1/workspaces/{workspace}/invitations' }),
    request({ pathParameters: { workspace: 'beta' } }),
    request({ pathParameters: null }),
    request({ body: Buffer.from('{ "name":"ci"}') }),
    request({ body: Buffer.from('') }),
  ];
  expect(new Set(asked.map(({ fingerprint }) => fingerprint)).size).toBe(asked.length);
  const path = { workspace: 'acme', key: 'key_1' };
  const turned = { key: 'key_1', workspace: 'acme' };
  expect(request({ pathParameters: path }).fingerprint).toBe(request({ pathParameters: turned }).fingerprint);
  expect(request({ caller: principal('api_key', 'key_1'), idempotencyKey: 'two', at: 2 }).fingerprint).toBe(
    request().fingerprint,
  );
});
