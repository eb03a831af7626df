import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { headerValues, readCredential } from '../../../core/verification/presentation.ts';
import { challengeOf } from '../../../core/verification/refusal.ts';
import { anyText } from '../text/any-text.ts';

const BEARER = { kind: 'bearer' } as const;
const HEADER = { kind: 'header', header: 'x-sup-api-key' } as const;
const KEY = 'kw_live_0123456789abcdefghijklmnopqrst000000';

const bearer = (...values: string[]) => readCredential(BEARER, { Authorization: values });

describe('a bearer credential', () => {
  test.each([`Bearer ${KEY}`, `bearer ${KEY}`, `BEARER ${KEY}`, `Bearer    ${KEY}`])(
    'is taken out of %j',
    (value) => {
      expect(bearer(value)).toEqual({ kind: 'presented', text: KEY });
    },
  );

  test.each(['Authorization', 'authorization', 'AUTHORIZATION', 'aUtHoRiZaTiOn'])(
    'is found under %s',
    (name) => {
      expect(readCredential(BEARER, { [name]: [`Bearer ${KEY}`] })).toEqual({
        kind: 'presented',
        text: KEY,
      });
    },
  );

  test.each([
    '',
    ' ',
    'Bearer',
    'Bearer ',
    KEY,
    `Basic ${KEY}`,
    `Bearer${KEY}`,
    `Bearer\t${KEY}`,
    ` Bearer ${KEY}`,
    `Bearer ${KEY} `,
    `Bearer ${KEY}\n`,
    `Bearer ${KEY}, Bearer ${KEY}`,
    `Basic abc, Bearer ${KEY}`,
    `Bearer ${KEY},Basic abc`,
    `Bearer Bearer ${KEY}`,
    `Bearer "${KEY}"`,
    `Bearer =${KEY}`,
    'Bearer ключ',
    'Bearer \ud800',
  ])('is malformed in %j', (value) => {
    expect(bearer(value)).toEqual({ kind: 'malformed' });
  });

  test('is missing without its own header, whatever other headers hold', () => {
    expect(readCredential(BEARER, {})).toEqual({ kind: 'missing' });
    expect(readCredential(BEARER, { Authorization: [] })).toEqual({ kind: 'missing' });
    expect(readCredential(BEARER, { Authorization: undefined })).toEqual({ kind: 'missing' });
    const elsewhere = {
      'x-api-key': [KEY],
      'Proxy-Authorization': [`Bearer ${KEY}`],
      Cookie: [`key=${KEY}`],
    };
    expect(readCredential(BEARER, elsewhere)).toEqual({ kind: 'missing' });
  });
});

describe('more than one credential is refused, in either order', () => {
  test('as two values of one header', () => {
    expect(bearer(`Bearer ${KEY}`, 'Bearer other')).toEqual({ kind: 'malformed' });
    expect(bearer(`Bearer ${KEY}`, `Bearer ${KEY}`)).toEqual({ kind: 'malformed' });
    expect(bearer('', `Bearer ${KEY}`)).toEqual({ kind: 'malformed' });
  });

  test('as two spellings of one header', () => {
    for (const names of [
      ['Authorization', 'authorization'],
      ['AUTHORIZATION', 'Authorization'],
    ]) {
      const headers = Object.fromEntries(names.map((name) => [name, [`Bearer ${KEY}`]]));
      expect(readCredential(BEARER, headers)).toEqual({ kind: 'malformed' });
    }
  });

  test('as two values of the product’s own header', () => {
    expect(readCredential(HEADER, { 'X-Sup-Api-Key': [KEY], 'x-sup-api-key': [KEY] })).toEqual({
      kind: 'malformed',
    });
    expect(readCredential(HEADER, { 'x-sup-api-key': [KEY, 'other'] })).toEqual({ kind: 'malformed' });
  });
});

test('a header of the product holds the bare credential, and an empty header holds none', () => {
  expect(readCredential(HEADER, { 'X-SUP-API-KEY': [KEY] })).toEqual({ kind: 'presented', text: KEY });
  expect(readCredential(HEADER, { 'x-sup-api-key': [''] })).toEqual({ kind: 'missing' });
  expect(readCredential(HEADER, { authorization: [`Bearer ${KEY}`] })).toEqual({ kind: 'missing' });
});

test('values of ten kilobytes are read quickly', () => {
  const started = process.threadCpuUsage();
  for (const long of ['a'.repeat(10_000), '='.repeat(10_000), ' '.repeat(10_000), 'a='.repeat(5_000)]) {
    bearer(`Bearer ${long}`);
    bearer(`Bearer ${' '.repeat(5_000)}${long}!`);
  }
  // Of the processor, in microseconds: other work on the machine does not count.
  expect(process.threadCpuUsage(started).user).toBeLessThan(500_000);
});

test('no headers make reading a credential throw, and a credential that is read was really sent', () => {
  const headers = fc.dictionary(
    fc.oneof(fc.constantFrom('Authorization', 'authorization', 'x-sup-api-key', '__proto__'), fc.string()),
    fc.array(fc.oneof(anyText(), fc.constantFrom(`Bearer ${KEY}`, 'Bearer')), {
      maxLength: 3,
    }),
  );
  fc.assert(
    fc.property(headers, fc.constantFrom(BEARER, HEADER), (given, presentation) => {
      const presented = readCredential(presentation, given);
      if (presented.kind !== 'presented') return;
      const name = presentation.kind === 'bearer' ? 'authorization' : presentation.header;
      expect(headerValues(given, name).join()).toContain(presented.text);
    }),
    { numRuns: 1_000 },
  );
});

test('the challenge of a 401 names the scheme or the header of the credential', () => {
  expect(challengeOf(BEARER, 'standard')).toBe('Bearer realm="standard"');
  expect(challengeOf(HEADER, 'supertone')).toBe('ApiKey realm="supertone", header="x-sup-api-key"');
});
