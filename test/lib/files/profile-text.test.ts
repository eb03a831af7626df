import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { loadProfile } from '../../../lib/files/profile-file.ts';
import { readProfileText } from '../../../lib/files/profile-text.ts';

const { path } = loadProfile('standard');
const STANDARD = readFileSync(path, 'utf8');

/** A change of the profile's text: what stands there once, and what stands there instead. */
type Change = readonly [string, string];

const changed = (...changes: readonly Change[]): string =>
  changes.reduce((text, [before, after]) => {
    expect(text.split(before)).toHaveLength(2);
    return text.replace(before, after);
  }, STANDARD);

/** As a compiler prints them. */
function mistakesIn(text: string): string[] {
  const read = readProfileText(text, path);
  if (read.kind === 'value') return [];
  return read.mistakes.map(({ line, column, sentence }) => `${line}:${column} ${sentence}`);
}

/** The line and column, counted from 1, at which a text begins. */
function placeOf(text: string, part: string): string {
  const lines = text.slice(0, text.indexOf(part)).split('\n');
  return `${lines.length}:${(lines.at(-1) ?? '').length + 1}`;
}

test.each<[string, Change, string, string]>([
  [
    'a comma behind the last field',
    ['"window_seconds": 60 },\n      "pro"', '"window_seconds": 60, },\n      "pro"'],
    ', }',
    'JSON has no comma before }: take this one away.',
  ],
  [
    'a comma behind the last value of a list',
    ['"* /billing/**"\n  ]', '"* /billing/**",\n  ]'],
    ',\n  ]',
    'JSON has no comma before ]: take this one away.',
  ],
  [
    'a comment on a line',
    ['"realm": "standard",', '"realm": "standard", // told in a 401'],
    '// told',
    'JSON has no comments: take this one away.',
  ],
  [
    'a comment of several lines',
    ['"realm": "standard",', '/* told\n in a 401 */ "realm": "standard",'],
    '/* told',
    'JSON has no comments: take this one away.',
  ],
  [
    'a missing comma',
    ['"realm": "standard",', '"realm": "standard"'],
    '"presentation"',
    'A comma must stand between two fields, and between two values of a list.',
  ],
  [
    'a name without quotes',
    ['"realm":', 'realm:'],
    'realm:',
    'realm is not valid JSON. Put names and texts in double quotes.',
  ],
  [
    'single quotes',
    ['"realm":', "'realm':"],
    "'realm'",
    "'realm' is not valid JSON. Put names and texts in double quotes.",
  ],
  [
    'True of Python',
    ['"checksum": true', '"checksum": True'],
    'True',
    'True is not valid JSON. Put names and texts in double quotes.',
  ],
  [
    'a field that stands twice',
    ['"realm": "standard",', '"realm": "standard",\n  "realm": "other",'],
    '"realm": "other"',
    'The field "realm" stands twice in one object.',
  ],
])('%s is told with its line, its column and the reason', (_, change, part, sentence) => {
  const text = changed(change);
  expect(mistakesIn(text)).toEqual([`${placeOf(text, part)} ${sentence}`]);
});

test('a byte order mark, an empty file and an unfinished file each have their own error', () => {
  expect(mistakesIn(`\uFEFF${STANDARD}`)).toEqual([
    '1:1 The file starts with a byte order mark: save it as UTF-8 without one.',
  ]);
  expect(mistakesIn(' \n')).toEqual([expect.stringMatching(/^\d+:\d+ The file is empty\.$/)]);
  expect(mistakesIn(STANDARD.trimEnd().slice(0, -1))).toEqual([
    expect.stringMatching(/The object is not closed: a } is missing\.$/),
  ]);
});

test('lines are also counted in files with Windows line ends', () => {
  const text = changed(['"realm": "standard"', '"realm": 5']).replaceAll('\n', '\r\n');
  expect(mistakesIn(text)).toEqual([
    "3:12 The profile's realm must be a realm of letters, digits, blanks and . _ -.",
  ]);
});

test('all mistakes of syntax, of fields and of their agreement are reported at once, in the order of the file', () => {
  const text = changed(
    ['"realm": "standard",', '"raelm": "standard", // told in a 401'],
    ['"kw_live_"', '"inv-live_"'],
    ['"GET /users/**", "GET /projects/**"', '"GET /usrs/**", "GET /projects/**"'],
    ['"implies": ["read:all", "write:all"]', '"implies": ["raed:all", "write:all"]'],
    ['"default_plan": "free"', '"default_plan": "fre"'],
    [
      '"free": { "limit": 60, "window_seconds": 60 }',
      '"free": { "limit": 0, "window_seconds": 60, "a": 1, "b": 2, }',
    ],
  );
  const at = (part: string, sentence: string) => `${placeOf(text, part)} ${sentence}`;
  const unknown = 'must be left out, since no such field is known';
  expect(mistakesIn(text)).toEqual([
    at('"raelm"', `The profile's raelm ${unknown} (did you mean realm?).`),
    at('// told', 'JSON has no comments: take this one away.'),
    at(
      '"inv-live_"',
      'The profile\'s api_key.prefix must be a prefix without "-": it may have lower-case letters, digits and _ and nothing else.',
    ),
    at(
      '"GET /usrs/**"',
      'The profile grants GET /usrs/**, which is not among its routes; did you mean * /users/**?',
    ),
    at('"raed:all"', 'The profile uses the scope raed:all but does not define it; did you mean read:all?'),
    at(
      '0, "window_seconds"',
      "The profile's rate_limits.plans.free.limit must be a whole number from 1 to 1000000.",
    ),
    at('"a": 1', `The profile's rate_limits.plans.free.a ${unknown}.`),
    at('"b": 2', `The profile's rate_limits.plans.free.b ${unknown}.`),
    at(', }', 'JSON has no comma before }: take this one away.'),
  ]);
});

