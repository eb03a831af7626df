import { describe, expect } from '@jest/globals';
import type { CredentialType, TokenType } from '../../core/credential/credential-type.ts';
import { generateKey, type KeyFormat } from '../../core/credential/key-text.ts';
import { digestOf, lookupPrefixOf, slotLocator } from '../../core/credential/secret.ts';
import type { Tracking } from '../../core/verification/last-use.ts';
import type { Claim } from '../../core/verification/verdict.ts';
import type { StoredSecret } from '../../core/verification/verification-store.ts';
import { verify } from '../../core/verification/verify.ts';
import { DECOY_HASH } from '../../core/verification/verify-bcrypt.ts';
import { bcrypt } from '../../lambdas/bundle-choices/verifiers-bcrypt.ts';
import { scaled } from '../campaigns/campaign.ts';
import { countedHash, emptyBcryptCache } from '../core/verification/fake-bcrypt.ts';
import { type MemoryToken, memoryVerificationStore } from '../core/verification/memory-verification-store.ts';
import { boundTo, CLAIM, NOW, SECRET } from '../core/verification/stored-secrets.ts';
import { type Drawn, drawnFor } from './drawn.ts';
import { tallied } from './tally.ts';

/**
 * Time is not measured here: what is done is counted, by the ports through which everything slow has to go. Two calls that ask for
 * the same operations and hashes, in the same order, differ by nothing that a caller could tell from the network's noise.
 */
const ROUNDS = scaled({ part: 50, whole: 400 });
const tally = tallied(
  'Response times tell nothing to a caller without the secret: an unknown key and a wrong secret cost the same',
);

const TRACKINGS = ['count', 'stamp_every_call', 'stamp', 'nothing'] as const;
const FORMAT: KeyFormat = { prefix: 'kw_live_', randomLength: 32, hasChecksum: true };
const SLOW_FORMAT: KeyFormat = { prefix: 'sk_live_', randomLength: 32, hasChecksum: false };

/** Every state that a key can be in. */
const STATES: readonly StoredSecret[] = [
  SECRET,
  { ...SECRET, state: 'revoked' },
  { ...SECRET, state: 'disabled' },
  { ...SECRET, expiresAt: NOW - 1 },
  { ...SECRET, rateLimit: { limit: 1, windowSeconds: 60 }, window: { endsAt: NOW + 30, used: 1 } },
  boundTo(['10.0.0.0/8']),
  { ...SECRET, principal: { ...SECRET.principal, workspace: 'other' } },
];

/** Another secret that differs from one in its last characters only, or in all of them. */
function wrongSecrets(format: KeyFormat, text: string, drawn: Drawn): string[] {
  const others = Array.from({ length: 3 }, () => generateKey(format, drawn.bytes));
  if (format.hasChecksum) return others;
  return [...others, text.slice(0, -1) + (text.endsWith('a') ? 'b' : 'a')];
}

describe.each(TRACKINGS)('tracking %s', (tracking) => {
  tally.test(
    'a key that was never issued costs the same whatever keys there are, and in whatever state',
    async () => {
      const drawn = drawnFor(`timing ${tracking}`);
      const credentials: CredentialType[] = [{ kind: 'api_key', format: FORMAT, storedAs: 'sha256' }];
      for (let round = 0; round < ROUNDS; round += 1) {
        const text = generateKey(FORMAT, drawn.bytes);
        const costs = new Set<string>();
        for (const state of [undefined, ...STATES])
          for (const wrong of wrongSecrets(FORMAT, text, drawn)) {
            const store = memoryVerificationStore();
            if (state !== undefined) store.secrets.set(digestOf(text), state);
            const verdict = await verify({ credentials, store, tracking }, wrong, CLAIM);
            expect(verdict).toEqual({ kind: 'refuse', code: 'unknown' });
            costs.add(store.operations.join());
            tally.count('wrong secrets');
          }
        expect(costs.size).toBe(1);
      }
    },
  );

  tally.test(
    'a bcrypt key’s prefix that nobody has costs one comparison, as one that a key has',
    async () => {
      const drawn = drawnFor(`slow timing ${tracking}`);
      for (let round = 0; round < ROUNDS; round += 1) {
        const text = generateKey(SLOW_FORMAT, drawn.bytes);
        const lookupPrefix = lookupPrefixOf(SLOW_FORMAT, text);
        const costs = new Set<string>();
        for (const state of [undefined, ...STATES])
          for (const wrong of [
            ...wrongSecrets(SLOW_FORMAT, text, drawn),
            // Behind the very prefix of the key.
            `${SLOW_FORMAT.prefix}${lookupPrefix}${generateKey(SLOW_FORMAT, drawn.bytes).slice(16)}`,
          ]) {
            costs.add(await slowCost({ text, wrong, state, tracking }));
            tally.count('wrong secrets');
          }
        expect([...costs]).toEqual(['query,compare']);
      }
    },
  );
});

