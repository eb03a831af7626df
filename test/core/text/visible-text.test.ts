import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { canNameUser, isUserId } from '../../../core/access/identity.ts';
import { parseTimestamp } from '../../../core/text/timestamp.ts';
import { hasSomethingVisible, isDescription, isName } from '../../../core/text/visible-text.ts';

/** Some of all code points, spread over every block. */
const SOME = Array.from({ length: 0x110000 / 16 }, (_, index) =>
  String.fromCodePoint(index * 16 + (index % 16)),
);

/** Those among them that Unicode calls so. */
function codePoints(property: string): string[] {
  const wanted = new RegExp(String.raw`^\p{${property}}$`, 'u');
  return SOME.filter((character) => wanted.test(character));
}

const FAMILY = '👨‍👩‍👧‍👦';
const BLANK = [
  ...[
    '\u200b',
    '\u3164',
    '\u2800',
    '\u115f',
    '\u1160',
    '\uffa0',
    '\u00ad',
    '\u2060',
    '\ufeff',
    '\u034f',
    '\u180e',
  ],
  ...[
    '\ufe0f',
    '\u{e0100}',
    '\u{e0041}',
    '\u{e007f}',
    '\u{1d159}',
    '\u{13441}',
    '\u00a0',
    '\u3000',
    '\u2003',
  ],
  ...['\uffff', '\u{10ffff}', '\u{ffffe}', '\u0378', '\u0301', '\u200d', '\ufffc', ' ', '', '\t'],
];
const DEFAULT_IGNORABLE = codePoints('Default_Ignorable_Code_Point');

describe('the check for something visible', () => {
  test('refuses text made only of blanks, fillers, selectors, tags and unassigned characters', () => {
    for (const text of [...BLANK, ...DEFAULT_IGNORABLE, ...codePoints('White_Space'), ...codePoints('Cf')]) {
      expect([text, hasSomethingVisible(text)]).toEqual([text, false]);
      expect([text, isName(text.repeat(3)), isDescription(text.repeat(3))]).toEqual([text, false, false]);
    }
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...BLANK)), (blanks) => !hasSomethingVisible(blanks.join(''))),
    );
  });

  test('accepts every letter, digit, punctuation mark and symbol of any script, also beside blanks', () => {
    for (const text of [
      'a',
      '7',
      '-',
      '€',
      'ß',
      'я',
      'ع',
      'क्षि',
      '漢',
      'あ',
      '한',
      '፩',
      '𒀀',
      '⠁',
      '🔑',
      FAMILY,
      '🏴󠁧󠁢󠁥󠁮󠁧󠁿',
      '1️⃣',
    ])
      for (const blank of ['', '\u200b', ' ']) expect(isName(`${blank}${text}${blank}`)).toBe(true);
  });
});

