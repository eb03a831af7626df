import { randomBytes } from 'node:crypto';
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { isIdentifier, makeIdentifier } from '../../../core/credential/identifier.ts';
import { anyText } from '../text/any-text.ts';

const time = fc.integer({ min: 0, max: 62 ** 8 - 1 });

test('identifiers sort by the time they were made', () => {
  fc.assert(
    fc.property(time, time, (one, other) => {
      fc.pre(one !== other);
      const [first, second] = [one, other].map((now) => makeIdentifier('key', now, randomBytes)) as [
        string,
        string,
      ];
      expect(first < second).toBe(one < other);
    }),
  );
});

test('identifiers of the same millisecond differ', () => {
  const ids = Array.from({ length: 1_000 }, () => makeIdentifier('evt', 1_800_000_000_000, randomBytes));
  expect(new Set(ids).size).toBe(1_000);
});

test('an identifier is recognised by its own prefix only, and nothing else is', () => {
  fc.assert(
    fc.property(time, anyText(), (now, text) => {
      const id = makeIdentifier('key', now, randomBytes);
      expect(isIdentifier('key', id)).toBe(true);
      expect(isIdentifier('evt', id)).toBe(false);
      expect(isIdentifier('key', `${id}0`)).toBe(false);
      expect(isIdentifier('key', id.slice(0, -1))).toBe(false);
      expect(isIdentifier('key', `${id}\n`)).toBe(false);
      expect(isIdentifier('key', text)).toBe(/^key_[0-9A-Za-z]{20}$/.test(text) && !text.endsWith('\n'));
    }),
  );
});
