import { afterAll, beforeAll } from '@jest/globals';
import { scaled } from '../campaigns/campaign.ts';
import { newWorkspace } from '../product.ts';
import { sweepEarly } from './calm.ts';
import { issue, type KeyStorm, look, mayLive, revoke, rotate, update, useKey } from './key-storm.ts';
import { change, drawFrom, rage, type Storm, startStorm } from './storm.ts';
import { keepsPromises } from './storm-promises.ts';

const LONG = 400_000;
/** Each takes execution environments of its own, which are what costs most in a short storm. */
const WORKERS = scaled({ part: 3, whole: 8 });
const CHANGES_EACH = scaled({ part: 5, whole: 150 });
const FEWEST_KEYS = 12;

let storm: Storm;
/** The keys of a workspace whose plan changes as well. */
let keys: KeyStorm;
beforeAll(async () => {
  storm = await startStorm('standard');
  const { workspace, users } = await newWorkspace(storm.product, 'stormy');
  // Out of reach: no answer may be 429 instead of what is judged.
  const rate_limit = { limit: 1_000_000, window_seconds: 86_400 };
  keys = {
    storm,
    workspace,
    untold: new Map(),
    newKey: () => ({
      name: 'storm',
      scopes: ['read:all', 'write:all'],
      created_by: users.owner,
      ...(storm.credentials.length % 2 === 0 && { rate_limit }),
    }),
    request: (needs, text) => ({
      url: `${storm.product.apiUrl}/users/user-1-${workspace}`,
      credential: text,
      ...(needs === 'write' && { method: 'PUT', body: { name: 'Ada' } }),
    }),
    scopesOf: { read: ['read:all'], write: ['read:all', 'write:all'] },
  };
  for (let key = 0; key < FEWEST_KEYS; key += 1) await issue(keys);
  await rage(storm, {
    workers: WORKERS,
    changesEach: CHANGES_EACH,
    callers: WORKERS - 1,
    work,
    call: useAny,
  });
}, LONG);
afterAll(() => storm.product.stop());

/** The newest keys, and a few that were revoked already. */
const known = () => storm.credentials.slice(-2 * FEWEST_KEYS);

async function useAny(random: () => number): Promise<void> {
  await useKey(keys, drawFrom(known(), random), random);
}

async function work(random: () => number): Promise<void> {
  if (known().filter(mayLive).length < FEWEST_KEYS) return issue(keys);
  const key = drawFrom(known(), random);
  const drawn = random();
  if (drawn < 0.02) return changePlan(random);
  if (drawn < 0.07) return void (await sweepEarly(storm.product.tables));
  if (drawn < 0.11) return issue(keys);
  if (drawn < 0.3) return look(keys, key);
  if (drawn < 0.75) await update(keys, key, random);
  else if (drawn < 0.92) await rotate(keys, key, random);
  else await revoke(keys, key);
  // The very next request, with every secret: what was answered as done holds for it.
  for (const { text } of key.secrets) await useKey(keys, key, random, text);
}

async function changePlan(random: () => number): Promise<void> {
  const { managementUrl, managementKey } = storm.product;
  await change(storm, {
    request: {
      asked: 'plan',
      method: 'PATCH',
      credential: managementKey,
      url: `${managementUrl}/v1/workspaces/${keys.workspace}`,
      body: { plan: random() < 0.5 ? 'pro' : 'enterprise' },
    },
    note: () => {},
  });
}

keepsPromises({
  storm: () => storm,
  refusals: [
    ...['update: 409 key_revoked', 'rotate: 409 key_revoked', 'rotate: 409 rotation_in_progress'],
    // A key whose rotation was left half done is changed by nobody until that is undone.
    ...['update: 409 conflict', 'rotate: 409 conflict', 'plan: 409 conflict'],
  ],
  isFinishedByRepeating: ({ request: { asked } }) => asked === 'revoke' || asked === 'plan',
  async tryAll() {
    const random = () => 0;
    for (const key of known()) {
      for (const { text } of key.secrets) await useKey(keys, key, random, text);
      await look(keys, key);
    }
  },
});
