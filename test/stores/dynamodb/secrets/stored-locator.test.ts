import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { digestOf, type SecretLocator, slotLocator } from '../../../../core/credential/secret.ts';
import { storedLocator } from '../../../../stores/dynamodb/secrets/stored-locator.ts';
import { secretKey } from '../../../../stores/dynamodb/table/tables.ts';

const digest = fc
  .uint8Array({ minLength: 32, maxLength: 32 })
  .map((bytes) => Buffer.from(bytes).toString('binary') as SecretLocator);

test('a digest is stored as SHA-256 in base64url, whatever bytes it has', () => {
  expect(storedLocator(digestOf('abc'))).toBe('ungWv48Bz-pBQUDeXa4iI7ADYaOWF3qctBD_YfIAFa0');
  fc.assert(
    fc.property(digest, (locator) => {
      const stored = storedLocator(locator);
      expect(stored).toMatch(/^[\w-]{43}$/);
      expect(Buffer.from(stored, 'base64url').toString('binary')).toBe(locator);
      expect(secretKey(stored)).toEqual({ pk: stored, sk: 'KEY' });
    }),
  );
});

test('a place under a look-up prefix is stored as it is', () => {
  const locator = slotLocator('abcdefgh', 3);
  expect(storedLocator(locator)).toBe('PREFIX#abcdefgh#3');
});
