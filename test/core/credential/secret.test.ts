import { createHash, randomBytes } from 'node:crypto';
import { expect, test } from '@jest/globals';
import type { CredentialType } from '../../../core/credential/credential-type.ts';
import { digestOf, makeSecret } from '../../../core/credential/secret.ts';
import { DECOY_HASH } from '../../../core/verification/verify-bcrypt.ts';
import { bcrypt } from '../../../lambdas/bundle-choices/verifiers-bcrypt.ts';
import { countedHash } from '../verification/fake-bcrypt.ts';

const SOURCE = { draw: randomBytes, bcrypt: countedHash() };
const BCRYPT_KEY: CredentialType = {
  kind: 'api_key',
  format: { prefix: 'sk_live_', randomLength: 32, hasChecksum: false },
  storedAs: 'bcrypt',
};

test('a secret kept as bcrypt is located by its first random characters and one of four slots', async () => {
  const slots = new Set<string>();
  for (let count = 0; count < 200; count += 1) {
    const { text, secret } = await makeSecret(BCRYPT_KEY, SOURCE);
    expect(text).toMatch(/^sk_live_[0-9A-Za-z]{32}$/);
    const shown = text.slice('sk_live_'.length, 'sk_live_'.length + 8);
    const [kind, prefix, slot = ''] = secret.locator.split('#');
    expect([kind, prefix, secret.start]).toEqual(['PREFIX', shown, `sk_live_${shown}`]);
    expect(secret.secretHash).toBe(`hash of ${text}`);
    slots.add(slot);
  }
  expect([...slots].sort()).toEqual(['0', '1', '2', '3']);
});

test('nothing that is kept of it is a fast digest', async () => {
  const { text, secret } = await makeSecret(BCRYPT_KEY, { draw: randomBytes, bcrypt });
  expect(secret.secretHash).toMatch(/^\$2b\$10\$[./0-9A-Za-z]{53}$/);
  const digest = Buffer.from(digestOf(text), 'base64url');
  for (const encoding of ['binary', 'hex', 'base64', 'base64url'] as const) {
    for (const kept of [secret.locator, secret.start, secret.secretHash])
      expect(kept).not.toContain(digest.toString(encoding));
  }
  expect(await bcrypt.matches(text, secret.secretHash ?? '')).toBe(true);
  expect(await bcrypt.matches(`${text}x`, secret.secretHash ?? '')).toBe(false);
});

test('a digest is the SHA-256 of the whole text in base64url, which is what tables hold', async () => {
  expect(digestOf('abc')).toBe('ungWv48Bz-pBQUDeXa4iI7ADYaOWF3qctBD_YfIAFa0');
  expect(digestOf('kw_live_a')).not.toBe(digestOf('kw_live_b'));
  const { text, secret } = await makeSecret({ ...BCRYPT_KEY, storedAs: 'sha256' }, SOURCE);
  expect(secret.locator).toMatch(/^[\w-]{43}$/);
  expect(Buffer.from(secret.locator, 'base64url')).toEqual(createHash('sha256').update(text).digest());
});

test('any other secret is located by its digest, which proves it', async () => {
  const { text, secret } = await makeSecret({ ...BCRYPT_KEY, storedAs: 'sha256' }, SOURCE);
  expect(secret).toEqual({ locator: digestOf(text), start: text.slice(0, 12), secretHash: null });
});

test('the decoy is a hash of the cost of all others, so that comparing with it takes as long', async () => {
  const real = await bcrypt.hash('a secret');
  expect(DECOY_HASH).toHaveLength(real.length);
  expect(DECOY_HASH.slice(0, 7)).toBe(real.slice(0, 7));
  expect(await bcrypt.matches('a secret', DECOY_HASH)).toBe(false);
});
