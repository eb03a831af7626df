import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { ALPHABETS, hasAcceptedFormat } from '../../../core/credential/accepted-shape.ts';
import { overlap } from '../../../core/profile/accepts-agreement.ts';
import { parseProfile, readProfile } from '../../../core/profile/parse-profile.ts';
import { charactersOf, OLDER } from '../credential/older-keys.ts';

const standard = JSON.parse(
  readFileSync(new URL('../../../profiles/standard.json', import.meta.url), 'utf8'),
);
const sophic = JSON.parse(readFileSync(new URL('../../../profiles/sophic.json', import.meta.url), 'utf8'));
const withShapes = (accepts: unknown, data = standard, key: object = {}) => ({
  ...data,
  api_key: { ...data.api_key, ...key, accepts },
});
const mistakesIn = (data: unknown) => {
  const read = readProfile(data);
  return read.kind === 'mistakes' ? read.mistakes.map(({ sentence }) => sentence) : [];
};

const UNKEY = { name: 'unkey', prefix: 'acme_', alphabet: 'base58', min_length: 22, max_length: 25 };
const BCRYPT = {
  name: 'old-bcrypt',
  prefix: 'sk_old_',
  alphabet: 'base64url',
  min_length: 43,
  stored_as: 'bcrypt',
};

test('a profile says what older keys look like and how they are kept', () => {
  const accepts = [
    UNKEY,
    { name: 'better-auth', prefix: 'Acme-', alphabet: 'letters', min_length: 64 },
    { name: 'api-gateway', prefix: '', alphabet: 'base62', min_length: 20, max_length: 128 },
    {
      name: 'salted',
      prefix: 'fg.live-',
      alphabet: 'hex',
      min_length: 48,
      hashed: 'after_prefix',
      hashed_before: 'fg:',
      hashed_after: ':v1',
    },
    BCRYPT,
  ];
  expect(parseProfile(withShapes(accepts)).apiKey.accepts).toEqual(Object.values(OLDER));
});

test('the example of the guide parses', () => {
  const guide = readFileSync(new URL('../../../docs/profiles/your-own.md', import.meta.url), 'utf8');
  const [, example = ''] = /```json\n(\{[^`]*"accepts"[^`]*)```/.exec(guide) ?? [];
  const { accepts } = parseProfile({ ...standard, api_key: JSON.parse(example) }).apiKey;
  expect(accepts?.map(({ name }) => name)).toEqual([
    'unkey',
    'better-auth',
    'api-gateway',
    'home-made',
    'bcrypt',
  ]);
});

test('without accepts the profile says nothing of them', () => {
  expect(parseProfile(standard).apiKey).not.toHaveProperty('accepts');
});

describe('a shape is refused with a sentence', () => {
  test.each([
    [[], /api_key.accepts must be at least one shape/],
    [[{ ...UNKEY, prefix: 'acme#' }], /api_key.accepts.0.prefix must be a prefix without "#"/],
    [[{ ...UNKEY, alphabet: 'base85' }], /api_key.accepts.0.alphabet must be "hex" or /],
    [[{ ...UNKEY, max_length: 21 }], /unkey has a max_length below its min_length/],
    [[{ ...UNKEY, min_length: 0 }], /api_key.accepts.0.min_length must be a whole number from 1 to 128/],
    [[{ ...UNKEY, salt: 'x' }], /api_key.accepts.0.salt must be left out/],
    [
      [{ ...UNKEY, hashed_before: 'ä' }],
      /api_key.accepts.0.hashed_before must be at most 64 characters of ASCII/,
    ],
    [[{ ...UNKEY, lookup_length: 8 }], /lookup_length is for bcrypt/],
    [[{ ...UNKEY, name: 'issued' }], /issued, which is the name of the shape that it issues/],
    [[UNKEY, { ...UNKEY, prefix: 'acme2_' }], /names two accepted shapes unkey/],
    [[{ ...UNKEY, alphabet: 'uuid' }], /is a UUID, so its min_length must be 36/],
    [[{ ...BCRYPT, min_length: 66 }], /looks at the first 72 characters only/],
  ])('that names the field: %j', (accepts, sentence) => {
    expect(mistakesIn(withShapes(accepts))).toContainEqual(expect.stringMatching(sentence));
  });

  test('a short key is refused, because anybody who reads the table could try all texts', () => {
    const short = { ...UNKEY, alphabet: 'hex', min_length: 27, max_length: 40 };
    expect(mistakesIn(withShapes([short, { ...BCRYPT, min_length: 18 }]))).toEqual([
      "The profile's accepted shape unkey has 108 random bits, and a key that is kept as SHA-256 needs 112: min_length must be at least 28.",
      "The profile's accepted shape old-bcrypt has 60 random bits, and a key that is kept as bcrypt with a look-up prefix in the clear needs 64: min_length must be at least 19.",
    ]);
    expect(
      mistakesIn(
        withShapes([
          { ...short, min_length: 28 },
          { ...BCRYPT, min_length: 19 },
        ]),
      ),
    ).toEqual([]);
    const uuid = { name: 'uuid', prefix: '', alphabet: 'uuid', min_length: 36 };
    expect(mistakesIn(withShapes([uuid]))).toEqual([]);
  });

  test('a product that has promised bcrypt accepts no key that is kept as SHA-256', () => {
    const key = { stored_as: 'bcrypt' };
    expect(mistakesIn(withShapes([UNKEY, BCRYPT], standard, key))).toEqual([
      'The profile keeps keys as bcrypt, so it accepts none that are kept as SHA-256.',
    ]);
  });
});