describe('a name', () => {
  const ONE_CHARACTER = [
    ...['n', 'é', 'e\u0301', '🔑', FAMILY, '👩🏽‍❤️‍💋‍👨🏿', '🏴󠁧󠁢󠁥󠁮󠁧󠁿', '🇩🇪', '1️⃣'],
    ...['क्षि', 'நி', 'ก็', 'a\u0308\u0332\u0301', '각', '葛\u{e0100}'],
  ];

  test('has 1 to 100 characters as people count them, however they are encoded', () => {
    for (const character of ONE_CHARACTER) {
      const name = (length: number) => isName(character.repeat(length));
      expect([character, name(1), name(100), name(101)]).toEqual([character, true, true, false]);
      expect(isDescription(character.repeat(500))).toBe(true);
      expect(isDescription(character.repeat(501))).toBe(false);
    }
  });

  test('has at most 4,000 bytes, so that one letter does not carry thousands of marks', () => {
    expect(isName(`e${'\u0301'.repeat(1_999)}`)).toBe(true);
    expect(isName(`e${'\u0301'.repeat(2_000)}`)).toBe(false);
    expect(isDescription(`e${'\u0301'.repeat(9_999)}`)).toBe(true);
    expect(isDescription(`e${'\u0301'.repeat(10_000)}`)).toBe(false);
  });

  test('has no line breaks; a description may have them, and neither can steer a terminal', () => {
    expect(isName('two\nlines')).toBe(false);
    for (const text of ['two\nlines', 'two\r\nlines', '\nthree\n\n']) expect(isDescription(text)).toBe(true);
    for (const control of ['\r', '\t', '\u0000', '\u001b', '\u0085', '\u2028', '\u202e', '\ud800'])
      expect([isName(`a${control}b`), isDescription(`a${control}b`)]).toEqual([false, false]);
  });

  test('that fills a whole request body is measured quickly', () => {
    const hostile = [
      `e${'\u0301'.repeat(32_000)}`,
      FAMILY.repeat(2_600),
      'n'.repeat(65_000),
      '\u200b'.repeat(21_000),
    ];
    const begun = process.threadCpuUsage();
    for (const text of hostile) expect([isName(text), isDescription(text)]).toEqual([false, false]);
    // Of the processor, in microseconds: a hundred times what it takes on a slow machine, whatever else that does.
    expect(process.threadCpuUsage(begun).user).toBeLessThan(5_000_000);
  });
});

describe('a user’s id', () => {
  test('may use every script, with marks, digits, symbols and spaces between', () => {
    for (const id of [
      'auth0|5f7c',
      'a/b c?d#e%2F',
      'ünï#MEMBER#x',
      'Ada Lovelace',
      'क्षि',
      'ישראל',
      '漢字',
      '한글',
      '🔑',
      'u'.repeat(255),
    ])
      expect([id, isUserId(id)]).toEqual([id, true]);
    for (const script of [
      'Greek',
      'Cyrillic',
      'Arabic',
      'Devanagari',
      'Thai',
      'Han',
      'Hangul',
      'Ethiopic',
      'Cherokee',
    ])
      for (const letter of codePoints(`Script=${script}`).filter(
        (one) => /\p{L}/u.test(one) && one.normalize('NFC') === one,
      ))
        expect([letter, isUserId(`${letter}1`)]).toEqual([letter, true]);
  });

  test('has one spelling only: other normal forms, invisible characters and outer blanks are refused', () => {
    const invisible = [
      ...BLANK.filter((blank) => blank !== '' && blank !== ' ' && blank !== '\u0301'),
      ...DEFAULT_IGNORABLE,
    ];
    for (const character of [
      ...invisible,
      ...codePoints('C').filter((_, index) => index % 601 === 0),
      '\u{10fffd}',
      '\ue000',
    ])
      for (const id of [`${character}usr`, `usr${character}`, `us${character}r`, character])
        expect([id, isUserId(id)]).toEqual([id, false]);
    for (const id of [
      ' usr',
      'usr ',
      ' ',
      '',
      'e\u0301',
      '\u212b',
      '\u0958',
      '\u2126',
      'u'.repeat(256),
      'ä'.repeat(128),
    ])
      expect([id, isUserId(id)]).toEqual([id, false]);
  });

  test('never looks the same as another user’s id, because only one of two ids that look alike is valid', () => {
    const noise = fc.constantFrom(...BLANK.filter((blank) => !['\u0301', ''].includes(blank)), '\u0007');
    const text = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 12 });
    fc.assert(
      fc.property(text, noise, fc.nat(12), fc.constantFrom('NFC', 'NFD'), (id, added, place, form) => {
        const other = `${id.slice(0, place)}${added === ' ' ? '' : added}${id.slice(place)}`.normalize(form);
        expect(other !== id && isUserId(id) && isUserId(other)).toBe(false);
      }),
      { numRuns: 500 },
    );
  });

  test('from before this rule may still be named, so that its holder can be looked at and removed', () => {
    for (const id of ['\u{10ffff}x', 'usr ', 'e\u0301', '\u200b', 'u\u00a0'])
      expect(canNameUser(id)).toBe(true);
    for (const id of ['', ' ', 'u'.repeat(256), 'a\nb', '\ud800', 'a\u202eb'])
      expect(canNameUser(id)).toBe(false);
  });
});

