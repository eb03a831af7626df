import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { BASE62, checksum, type KeyFormat } from '../../core/credential/key-text.ts';
import type { MultiValueHeaders } from '../../core/verification/presentation.ts';
import { ROOT } from '../bin/processes.ts';
import { anyText } from '../core/text/any-text.ts';

const base62 = (length: number) =>
  fc.array(fc.constantFrom(...BASE62), { minLength: length, maxLength: length }).map((list) => list.join(''));

/** A text that is right, with at most one thing about it changed. */
export const twisted = (text: string): fc.Arbitrary<string> =>
  fc.oneof(
    fc.constant(text),
    fc.nat(text.length).map((at) => text.slice(0, at) + text.slice(at + 1)),
    fc
      .tuple(fc.nat(text.length), anyText({ maxLength: 2 }))
      .map(([at, odd]) => text.slice(0, at) + odd + text.slice(at)),
    fc
      .tuple(fc.nat(text.length), fc.constantFrom(...BASE62, '-', '_', ' ', '\n', '\0', 'ü'))
      .map(([at, other]) => text.slice(0, at) + other + text.slice(at + 1)),
    fc.constantFrom('\n', ' ', '\0', '=', text).map((behind) => text + behind),
  );

/** Keys of the formats, and what is nearly one. */
export const nearKeys = (formats: readonly KeyFormat[]): fc.Arbitrary<string> =>
  fc.constantFrom(...formats).chain(({ prefix, randomLength, hasChecksum }) =>
    base62(randomLength).chain((random) => {
      const text = prefix + random;
      return twisted(hasChecksum ? text + checksum(text) : text);
    }),
  );

const names = fc.constantFrom(
  ...[
    'Authorization',
    'authorization',
    'AUTHORIZATION',
    'x-sup-api-key',
    'X-Sup-Api-Key',
    'x-sophic-workspace',
  ],
  ...['X-Sophic-Workspace', 'Mcp-Method', 'mcp-name', 'Cookie', '__proto__', 'constructor', ''],
);
const values = fc.oneof(
  fc.constantFrom(
    'Bearer abc',
    'bearer abc==',
    'Bearer  abc',
    'Bearer',
    'Bearer ',
    'abc',
    '',
    'acme',
    'tools/call',
    'records.list',
  ),
  twisted('Bearer kw_live_oQafUlW2jksFO6kdBQbtBnONUEE9x146LdBE'),
  anyText({ maxLength: 30 }),
);

/** Headers in every shape that an event may have them: missing, empty, several, in several spellings. */
export const anyHeaders: fc.Arbitrary<MultiValueHeaders> = fc.dictionary(
  names,
  fc.oneof(
    { weight: 6, arbitrary: fc.array(values, { minLength: 1, maxLength: 1 }) },
    { weight: 1, arbitrary: fc.array(values, { maxLength: 3 }) },
    { weight: 1, arbitrary: fc.constantFrom(undefined, null as unknown as undefined) },
  ),
  { maxKeys: 4, noNullPrototype: false },
);

/** The data of profiles with one value changed somewhere, and data that is none at all. */
export function nearProfiles(profileNames: readonly string[]): fc.Arbitrary<unknown> {
  const texts = profileNames.map((name) => readFileSync(join(ROOT, 'profiles', `${name}.json`), 'utf8'));
  const odd = fc.oneof(
    fc.jsonValue(),
    fc.constantFrom(
      '',
      'GET /**',
      '* /*',
      'kwm_',
      'all',
      'admin',
      '__proto__',
      -1,
      0,
      1.5,
      2 ** 53,
      64,
      null,
      [],
      {},
    ),
    anyText({ maxLength: 40 }),
  );
  const changed = fc.tuple(fc.constantFrom(...texts), fc.nat(400), odd).map(([text, place, value]) => {
    let at = 0;
    return JSON.parse(text, (_, own) => (at++ === place ? value : own));
  });
  return fc.oneof(
    { weight: 8, arbitrary: changed },
    { weight: 1, arbitrary: fc.jsonValue() },
    { weight: 1, arbitrary: fc.anything() },
  );
}
