import { expect, test } from '@jest/globals';
import { parseAllowedOrigins, readAllowedOrigins } from '../../../core/access/allowed-origins.ts';

const parse = (value: unknown) => parseAllowedOrigins(value, 'The setting');

test.each([
  [['https://console.example.com'], ['https://console.example.com']],
  ['https://console.example.com', ['https://console.example.com']],
  [
    'https://a.example, http://localhost:5173 ,http://127.0.0.1:4000,http://localhost',
    ['https://a.example', 'http://localhost:5173', 'http://127.0.0.1:4000', 'http://localhost'],
  ],
  [['https://a.example:8443', 'https://xn--bcher-kva.example'], null],
])('exact origins are taken, in a list or in a text with commas: %j', (value, expected) => {
  expect(parse(value)).toEqual(expected ?? value);
});

const AN_ORIGIN = 'write an origin such as https://console.example.com or http://localhost:5173';
test.each([
  ['*', 'name each origin, since * would let in pages that you did not name'],
  ['https://*.example.com', 'name each origin, since * would let in pages that you did not name'],
  ['https://a.example/', 'leave out the slash at the end, since browsers send none'],
  ['https://a.example/console', 'leave out everything but scheme, host and port'],
  ['https://a.example?x', 'leave out everything but scheme, host and port'],
  ['https://a.example#x', 'leave out everything but scheme, host and port'],
  ['https://me:secret@a.example', 'leave out everything but scheme, host and port'],
  ['http://a.example', 'write https://, since http:// is for localhost and 127.0.0.1 only'],
  ['http://localhost.example', 'write https://, since http:// is for localhost and 127.0.0.1 only'],
  ['https://A.example', 'write https://a.example, as browsers do'],
  ['https://a.example:443', 'write https://a.example, as browsers do'],
  ['https://bücher.example', 'write https://xn--bcher-kva.example, as browsers do'],
  [' https://a.example', 'write https://a.example, as browsers do'],
  ["https://a'b.example", 'the host may have letters, digits, dots and hyphens'],
  ['https://[::1]', 'the host may have letters, digits, dots and hyphens'],
  ['', 'an origin is missing there'],
  ['null', AN_ORIGIN],
  ['a.example', AN_ORIGIN],
  ['ftp://a.example', AN_ORIGIN],
  ['https://', AN_ORIGIN],
  ['https://a.example:99999', AN_ORIGIN],
])('what no browser sends as an origin is refused, and the sentence says what to do: %j', (text, todo) => {
  const sentence = `The setting holds ${JSON.stringify(text)}: ${todo}.`;
  expect(() => parse(['https://first.example', text])).toThrow(sentence);
});

test.each([[undefined], [null], [''], [' '], [[]], [{}], [7], [true], [['https://a.example', 7]]])(
  'what is no list of origins is refused: %j',
  (value) => {
    expect(() => parse(value)).toThrow(
      'The setting must be a list of origins, or a text with commas between them, such as https://console.example.com.',
    );
  },
);

test('an origin that is named twice, one that is missing between commas, and a list too long for API Gateway are refused', () => {
  const one = 'https://a.example';
  expect(() => parse([one, one])).toThrow(`The setting holds "${one}": names it twice.`);
  expect(() => parse(`${one},,http://localhost`)).toThrow(
    'The setting holds "": an origin is missing there.',
  );
  const many = Array.from({ length: 30 }, (_, index) => `https://a-${10 + index}.example`);
  expect(parse(many.slice(0, 24)).length).toBe(24);
  expect(() => parse(many)).toThrow('The setting must have at most 512 characters in all, commas included.');
});

test('an API that names no origins allows none', () => {
  for (const variables of [undefined, null, {}, { other: 'https://a.example' }])
    expect(readAllowedOrigins(variables)).toEqual([]);
});

test('a stage variable that holds no text, or commas alone, names no origin', () => {
  for (const keywardAllowedOrigins of ['', ' ', ',', ' , '])
    expect(readAllowedOrigins({ keywardAllowedOrigins })).toEqual([]);
  expect(readAllowedOrigins({ keywardAllowedOrigins: 'https://a.example,, https://b.example,' })).toEqual([
    ...['https://a.example', 'https://b.example'],
  ]);
});
