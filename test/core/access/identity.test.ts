import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { normalizeEmailAddress } from '../../../core/access/identity.ts';

describe('an e-mail address', () => {
  test('is the same whatever its case', () => {
    fc.assert(
      fc.property(fc.emailAddress(), (address) => {
        const normal = normalizeEmailAddress(address);
        expect(normalizeEmailAddress(address.toUpperCase())).toBe(normal);
        if (normal !== undefined)
          expect([normal, normalizeEmailAddress(normal)]).toEqual([address.toLowerCase(), normal]);
      }),
    );
  });

  test.each([
    'ada@example.com',
    'Ada.Lovelace+x@sub.example.co.uk',
    "o'hara@example.com",
    `${'a'.repeat(64)}@b.cd`,
  ])('is taken: %s', (address) => expect(normalizeEmailAddress(address)).toBe(address.toLowerCase()));

  test.each([
    ...['', '@', 'ada', 'ada@', '@example.com', 'ada@localhost', 'ada@@example.com', 'a b@example.com'],
    ...['ada@example.com ', ' ada@example.com', 'ada@example.com\n', 'ada@-example.com', 'ada@example-.com'],
    ...[
      'ada@example..com',
      'ada@.example.com',
      'ada@example.com.',
      'Ada <ada@example.com>',
      '"a b"@example.com',
    ],
    ...[`${'a'.repeat(65)}@b.cd`, `a@${'b.'.repeat(126)}cd`, 'ada@[127.0.0.1]'],
  ])('is none: %j', (text) => {
    expect(normalizeEmailAddress(text)).toBeUndefined();
  });

  test('is never one that becomes somebody else’s when it is lowered, or only looks like it', () => {
    // The Kelvin sign and the dotted İ lower to ASCII; the rest are look-alikes.
    for (const text of ['\u212aim@example.com', '\u0130da@example.com', 'аda@example.com', 'ada@exаmple.com'])
      expect(normalizeEmailAddress(text)).toBeUndefined();
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        const normal = normalizeEmailAddress(text);
        if (normal !== undefined) expect(text).toMatch(/^[\x21-\x7e]+$/);
      }),
    );
  });
});
