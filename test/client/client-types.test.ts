import { expect, test } from '@jest/globals';
import type { Client } from '../../client/client.ts';
import type { ErrorCode, Key, Verdict } from '../../client/index.ts';

/** The compiler checks this. Each line that has to fail says so, and the compiler complains of one that does not. */
export async function useWrongly({ keys, members, tokens, events, caller }: Client): Promise<unknown[]> {
  return [
    // @ts-expect-error The workspace is missing.
    await keys.issue({ name: 'ci' }),
    // @ts-expect-error The field is misspelt.
    await keys.issue({ workspace: 'acme', scope: ['read:all'] }),
    // @ts-expect-error Scopes are a list.
    await keys.issue({ workspace: 'acme', scopes: 'read:all' }),
    // @ts-expect-error The id of the key is missing.
    await keys.get({ workspace: 'acme' }),
    // @ts-expect-error There is no such status.
    await keys.list({ workspace: 'acme', status: 'ended' }),
    // @ts-expect-error There is no such role.
    await members.put({ workspace: 'acme', user_id: 'usr_1', role: 'ownr' }),
    // @ts-expect-error A token has a name.
    await tokens.issue({}),
    // @ts-expect-error There is no such type of event.
    await events.list({ workspace: 'acme', type: 'key.made' }),
    // @ts-expect-error The answer is a page, and no list.
    (await keys.list({ workspace: 'acme' })).length,
    // @ts-expect-error Only issuing and rotating show a secret.
    (await keys.get({ workspace: 'acme', key: 'key_1' })).secret,
    // @ts-expect-error Reading makes nothing.
    await keys.get({ workspace: 'acme', key: 'key_1' }, { idempotencyKey: 'order-7' }),
    // @ts-expect-error There are no fields.
    await caller({ workspace: 'acme' }),
  ];
}

export async function useRightly({ keys, tokens, caller, events }: Client): Promise<unknown[]> {
  const { key, secret } = await keys.issue({
    workspace: 'acme',
    name: 'ci',
    scopes: ['a-scope-of-any-product'],
  });
  const issued: Key = key;
  for await (const { id, status } of keys.listAll({ workspace: 'acme' }))
    if (status === 'active') return [id];
  for await (const { name, role } of tokens.listAll()) return [name, role];
  for await (const { type } of events.listAllMine({ type: 'token.issued' })) return [type];
  const verdict: Verdict = await keys.verify({ credential: secret });
  const code: ErrorCode = 'a_code_of_a_newer_api';
  return [issued, verdict.valid ? verdict.principal.scopes : verdict.message, code, await caller()];
}

test('these types are checked by the compiler', () => {
  expect([useWrongly, useRightly].map((use) => typeof use)).toEqual(['function', 'function']);
});
