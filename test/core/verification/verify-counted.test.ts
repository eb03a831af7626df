import { beforeEach, describe, expect, test } from '@jest/globals';
import { checksum } from '../../../core/credential/key-text.ts';
import { digestOf } from '../../../core/credential/secret.ts';
import type { StoredSecret } from '../../../core/verification/verification-store.ts';
import { verify } from '../../../core/verification/verify.ts';
import { createNetworkMemory, type NetworkMemory } from '../../../core/verification/verify-counted.ts';
import { type MemoryStore, memoryVerificationStore } from './memory-verification-store.ts';
import { apiKeyOf, boundTo, CLAIM, SECRET } from './stored-secrets.ts';

const RANDOM = `kw_live_${'a'.repeat(30)}`;
const TEXT = RANDOM + checksum(RANDOM);
const LOCATOR = digestOf(TEXT);
const HERE = '203.0.113.0/24';
const ELSEWHERE = '192.0.2.0/24';

let store: MemoryStore;
let networks: NetworkMemory;
beforeEach(() => {
  store = memoryVerificationStore();
  networks = createNetworkMemory();
});

const remember = (secret: StoredSecret) => store.secrets.set(LOCATOR, secret);
const format = { prefix: 'kw_live_', randomLength: 30, hasChecksum: true };
const call = async (sourceAddress = CLAIM.sourceAddress) => {
  const verification = { credentials: [apiKeyOf(format)], store, tracking: 'count', networks } as const;
  store.operations.length = 0;
  const verdict = await verify(verification, TEXT, { ...CLAIM, sourceAddress });
  return [verdict.kind === 'allow' ? 'allow' : verdict.code, store.operations.length];
};

describe('an instance that has met a counted key which is bound to networks', () => {
  beforeEach(async () => {
    remember(boundTo([HERE]));
    expect(await call()).toEqual(['allow', 2]);
  });

  test('takes one operation from then on', async () => {
    expect(await call()).toEqual(['allow', 1]);
  });

  test('refuses it from elsewhere, in one operation', async () => {
    expect(await call('192.0.2.1')).toEqual(['network', 1]);
  });

  test('refuses it where its networks have become others, though the address lies in those it remembers', async () => {
    remember(boundTo([ELSEWHERE]));
    expect(await call()).toEqual(['network', 1]);
    expect(await call('192.0.2.1')).toEqual(['allow', 2]);
    expect(await call('192.0.2.1')).toEqual(['allow', 1]);
  });

  test('lets it in from everywhere once it is bound to none', async () => {
    remember(SECRET);
    expect(await call('192.0.2.1')).toEqual(['allow', 1]);
    expect(await call()).toEqual(['allow', 2]);
    expect(await call()).toEqual(['allow', 1]);
  });

  test('refuses it once it is revoked', async () => {
    remember({ ...boundTo([HERE]), state: 'revoked' });
    expect(await call()).toEqual(['revoked', 1]);
  });
});

test('no more is remembered than there is room for, and what was met last stays', () => {
  const [first, second, third] = ['a', 'b', 'c'].map(digestOf);
  const few = createNetworkMemory(2);
  for (const locator of [first, second, first, third]) few.remember(locator ?? LOCATOR, [HERE]);
  expect([first, second, third].map((locator) => few.recall(locator ?? LOCATOR))).toEqual([
    [HERE],
    [],
    [HERE],
  ]);
});
