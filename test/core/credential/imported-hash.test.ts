import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  hashImportedText,
  type ImportedHash,
  parseImportedHash,
} from '../../../core/credential/imported-hash.ts';
import { generateKey } from '../../../core/credential/key-text.ts';
import { digestHashOf, digestOf } from '../../../core/credential/secret.ts';
import { countedHash } from '../verification/fake-bcrypt.ts';
import { keyTypeWith, OLDER, sha256Of, textOf } from './older-keys.ts';

const KEY = keyTypeWith(OLDER.unkey, OLDER.betterAuth, OLDER.salted, OLDER.bcrypt);
const BCRYPT_HASH = `$2b$10$${'a'.repeat(53)}`;
const DIGEST: ImportedHash = { algorithm: 'sha256', encoding: 'hex', text: 'a0'.repeat(32) };
const BCRYPT: ImportedHash = { algorithm: 'bcrypt', text: BCRYPT_HASH, lookupPrefix: 'abcd-_12' };
const sentenceOf = (hash: ImportedHash, keyType = KEY) => {
  const parsed = parseImportedHash(keyType, hash);
  return parsed.kind === 'refused' ? parsed.sentence : parsed;
};

describe('a digest', () => {
  test('in any encoding is found as the digest of the text itself', () => {
    fc.assert(
      fc.property(
        textOf(OLDER.unkey.format),
        fc.constantFrom('hex', 'base64', 'base64url'),
        (text, encoding) => {
          const hash = { algorithm: 'sha256', encoding, text: sha256Of(text, encoding) } as const;
          const found = { kind: 'by_digest', locator: digestOf(text) };
          expect(parseImportedHash(KEY, hash)).toMatchObject(found);
          expect(parseImportedHash(KEY, { ...hash, shape: 'unkey' })).toMatchObject(found);
        },
      ),
    );
  });

  test.each([
    ['hex', 'a0'.repeat(31)],
    ['hex', 'g0'.repeat(32)],
    ['base64', `${'a'.repeat(42)}_`],
    ['base64', `${'a'.repeat(42)}b=`],
    ['base64url', `${'a'.repeat(42)}/`],
    ['base64url', sha256Of('a', 'hex')],
    ['hex', sha256Of('a', 'base64')],
    ['hex', ''],
  ] as const)('that is no SHA-256 in %s is refused: %s', (encoding, text) => {
    expect(sentenceOf({ algorithm: 'sha256', encoding, text })).toMatch(/^The hash must be a SHA-256 of /);
  });

  test('is refused where no key of the profile is looked up by one', () => {
    const bcryptOnly = { ...keyTypeWith(OLDER.bcrypt), storedAs: 'bcrypt' as const };
    expect(sentenceOf(DIGEST, bcryptOnly)).toMatch(/accepts no key whose hash is of SHA-256/);
  });
});

describe('a hash of bcrypt', () => {
  test.each(['abcd-_12', 'sk_old_abcd-_12'])(
    'is found by its look-up prefix, written as %s',
    (lookupPrefix) => {
      for (const kind of ['$2a$04', '$2b$12', '$2y$10']) {
        const text = kind + BCRYPT_HASH.slice(6);
        expect(parseImportedHash(KEY, { ...BCRYPT, text, lookupPrefix })).toEqual({
          kind: 'by_prefix',
          lookupPrefix: 'abcd-_12',
          secretHash: text,
          start: 'sk_old_abcd-_12',
        });
      }
    },
  );

  test.each(['$2b$13', '$2b$31', '$2b$03', '$2x$10', '$2$10', '$1$10', 'x$2b$10'])(
    'that would cost too much or is none is refused: %s',
    (kind) => {
      expect(sentenceOf({ ...BCRYPT, text: kind + BCRYPT_HASH.slice(6) })).toMatch(/of cost 4 to 12/);
    },
  );

  test.each(['abcd', 'abcd-_123', 'abcd#_12', 'sk_new_abcd-_12', ''])(
    'with a look-up prefix that no call would ask for is refused: %j',
    (lookupPrefix) => {
      expect(sentenceOf({ ...BCRYPT, lookupPrefix })).toBe(
        'The look-up prefix must be the first 8 characters after sk_old_.',
      );
    },
  );

  test('is refused where the profile accepts none', () => {
    expect(sentenceOf(BCRYPT, keyTypeWith(OLDER.unkey))).toMatch(/accepts no key whose hash is of bcrypt/);
  });

  test('may be of the issued shape where the profile issues such keys', () => {
    const keyType = { ...keyTypeWith(), storedAs: 'bcrypt' as const };
    const parsed = parseImportedHash(keyType, { ...BCRYPT, lookupPrefix: 'abcdefgh' });
    expect(parsed).toMatchObject({ kind: 'by_prefix', lookupPrefix: 'abcdefgh' });
  });
});

