import type { MANAGEMENT_ROUTES } from '../../core/management/route.ts';

/** Inputs that no route of the management API may accept. */
export interface Case {
  readonly what: string;
  /** Made from the route's template; absent for the workspace and key of the test. */
  readonly path?: (template: string) => string;
  readonly query?: string;
  /** Texts are sent as they are. */
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  readonly status: 400 | 404 | 413;
  /** `null` where a 404 names none. */
  readonly field: string | null;
}

type Named<Route> = Route extends { readonly method: infer Method; readonly path: infer Path }
  ? `${Method & string} ${Path & string}`
  : never;
export type RouteName = Named<(typeof MANAGEMENT_ROUTES)[number]>;

export interface Issued {
  readonly key: { readonly id: string };
  readonly secret: string;
}

/** Stands in bad values, so that an answer which repeats its input gives itself away. */
export const CANARY = 'Canary0bird';

export function cases(
  what: string,
  status: Case['status'],
  inputs: readonly (readonly [body: unknown, field: string | null])[],
): Case[] {
  return inputs.map(([body, field]) => ({
    what: `${what} ${JSON.stringify(body).slice(0, 90)}`,
    status,
    body,
    field,
  }));
}

const raw = (body: string, headers = {}): Case => ({
  what: `the body ${JSON.stringify(body).slice(0, 60)}`,
  status: 400,
  field: 'body',
  body,
  headers,
});

/** Bodies that are no JSON object. */
export const UNREADABLE: readonly Case[] = [
  ...[
    '',
    ' ',
    CANARY,
    '{',
    `{"name":"${CANARY}"`,
    `{name:"${CANARY}"}`,
    '[]',
    '[{}]',
    'null',
    '7',
    'true',
  ].map((text) => raw(text)),
  raw(`"${CANARY}"`),
  raw(`\u0000\u0001\ufffd${CANARY}`, { 'Content-Type': 'application/octet-stream' }),
  raw(Buffer.from(`{"name":"${CANARY}"}`).toString('base64'), { 'Content-Transfer-Encoding': 'base64' }),
  { what: 'Latin-1', status: 400, field: 'body', body: Buffer.from(`{"name":"${CANARY}é"}`, 'latin1') },
  { what: 'UTF-16', status: 400, field: 'body', body: Buffer.from(`\ufeff{"name":"${CANARY}"}`, 'utf16le') },
  raw(`name=${CANARY}&scopes=admin`, { 'Content-Type': 'application/x-www-form-urlencoded' }),
];

export const TOO_LARGE: readonly Case[] = [
  `{"name":"${'a'.repeat(2 ** 20)}"}`,
  ' '.repeat(65_537),
  // 65,538 bytes, though fewer characters.
  `"${'ä'.repeat(32_768)}"`,
].map((body, index) => ({ what: `the large body ${index}`, status: 413, field: 'body', body }));

const bad = (field: string, values: readonly unknown[], at = field) =>
  values.map((value) => ({ fields: { [field]: value }, at }));

const NO_TEXT = [5, true, [CANARY], { a: CANARY }, ' \t ', '\n'];
/** Nothing to see. */
const INVISIBLE = ['\u200b', '\u3164 \u2800', '\u115f', '\ufe0f', '\u{e0041}\u{e007f}', '\u0301', '\uffff'];
const STEERING = [
  '\u0000',
  '\u001b[2J',
  '\u007f',
  '\u0085',
  '\u2028',
  '\u202e',
  '\u2066',
  '\u200f',
  '\u061c',
  '\ud800',
];
const steered = STEERING.map((character) => `${CANARY}${character}x`);
const limit = (over: object) => ({ limit: 5, window_seconds: 60, ...over });

