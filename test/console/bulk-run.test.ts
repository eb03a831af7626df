import { describe, expect, test } from '@jest/globals';
import type { Client } from '../../client/index.ts';
import type { ApiKey } from '../../console/api/records.ts';
import { type BulkAction, type Outcomes, runBulk } from '../../console/keys/bulk-run.ts';

const KEYS = Array.from({ length: 250 }, (_, index) => ({ id: `key_${index}`, workspace: 'acme' }) as ApiKey);

interface Asked {
  readonly ids: readonly string[];
  readonly limit: number;
  readonly cursor?: string;
}

/** Revokes as many keys in one call as it is asked for, and disables all but one. */
const API = {
  keys: {
    revokeMany: async ({ ids, limit, cursor }: Asked) => {
      const begin = Number(cursor ?? 0);
      const keys = ids.slice(begin, begin + limit).map((id) => ({ id, outcome: 'revoked' }));
      const next_cursor = begin + limit < ids.length ? `${begin + limit}` : null;
      return { keys, unknown_ids: [], next_cursor };
    },
    update: async ({ key }: { readonly key: string }) => {
      if (key === 'key_1') throw new Error('Not yours.');
    },
  },
} as unknown as Client;

/** @param stopAfter how many keys the person waits for before they stop it. */
async function runUntil(action: BulkAction, stopAfter: number) {
  const told: Outcomes[] = [];
  await runBulk(API, {
    action,
    keys: KEYS,
    onProgress: (outcomes) => told.push(outcomes),
    isStopped: () => (told.at(-1)?.size ?? 0) >= stopAfter,
  });
  return told;
}

describe('many keys at once', () => {
  test('are revoked in steps, and each step is told', async () => {
    const told = await runUntil('revoke', Number.POSITIVE_INFINITY);
    expect(told.map(({ size }) => size)).toEqual([100, 200, 250]);
    expect(new Set(told.at(-1)?.values())).toEqual(new Set(['Revoked']));
  });

  test('are no more after the person has stopped it', async () => {
    expect((await runUntil('revoke', 100)).map(({ size }) => size)).toEqual([100]);
    expect((await runUntil('disable', 3)).at(-1)?.size).toBe(3);
  });

  test('go on after the refusal of one', async () => {
    const outcomes = (await runUntil('disable', Number.POSITIVE_INFINITY)).at(-1);
    expect([outcomes?.size, outcomes?.get('key_1'), outcomes?.get('key_2')]).toEqual([
      250,
      'Not yours.',
      'Disabled',
    ]);
  });
});