/** What a wrong secret costs, in a process that has proven nothing and in one that has proven the right one. */
async function slowCost(tried: {
  text: string;
  wrong: string;
  state: StoredSecret | undefined;
  tracking: Tracking;
}): Promise<string> {
  const { text, wrong, state, tracking } = tried;
  const memory = memoryVerificationStore();
  const bcrypt = countedHash();
  const locator = slotLocator(lookupPrefixOf(SLOW_FORMAT, text), 1);
  if (state !== undefined) memory.secrets.set(locator, { ...state, secretHash: `hash of ${text}` });
  const proof = { cache: emptyBcryptCache(), bcrypt, store: memory.bcryptSecrets };
  const credentials: CredentialType[] = [{ kind: 'api_key', format: SLOW_FORMAT, storedAs: 'bcrypt' }];
  const verification = { credentials, store: memory, tracking, bcrypt: proof };
  if (state !== undefined) await verify(verification, text, CLAIM);
  memory.operations.length = 0;
  bcrypt.compared.length = 0;
  const verdict = await verify(verification, wrong, CLAIM);
  expect(verdict).toEqual({ kind: 'refuse', code: 'unknown' });
  return [...memory.operations, ...bcrypt.compared.map(() => 'compare')].join();
}

tally.test(
  'the comparison that stands for a key costs what one with a key does: the same algorithm, the same rounds',
  async () => {
    const settings = (hash: string) => hash.slice(0, '$2b$10$'.length);
    expect(settings(DECOY_HASH)).toBe(settings(await bcrypt.hash('x')));
    expect(DECOY_HASH).toMatch(/^\$2b\$10\$[./A-Za-z0-9]{53}$/);
    expect(await bcrypt.matches('x', DECOY_HASH)).toBe(false);
  },
);

tally.test('a token costs one operation, be it unknown, and whatever workspace is named', async () => {
  const drawn = drawnFor('timing of tokens');
  const format: KeyFormat = { ...FORMAT, prefix: 'kw_pat_' };
  const bounds = { catalogue: undefined, roleScopes: undefined };
  const type: TokenType = { kind: 'personal_access_token', format, storedAs: 'sha256', bounds };
  const stored: MemoryToken = {
    credentialId: 'pat_1',
    user: 'usr_1',
    scopes: 'all',
    ceiling: 'owner',
    state: 'active',
    expiresAt: null,
    lastUsedAt: NOW,
    memberships: { acme: 'owner' },
  };
  for (let round = 0; round < ROUNDS; round += 1) {
    const text = generateKey(format, drawn.bytes);
    for (const presented of [text, generateKey(format, drawn.bytes)])
      for (const workspace of ['acme', 'other', 'absent', 'NO SLUG', 'x'.repeat(10_000)])
        for (const state of ['active', 'revoked'] as const) {
          const store = memoryVerificationStore();
          store.tokens.set(digestOf(text), { ...stored, state });
          const verification = {
            credentials: [type],
            store,
            tracking: 'stamp',
            tokens: store.tokenSource,
          } as const;
          const claim: Claim = { ...CLAIM, requirement: 'any', workspace };
          await verify(verification, presented, claim);
          expect(store.operations).toEqual(['findToken']);
          tally.count('tokens');
        }
  }
});

tally.test(
  'what has not the shape of a key costs nothing at all, which tells what everybody may know: the shape',
  async () => {
    const drawn = drawnFor('timing of shapes');
    const credentials: CredentialType[] = [{ kind: 'api_key', format: FORMAT, storedAs: 'sha256' }];
    for (let round = 0; round < ROUNDS; round += 1) {
      const text = generateKey(FORMAT, drawn.bytes);
      const store = memoryVerificationStore();
      store.secrets.set(digestOf(text), SECRET);
      for (const shape of [text.slice(1), `${text}0`, text.toUpperCase(), `${text.slice(0, -1)}-`]) {
        const verdict = await verify({ credentials, store, tracking: 'count' }, shape, CLAIM);
        expect(verdict).toEqual({ kind: 'refuse', code: 'malformed' });
        tally.count('wrong shapes');
      }
      expect(store.operations).toEqual([]);
    }
  },
);
