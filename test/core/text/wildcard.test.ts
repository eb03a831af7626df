import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { wildcardsMeet } from '../../../core/verification/cacheable-verdict.ts';

test.each([
  ['', '', true],
  ['*', '', true],
  ['', 'a', false],
  ['GET/books', 'GET/books', true],
  ['GET/books', 'GET/books/', false],
  ['GET/books/*', 'GET/books', false],
  ['GET/books/*', 'GET/books/*/loans', true],
  ['GET/books/*', 'GET/shelves/*', false],
  ['GET/*/loans', 'GET/books/*', true],
  ['*a', 'b*', true],
  ['a*b', 'b*a', false],
])('%s and %s meet: %s', (one, other, meet) => {
  expect(wildcardsMeet(one, other)).toBe(meet);
  expect(wildcardsMeet(other, one)).toBe(meet);
});

const matches = (wild: string, text: string) => new RegExp(`^${wild.replaceAll('*', '.*')}$`).test(text);

/** Every text of the letters that patterns are made of: long enough for whatever two short patterns could share. */
const TEXTS = Array.from({ length: 7 }, (_, length) =>
  Array.from({ length: 2 ** length }, (__, number) =>
    number.toString(2).padStart(length, '0').slice(0, length),
  ),
).flat();

test('two patterns meet exactly when some text matches both', () => {
  const short = fc.string({ unit: fc.constantFrom('0', '1', '*'), maxLength: 3 });
  fc.assert(
    fc.property(short, short, (one, other) => {
      const shared = TEXTS.some((text) => matches(one, text) && matches(other, text));
      expect(wildcardsMeet(one, other)).toBe(shared);
    }),
  );
});
