import { expect, test } from '@jest/globals';
import { type Client, KeywardError } from '../../client/index.ts';
import { issueKey } from '../../console/keys/issue-key.ts';

const REQUEST = { workspace: 'acme', body: { name: 'ci', scopes: ['read:all'] }, idempotencyKey: 'once' };

/** A client that notes its calls, and answers the creation of a key with a refusal. */
function refusing(code: string, problem: Readonly<Record<string, unknown>> = {}) {
  const calls: unknown[] = [];
  const keys = {
    issue: async (...given: unknown[]) => {
      calls.push(['issue', ...given]);
      throw new KeywardError({ code, detail: 'No.', status: 409, problem });
    },
    rotate: async (...given: unknown[]) => {
      calls.push(['rotate', ...given]);
      return { secret: 'another' };
    },
  };
  return { calls, api: { keys } as unknown as Pick<Client, 'keys'> };
}

test('a key whose answer was lost is not made twice: it gets another secret, and the one that nobody has seen ends', async () => {
  const { calls, api } = refusing('already_done', { made_id: 'key_1' });
  expect(await issueKey(api, REQUEST)).toEqual({ secret: 'another' });
  expect(calls).toEqual([
    ['issue', { workspace: 'acme', name: 'ci', scopes: ['read:all'] }, { idempotencyKey: 'once' }],
    ['rotate', { workspace: 'acme', key: 'key_1', overlap_seconds: 0 }],
  ]);
});

test('a key that was refused for another reason is told so, and nothing is rotated', async () => {
  const { calls, api } = refusing('key_limit_reached', { made_id: 'key_1' });
  await expect(issueKey(api, REQUEST)).rejects.toThrow('key_limit_reached');
  expect(calls).toHaveLength(1);
});