describe('a text has one meaning', () => {
  test.each([
    [{ prefix: 'kwm_', alphabet: 'base62', min_length: 36 }, /mine fits texts of management keys/],
    [{ prefix: 'kws_', alphabet: 'base62', min_length: 36 }, /mine fits texts of sessions\./],
    [{ prefix: 'kwl_', alphabet: 'base62', min_length: 36 }, /mine fits texts of links into the console\./],
    [
      { prefix: '', alphabet: 'base64url', min_length: 40 },
      /mine fits texts of management keys, sessions, links into the console\./,
    ],
    [
      { prefix: 'kw_', alphabet: 'base64url', min_length: 41 },
      /mine fits texts of the shape that the profile issues/,
    ],
    [
      { prefix: 'kw_live_', alphabet: 'hex', min_length: 36 },
      /mine fits texts of the shape that the profile issues/,
    ],
  ])('so no shape may fit what another credential looks like: %j', (shape, sentence) => {
    expect(mistakesIn(withShapes([{ name: 'mine', ...shape }]))).toContainEqual(
      expect.stringMatching(sentence),
    );
  });

  test('so no shape may fit a personal access token', () => {
    const mine = { name: 'mine', prefix: 'sophic_pat_', alphabet: 'base62', min_length: 36 };
    expect(mistakesIn(withShapes([mine], sophic))).toEqual([
      "The profile's accepted shape mine fits texts of personal access tokens.",
    ]);
  });

  test('so two shapes may fit the same text only if they hash it alike', () => {
    const bare = { name: 'bare', prefix: '', alphabet: 'base64url', min_length: 30, max_length: 38 };
    const inside = { name: 'inside', prefix: 'ab_', alphabet: 'hex', min_length: 32 };
    expect(mistakesIn(withShapes([bare, inside]))).toEqual([]);
    for (const other of [
      { hashed: 'after_prefix' },
      { hashed_before: 'x' },
      { hashed_after: 'x' },
      { stored_as: 'bcrypt' },
    ])
      expect(mistakesIn(withShapes([bare, { ...inside, ...other }]))).toEqual([
        "The profile's accepted shapes bare and inside fit the same texts and hash them in two ways.",
      ]);
  });

  test('an issued key without prefix and checksum may share its shape with keys that are hashed alike', () => {
    const key = { prefix: '', random_length: 40, checksum: false };
    const older = { name: 'api-gateway', prefix: '', alphabet: 'base62', min_length: 20, max_length: 128 };
    expect(mistakesIn(withShapes([older], standard, key))).toEqual([]);
    expect(mistakesIn(withShapes([{ ...older, hashed_before: 'x' }], standard, key))).toHaveLength(1);
    expect(mistakesIn(withShapes([older], standard, { ...key, checksum: true }))).toHaveLength(1);
  });

  const alphabet = fc.constantFrom(...(Object.keys(ALPHABETS) as (keyof typeof ALPHABETS)[]));
  const format = fc
    .record({
      prefix: fc.string({ unit: fc.constantFrom('a', 'A', '_', '1'), maxLength: 3 }),
      alphabet,
      minLength: fc.integer({ min: 1, max: 5 }),
      more: fc.nat(2),
    })
    .map(({ more, ...shape }) => ({ ...shape, maxLength: shape.minLength + more }));

  test('two formats overlap exactly if some text has both', () => {
    fc.assert(
      fc.property(format, format, (one, other) => {
        const [short, long] = one.prefix.length <= other.prefix.length ? [one, other] : [other, one];
        const common =
          charactersOf(one.alphabet).find((each) => charactersOf(other.alphabet).includes(each)) ?? '';
        const witnesses = Array.from({ length: 12 }, (_, count) => long.prefix + common.repeat(count));
        const isFit = witnesses.some(
          (text) => hasAcceptedFormat(short, text) && hasAcceptedFormat(long, text),
        );
        expect(overlap(one, other)).toBe(isFit);
        expect(overlap(other, one)).toBe(isFit);
      }),
      { numRuns: 1_000 },
    );
  });
});