/** By kind of field: what is wrong, and the path of the field that the answer has to name. */
const FIELDS = {
  name: bad('name', [
    ...[null, '', 'two\nlines', ...NO_TEXT, ...INVISIBLE, ...steered, CANARY.repeat(27).slice(0, 300)],
    ...['n'.repeat(101), '\u{1f511}'.repeat(101), `e${'\u0301'.repeat(2_000)}`],
  ]),
  memberName: bad('name', [
    ...['two\nlines', ...NO_TEXT, ...INVISIBLE, ...steered, CANARY.repeat(27).slice(0, 300)],
    ...['n'.repeat(101), '\u{1f511}'.repeat(101), `e${'\u0301'.repeat(2_000)}`],
  ]),
  description: bad('description', [...NO_TEXT, ...INVISIBLE, ...steered, CANARY.repeat(50), 'a\rb', 'a\tb']),
  externalId: bad('external_id', [
    ...['', ...NO_TEXT, ...INVISIBLE, ...steered, `${CANARY}\n`, CANARY.repeat(27)],
    ...['n'.repeat(129), '\u{1f511}'.repeat(129), `e${'\u0301'.repeat(256)}`],
  ]),
  imported: [
    ...bad('keys', [null, {}, CANARY, 5, [], Array.from({ length: 101 }, () => ({}))]),
    ...bad('dry_run', [null, 'true', 1, []]),
  ],
  slug: bad('slug', [
    ...NO_TEXT,
    '',
    null,
    CANARY,
    '-a',
    'a-',
    'a_b',
    'ä',
    'a/b',
    'a#b',
    'a'.repeat(41),
    '__proto__',
  ]),
  plan: bad('plan', ['', ...NO_TEXT, null, CANARY, 'Free', '__proto__', 'constructor']),
  role: bad('role', [null, '', 5, [], 'Owner', 'none', CANARY, '__proto__', ['owner']]),
  user: bad('created_by', [
    ...['', ...NO_TEXT, null, ...INVISIBLE, ...steered, CANARY.repeat(30)],
    ...[
      `${CANARY} `,
      ` ${CANARY}`,
      `${CANARY}e\u0301`,
      `${CANARY}\u200b`,
      `a\u00a0${CANARY}`,
      `\u{10ffff}${CANARY}`,
    ],
  ]),
  email: bad('email', [
    ...[null, 5, [CANARY], {}, '', ' ', CANARY, '@', `${CANARY}@`, '@example.com', `${CANARY}@localhost`],
    ...[
      `${CANARY}@example.com `,
      `${CANARY}@@example.com`,
      `${CANARY} <a@example.com>`,
      `${CANARY}@exa mple.com`,
    ],
    ...[
      `${CANARY}@-example.com`,
      `${CANARY}@example..com`,
      `${CANARY}@example.com\u0000`,
      `${CANARY}@ex\u00e4mple.com`,
    ],
    // The Kelvin sign, which becomes an ASCII letter when it is lowered.
    ...[`\u212aanary@example.com`, `${'a'.repeat(65)}@example.com`, `a@${'b.'.repeat(130)}com`],
  ]),
  scopes: [
    ...bad('scopes', [null, 'read:all', {}, 5, []]),
    ...bad(
      'scopes',
      [[CANARY], ['READ:ALL'], ['*'], ['all'], ['__proto__'], [null], [['admin']]],
      'scopes.0',
    ),
    ...bad('scopes', [['read:all', CANARY]], 'scopes.1'),
  ],
  tokenScopes: [
    ...bad('scopes', [null, 'read', {}, 5, []]),
    ...bad('scopes', [[CANARY], ['READ'], ['*'], ['all'], ['__proto__'], [null]], 'scopes.0'),
    ...bad('scopes', [['read', CANARY]], 'scopes.1'),
  ],
  enabled: bad('enabled', [null, 'true', 1, []]),
  expiry: bad('expires_at', [
    ...[5, true, [], {}, '', CANARY, '2001-01-01T00:00:00Z', new Date().toISOString(), '2040-01-01'],
    ...['2040-01-01T00:00:00', '2040-02-30T00:00:00Z', '2039-02-29T12:00:00+02:00', '2040-13-01T00:00:00Z'],
    ...['2040-01-01T25:00:00Z', '2040-01-01T00:00:00+99:00', '2040-01-01 00:00:00Z', '20400101T000000Z'],
    ...['+012040-01-01T00:00:00Z', 'Fri, 01 Jan 2040 00:00:00 GMT', 2_208_988_800],
  ]),
  networks: [
    ...bad('allowed_cidrs', [
      '10.0.0.0/8',
      {},
      5,
      Array.from({ length: 9 }, (_, index) => `10.${index}.0.0/16`),
    ]),
    ...bad(
      'allowed_cidrs',
      [
        '10.0.0.0/33',
        '10.0.0.0',
        '10.0.0.256/8',
        '::/129',
        '::ffff:10.0.0.0/104',
        '010.0.0.0/8',
        CANARY,
        '',
        5,
      ].map((network) => [network]),
      'allowed_cidrs.0',
    ),
  ],
  limit: [
    ...bad('rate_limit', [5, CANARY, true]),
    ...bad(
      'rate_limit',
      [{}, [], ...[0, -1, 1.5, 1_000_001, '5', null].map((value) => limit({ limit: value }))],
      'rate_limit.limit',
    ),
    ...bad(
      'rate_limit',
      [{ limit: 5 }, ...[0, 86_401, 0.5, '60'].map((value) => limit({ window_seconds: value }))],
      'rate_limit.window_seconds',
    ),
    ...bad('rate_limit', [limit({ windowSeconds: CANARY })], 'rate_limit.windowSeconds'),
  ],
  overlap: bad('overlap_seconds', [-1, 604_801, 0.5, '5', null, true, [], CANARY]),
  credential: bad('credential', [null, 5, [CANARY], {}]),
  slugText: bad('workspace', [null, 5, [CANARY]]),
  action: bad('action', [
    null,
    5,
    '',
    CANARY.repeat(20),
    `${CANARY} ${CANARY}`,
    'get /users',
    'GET users',
    // A key may hold a wildcard in part.
    ...['* /users', 'GET /**', 'GET /users/**', 'GET /users/*', 'records.*', 'keyward.**', '*'],
  ]),
  unknown: [
    ...bad('surprise', [CANARY, null]),
    ...bad('constructor', [CANARY]),
    ...bad('toString', [CANARY]),
    ...bad('Name', [CANARY]),
  ],
} as const;

/** A good body with one field made bad at a time. */
export function fieldCases(good: object, kinds: readonly (keyof typeof FIELDS)[]): Case[] {
  const made = kinds.flatMap((kind) =>
    FIELDS[kind].flatMap(({ fields, at }) => cases(kind, 400, [[{ ...good, ...fields }, at]])),
  );
  // As JavaScript, `__proto__` would set the prototype; as JSON it is a field like any other.
  const members = JSON.stringify(good).slice(1, -1);
  const prototype = `{${members}${members && ','}"__proto__":{"admin":1},"__proto__":"${CANARY}"}`;
  return [...made, { what: '__proto__ twice', status: 400, field: '__proto__', body: prototype }];
}
