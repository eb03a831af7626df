import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { scaled } from '../campaigns/campaign.ts';
import { sweepEarly } from './calm.ts';
import { beyondLimit } from './credential-history.ts';
import { issue, type KeyStorm, mayLive, revoke, revokeUntold, rotate, update, useKey } from './key-storm.ts';
import { drawFrom, rage, reportStorm, type Storm, startStorm } from './storm.ts';
import { keepsPromises } from './storm-promises.ts';

const LONG = 400_000;
/** What `supertone` promises. */
const LIMIT = 3;
const WORKERS = scaled({ part: 3, whole: 8 });
const CHANGES_EACH = scaled({ part: 12, whole: 80 });

let storm: Storm;
let keys: KeyStorm;
beforeAll(async () => {
  storm = await startStorm('supertone');
  keys = {
    storm,
    workspace: storm.product.workspace,
    untold: new Map(),
    newKey: () => ({}),
    request: (_, text) => ({ url: `${storm.product.apiUrl}/v1/voices`, headers: { 'x-sup-api-key': text } }),
  };
  await issue(keys);
  await rage(storm, {
    workers: WORKERS,
    changesEach: CHANGES_EACH,
    callers: WORKERS - 1,
    work,
    call: useAny,
  });
}, LONG);
afterAll(() => storm.product.stop());

const newest = () => storm.credentials.slice(-2 * LIMIT);

async function useAny(random: () => number): Promise<void> {
  await useKey(keys, drawFrom(newest(), random), random);
}

async function work(random: () => number): Promise<void> {
  const drawn = random();
  if (drawn < 0.05) return void (await sweepEarly(storm.product.tables));
  if (drawn < 0.45) return issue(keys);
  if (drawn < 0.5) return revokeUntold(keys);
  const key = drawFrom(newest(), random);
  if (drawn < 0.6) return update(keys, key, random);
  return drawn < 0.7 ? rotate(keys, key, random) : revoke(keys, key);
}

keepsPromises({
  storm: () => storm,
  refusals: [
    ...['issue: 409 key_limit_reached', 'update: 409 key_revoked', 'rotate: 409 key_revoked'],
    ...['rotate: 409 rotation_in_progress', 'update: 409 conflict', 'rotate: 409 conflict'],
  ],
  isFinishedByRepeating: ({ request: { asked } }) => asked === 'revoke' || asked === 'issue',
  async tryAll() {
    for (const key of newest()) for (const { text } of key.secrets) await useKey(keys, key, () => 0, text);
  },
});

test(`no more than ${LIMIT} keys work at the same time, and every place that was left can be taken`, async () => {
  const beyond = beyondLimit(storm.credentials, LIMIT);
  reportStorm(storm, `no more than ${LIMIT} keys work at the same time`, beyond.length);
  expect(beyond).toEqual([]);
  await revokeUntold(keys);
  for (const key of storm.credentials.filter(mayLive)) await revoke(keys, key);
  const before = storm.credentials.length;
  for (let place = 0; place < LIMIT + 1; place += 1) await issue(keys);
  expect(storm.credentials).toHaveLength(before + LIMIT);
});