describe('the shape that an import names', () => {
  test.each([
    [
      'unkye',
      'The shape must be one of issued, unkey, better-auth, salted, old-bcrypt (did you mean unkey?).',
    ],
    [
      'old-bcrypt',
      'The hash must not be of SHA-256, because the profile says otherwise of the shape old-bcrypt.',
    ],
  ])('has to be one that is hashed so: %s', (shape, sentence) => {
    expect(sentenceOf({ ...DIGEST, shape })).toBe(sentence);
  });
});

describe('what lists show', () => {
  test.each([
    ['acme_3ZDQ', 'acme_3ZDQ'],
    ['acme_3ZDQx', 'acme_3ZDQ'],
    ['Acme-a', 'Acme-a'],
    ['Acme', 'Acme'],
  ])('is never more than four characters after the prefix: %s', (start, shown) => {
    expect(parseImportedHash(KEY, { ...DIGEST, start })).toMatchObject({ start: shown });
  });

  test.each(['acme_0', 'other_abcd', 'fg.live-xyz'])(
    'is refused if no accepted key starts so: %s',
    (start) => {
      expect(sentenceOf({ ...DIGEST, start })).toMatch(
        /start must be the first characters .* api_key.accepts/,
      );
    },
  );

  test('is the prefix alone if only one shape can be meant, and nothing if several can', () => {
    expect(parseImportedHash(KEY, { ...DIGEST, shape: 'unkey' })).toMatchObject({ start: 'acme_' });
    expect(parseImportedHash(KEY, DIGEST)).toMatchObject({ start: '' });
  });
});

describe('the text of a key', () => {
  const bcrypt = countedHash();

  test('is kept as the other system would have kept it', async () => {
    const text = `fg.live-${'0aF'.repeat(16)}`;
    const imported = await hashImportedText(KEY, text, bcrypt);
    const hash = sha256Of(`fg:${'0aF'.repeat(16)}:v1`, 'hex');
    expect(imported).toEqual({ ...parseImportedHash(KEY, { ...DIGEST, text: hash }), start: 'fg.live-0aF0' });
  });

  test('of a shape that was kept as bcrypt is kept as SHA-256 at once, if SHA-256 is enough', async () => {
    const text = `sk_old_${'abcd-_12'.repeat(5)}abc`;
    const imported = { kind: 'by_prefix', lookupPrefix: 'abcd-_12', start: 'sk_old_abcd-_12' };
    expect(await hashImportedText(KEY, text, bcrypt)).toEqual({
      ...imported,
      secretHash: digestHashOf(text),
    });
    const promised = { ...KEY, storedAs: 'bcrypt' as const };
    const slow = { ...imported, secretHash: `hash of ${text}` };
    expect(await hashImportedText(promised, text, bcrypt)).toEqual(slow);
  });

  test('may be of the issued shape, and then has its checksum', async () => {
    const text = generateKey(KEY.format, (count) => new Uint8Array(count));
    const imported = { kind: 'by_digest', locator: digestOf(text), start: 'kw_live_0000' };
    expect(await hashImportedText(KEY, text, bcrypt)).toEqual(imported);
    expect(await hashImportedText(KEY, `${text.slice(0, -1)}~`, bcrypt)).toMatchObject({
      kind: 'refused',
      sentence: expect.stringContaining('api_key.accepts'),
    });
  });
});

test('no sentence repeats a hash or a text', async () => {
  const odd = `odd-${'x1'.repeat(30)}`;
  const refused = [
    sentenceOf({ algorithm: 'sha256', encoding: 'hex', text: odd }),
    sentenceOf({ ...BCRYPT, text: odd }),
    sentenceOf({ ...BCRYPT, lookupPrefix: odd }),
    sentenceOf({ ...DIGEST, start: odd }),
    (await hashImportedText(KEY, odd, countedHash())) as { sentence?: string },
  ];
  expect(JSON.stringify(refused)).not.toContain(odd);
});