describe('a time', () => {
  const secondsOf = (text: string) => parseTimestamp(text)?.seconds;
  const JANUARY = Date.UTC(2027, 0, 1) / 1000;

  test('is read in either case, with any fraction and any zone', () => {
    for (const text of [
      ...['2027-01-01T00:00:00Z', '2027-01-01t00:00:00z', '2027-01-01T00:00Z', '2027-01-01T00:00:00-00:00'],
      ...['2027-01-01t05:30:00+05:30', '2026-12-31T16:00:00-08:00', '2027-01-01T00:00:00.000000000000Z'],
    ])
      expect([text, parseTimestamp(text)]).toEqual([text, { seconds: JANUARY, hasFraction: false }]);
    expect(parseTimestamp('2027-01-01T00:00:00.0000000001z')).toEqual({
      seconds: JANUARY,
      hasFraction: true,
    });
  });

  test('may be a leap second, which counts as the next second, but only where leap seconds occur', () => {
    for (const text of ['2026-12-31T23:59:60Z', '2026-12-31t23:59:60.9z', '2027-01-01T05:29:60+05:30'])
      expect([text, secondsOf(text)]).toEqual([text, JANUARY]);
    for (const text of [
      '2027-01-01T00:00:60Z',
      '2026-12-30T23:59:60Z',
      '2026-12-31T23:58:60Z',
      '2026-12-31T23:59:61Z',
    ])
      expect([text, secondsOf(text)]).toEqual([text, undefined]);
  });

  test('is refused if its UTC year does not have four digits', () => {
    const zone = fc
      .tuple(fc.constantFrom('+', '-'), fc.integer({ min: 0, max: 23 }), fc.integer({ min: 0, max: 59 }))
      .map(([sign, ...parts]) => sign + parts.map((part) => String(part).padStart(2, '0')).join(':'));
    const edge = fc.constantFrom('0000-01-01T00:00:00', '9999-12-31T23:59:59', '9999-12-31T00:30:00');
    const anyTime = fc
      .date({ min: new Date('0001-01-01'), max: new Date('9998-12-31'), noInvalidDate: true })
      .map((date) => date.toISOString().slice(0, 19));
    fc.assert(
      fc.property(fc.oneof(edge, anyTime), zone, (local, offset) => {
        const seconds = secondsOf(local + offset);
        const year = new Date(`${local}${offset}`).getUTCFullYear();
        expect([local, offset, seconds === undefined]).toEqual([local, offset, year < 0 || year > 9999]);
        if (seconds !== undefined) expect(secondsOf(new Date(seconds * 1000).toISOString())).toBe(seconds);
      }),
    );
  });

  test('is refused without a zone, on a day that does not exist, or in another form', () => {
    for (const text of [
      ...[
        '',
        '2027-01-01',
        '2027-01-01T00:00:00',
        '2027-02-30T00:00:00Z',
        '2027-13-01T00:00:00Z',
        '20270101T000000Z',
      ],
      ...[
        '2027-01-01T25:00:00Z',
        '2027-01-01T24:00:00Z',
        '2027-01-01T00:00:00+24:00',
        '2027-01-01T00:60:00Z',
        '2027-01-01T00:00:00+99:00',
        '2027-01-01 00:00:00Z',
      ],
      ...['+012027-01-01T00:00:00Z', '2027-01-01T00:00:00.Z', '2027-01-01T00:00:00Z ', '1767225600'],
    ])
      expect([text, secondsOf(text)]).toEqual([text, undefined]);
  });
});
