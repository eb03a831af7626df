import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { didYouMean, findClosestWord, hintOf } from '../../../core/text/closest-word.ts';

const SCOPES = ['read:all', 'write:all', 'admin'];
const FIELDS = ['name', 'description', 'scopes', 'created_by', 'expires_at', 'allowed_cidrs', 'rate_limit'];
const LETTER = 'abcdefghijklmnopqrstuvwxyz';

/** One slip of the hand in a word of at least four letters. */
const slip = (words: readonly string[]) =>
  fc
    .record({
      word: fc.constantFrom(...words),
      at: fc.nat(),
      letter: fc.constantFrom(...LETTER),
      kind: fc.constantFrom('swap', 'drop', 'add', 'change'),
    })
    .map(({ word, at, letter, kind }) => {
      const index = at % (word.length - 1);
      const [before, own = '', next = ''] = [word.slice(0, index), word[index], word[index + 1]];
      const rest = word.slice(index + 2);
      const slipped = {
        swap: before + next + own + rest,
        drop: before + next + rest,
        add: before + own + letter + next + rest,
        change: before + letter + next + rest,
      }[kind];
      return { word, slipped: slipped ?? word };
    });

test('one slip of the hand in a word leads to that word', () => {
  for (const words of [SCOPES, FIELDS, ['free', 'enterprise'], ['active', 'disabled', 'expired', 'revoked']])
    fc.assert(
      fc.property(slip(words), ({ word, slipped }) => expect(findClosestWord(slipped, words)).toBe(word)),
    );
});

test.each([
  ['createdBy', 'created_by'],
  ['CreatedBy', 'created_by'],
  ['created-by', 'created_by'],
  ['expiresAt', 'expires_at'],
  ['expires', 'expires_at'],
  ['scope', 'scopes'],
  ['desc', 'description'],
  ['allowedCIDRs', 'allowed_cidrs'],
])('%s is meant to be %s', (unknown, meant) => {
  expect(findClosestWord(unknown, FIELDS)).toBe(meant);
});

test.each(['', ' ', '*', 'owner', '__proto__', 'constructor', 'x'.repeat(65), 5, null, ['admin'], {}])(
  'no word is close to %j',
  (unknown) => {
    expect(findClosestWord(unknown, SCOPES)).toBeUndefined();
    expect(hintOf(unknown, SCOPES)).toBe('');
    expect(didYouMean(unknown, SCOPES)).toBe('.');
  },
);

test('a hint names known words and nothing of what was sent', () => {
  expect(hintOf('raed:all', SCOPES)).toBe(' (did you mean read:all?)');
  expect(didYouMean('raed:all', SCOPES)).toBe('; did you mean read:all?');
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme', maxLength: 80 }), (text) => {
      const hints = SCOPES.map((scope) => ` (did you mean ${scope}?)`);
      expect(['', ...hints]).toContain(hintOf(text, SCOPES));
    }),
  );
});