test.each([
  ['inv-live_', 'without "-": it may have lower-case letters, digits and _ and nothing else'],
  ['Live_', 'without "L": it may have lower-case letters, digits and _ and nothing else'],
  ['live', 'that ends in _, or an empty text'],
  ['1live_', 'that starts with a lower-case letter, or an empty text'],
  [`${'l'.repeat(32)}_`, 'of at most 32 characters'],
])('the prefix %s is refused for the reason that holds for it', (prefix, reason) => {
  expect(mistakesIn(changed(['"kw_live_"', JSON.stringify(prefix)]))).toEqual([
    expect.stringContaining(`api_key.prefix must be a prefix ${reason}.`),
  ]);
});

test.each([
  ['records.list', 'a route such as "GET /users/**"; the name of a tool stands in mcp.tools'],
  ['records.*', 'a route such as "GET /users/**"; the name of a tool stands in mcp.tools'],
  ['create_issue', 'a route such as "GET /users/**"; the name of a tool stands in mcp.tools'],
  ['/users', 'a method and a path, such as "GET /users/**", or "* /users/**" for any method'],
  ['get /users', 'a route whose method is in capitals, such as "GET /users/**"'],
  [
    'FETCH /users',
    'a route whose method is * or one of GET, POST, PUT, PATCH, DELETE, HEAD, OPTIONS, such as "GET /users/**"',
  ],
  ['GET users', 'a route whose path begins with a slash, such as "GET /users/**"'],
  [
    'GET /users/',
    'a route without an empty part: no slash at the end, and no two in a row, such as "GET /users/**"',
  ],
  [
    'GET /us*',
    'a route whose wildcards are whole parts of its path, ** as the last one only, such as "GET /users/**"',
  ],
])('the route %s is refused for the reason that holds for it', (route, reason) => {
  expect(
    mistakesIn(
      changed([
        '"* /team/**",\n    "* /billing/**"\n  ]',
        `${JSON.stringify(route)}, "* /team/**", "* /billing/**"]`,
      ]),
    ),
  ).toEqual([expect.stringContaining(`The profile's routes.4 must be ${reason}.`)]);
});

test('a part that cannot be parsed causes no further mistakes', () => {
  expect(mistakesIn(changed(['"routes": [', '"rotues": [']))).toEqual([
    expect.stringContaining('did you mean routes?'),
  ]);
  expect(mistakesIn(changed(['"name": "write:all"', '"name": 5']))).toEqual([
    expect.stringContaining('scopes.1.name'),
  ]);
});

test.each<[string, Change, string]>([
  ['a misspelt field', ['"realm"', '"raelm"'], 'raelm must be left out'],
  ['a misspelt field of a part', ['"prefix"', '"prefx"'], 'api_key.prefx must be left out'],
  ['a misspelt role', ['"owner"', '"onwer"'], 'role_scopes.onwer must be left out'],
  ['a misspelt field of a scope', ['"implies"', '"implise"'], 'scopes.2.implise must be left out'],
  [
    'a misspelt grant',
    ['"* /team/**",\n        "* /b', '"* /taem/**",\n        "* /b'],
    'did you mean * /team/**?',
  ],
  [
    'a name that no file can have',
    ['"name": "standard"', '"name": "Standard"'],
    'must be a name without "S"',
  ],
  [
    'a list in place of an object',
    ['{ "requires_name": true, "requires_scopes": true }', '[]'],
    'issuing must be an object.',
  ],
  ['a hexadecimal number', [': 30', ': 0x1E'], '0x1E is not valid JSON. Write numbers such as 30.'],
  ['a number with a zero in front', [': 30', ': 030'], '030 is not valid JSON.'],
  ['a number with a plus', [': 30', ': +30'], '+30 is not valid JSON.'],
  ['a number with an underscore', [': 6000', ': 6_000'], '6_000 is not valid JSON.'],
  ['a number that ends with a point', [': 30', ': 3.'], '3. is not valid JSON.'],
  [
    'a list of texts in single quotes',
    ['["read:all", "write:all"] }', "['read:all'] }"],
    "'read:all' is not valid",
  ],
])('%s is one mistake and brings no second one', (_, change, part) => {
  expect(mistakesIn(changed(change))).toEqual([expect.stringContaining(part)]);
});

test.each(['[]', '[{}]', '5', '"standard"', 'null'])(
  '%s is no object, and that is all that is said',
  (text) => {
    expect(mistakesIn(text)).toEqual(['1:1 The profile must be an object.']);
  },
);

test('$schema is for editors and is no setting', () => {
  const text = changed(['"name": "standard"', '"$schema": "./profile.schema.json",\n  "name": "standard"']);
  const read = readProfileText(text, path);
  const { profile, console } = loadProfile('standard');
  expect(read).toEqual({ kind: 'value', value: { profile, console } });
});

test('a file that is too long or too deep is refused with a sentence, and one of very many mistakes is read', () => {
  const deep = `{\n "name": ${'['.repeat(5_000)}${']'.repeat(5_000)} }`;
  expect(mistakesIn(deep)).toEqual(['2:73 Objects and lists stand more than 64 deep here.']);
  expect(mistakesIn(`${STANDARD}${' '.repeat(131_072)}`)).toEqual([
    '1:1 The file is longer than 131072 characters, which none needs.',
  ]);
  const unknown = Array.from({ length: 500 }, (_, index) => `"x${index}": 1,\n`).join('');
  expect(mistakesIn(`{${unknown}"x1": 2}`).length).toBeGreaterThan(500);
  expect(mistakesIn(`{${','.repeat(20_000)}}`).length).toBeGreaterThan(0);
});
