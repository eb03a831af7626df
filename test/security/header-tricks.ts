/** One way to present a key that is no presentation. Each character of a line is one byte. */
export interface HeaderTrick {
  readonly what: string;
  readonly lines: (key: string) => readonly string[];
  readonly query?: (key: string) => string;
  readonly body?: (key: string) => string;
}

const bytes = (text: string) => Buffer.from(text, 'utf8').toString('latin1');
const authorization = (value: (key: string) => string) => (key: string) => [`Authorization: ${value(key)}`];

const VALUES: readonly (readonly [string, (key: string) => string])[] = [
  ['no scheme', (key) => key],
  ['an empty scheme', (key) => ` ${key}`],
  ['a scheme and nothing', () => 'Bearer'],
  ['two schemes at once', (key) => `Basic eDp5, Bearer ${key}`],
  ['two schemes the other way round', (key) => `Bearer ${key}, Basic eDp5`],
  ['two keys in one value', (key) => `Bearer ${key}, Bearer ${key}`],
  ['two keys with a space', (key) => `Bearer ${key} ${key}`],
  ['two keys with a comma', (key) => `Bearer ${key},${key}`],
  ['Basic', (key) => `Basic ${Buffer.from(`${key}:`).toString('base64')}`],
  ['Basic with the key as it is', (key) => `Basic ${key}`],
  ...['Token', 'ApiKey', 'Digest', 'Bearer:', 'Bearer=', 'Bearer,', 'Bear', 'Bearer Bearer', 'xBearer'].map(
    (scheme) => [`the scheme ${scheme}`, (key: string) => `${scheme} ${key}`] as const,
  ),
  ['no space behind the scheme', (key) => `Bearer${key}`],
  ['a tab behind the scheme', (key) => `Bearer\t${key}`],
  ['a space and a tab', (key) => `Bearer \t${key}`],
  ['a no-break space', (key) => `Bearer\xa0${key}`],
  ['a no-break space in UTF-8', (key) => bytes(`Bearer\u00a0${key}`)],
  ['an em space', (key) => bytes(`Bearer\u2003${key}`)],
  ['a zero-width space', (key) => bytes(`Bearer ${key}\u200b`)],
  ['a byte order mark', (key) => bytes(`\ufeffBearer ${key}`)],
  ['wide letters', (key) => bytes(`\uff22\uff45arer ${key}`)],
  ['a dotless letter', (key) => bytes(`Bearer ${key.replace('i', 'ı')}`)],
  ['a Kelvin sign', (key) => bytes(`Bearer ${key.replace('k', '\u212a')}`)],
  ['a byte above ASCII behind it', (key) => `Bearer ${key}\xff`],
  ['a byte above ASCII before it', (key) => `Bearer \x80${key}`],
  ['a NUL behind it', (key) => `Bearer ${key}\0`],
  ['a NUL within', (key) => `Bearer ${key.slice(0, 10)}\0${key.slice(10)}`],
  ['a delete behind it', (key) => `Bearer ${key}\x7f`],
  ['an escape before it', (key) => `Bearer \x1b[2J${key}`],
  ['quotes', (key) => `Bearer "${key}"`],
  ['brackets', (key) => `Bearer <${key}>`],
  ['padding', (key) => `Bearer ${key}=`],
  ['a full stop', (key) => `Bearer ${key}.`],
  ['two full stops', (key) => `Bearer ${key}..`],
  ['a semicolon', (key) => `Bearer ${key};`],
  ['a parameter', (key) => `Bearer token=${key}`],
  ['percent-encoding', (key) => `Bearer ${key.replace('_', '%5F')}`],
  ['capitals', (key) => `Bearer ${key.toUpperCase()}`],
  ['half of it', (key) => `Bearer ${key.slice(0, 20)}`],
  ['itself twice', (key) => `Bearer ${key}${key}`],
  ['10 kB behind it', (key) => `Bearer ${key}${'a'.repeat(10_000)}`],
  ['10 kB of spaces before it and a letter behind', (key) => `Bearer${' '.repeat(10_000)}${key}x`],
  ['10 kB before it', (key) => `Bearer ${'a'.repeat(10_000)} ${key}`],
  ['40 kB', (key) => `Bearer ${key}${'a'.repeat(40_000)}`],
  ['a folded line', (key) => `Bearer\r\n ${key}`],
  ['a line folded with a tab', (key) => `Bearer\r\n\t${key}`],
  ['a line folded behind it', (key) => `Bearer ${key}\r\n , Bearer ${key}`],
  ['a bare line feed', (key) => `Bearer\n ${key}`],
  ['a bare carriage return', (key) => `Bearer\r${key}`],
];

const LINES: readonly (readonly [string, HeaderTrick['lines']])[] = [
  ['the same header twice', (key) => [`Authorization: Bearer ${key}`, `Authorization: Bearer ${key}`]],
  ['two spellings of the header', (key) => [`authorization: Bearer ${key}`, `AUTHORIZATION: Bearer ${key}`]],
  ['garbage behind it', (key) => [`Authorization: Bearer ${key}`, 'Authorization: Bearer garbage']],
  ['garbage before it', (key) => ['Authorization: Bearer garbage', `Authorization: Bearer ${key}`]],
  ['an empty one behind it', (key) => [`Authorization: Bearer ${key}`, 'Authorization:']],
  ['an empty one before it', (key) => ['Authorization:', `Authorization: Bearer ${key}`]],
  ['two schemes in two headers', (key) => ['Authorization: Basic eDp5', `Authorization: Bearer ${key}`]],
  ['a hundred of them', (key) => Array(100).fill(`Authorization: Bearer ${key}`)],
  ['a space before the colon', (key) => [`Authorization : Bearer ${key}`]],
  ['a space before the name', (key) => [` Authorization: Bearer ${key}`]],
  ['a NUL in the name', (key) => [`Author\0ization: Bearer ${key}`]],
  ['an underscore in the name', (key) => [`Authorization_: Bearer ${key}`]],
  ['a name in Unicode', (key) => [bytes(`Authorızation: Bearer ${key}`)]],
  ...[
    ...['Proxy-Authorization', 'X-Authorization', 'X-Forwarded-Authorization', 'X-Api-Key', 'Api-Key', 'Key'],
    ...[
      'X-Amzn-Remapped-Authorization',
      'X-Original-Authorization',
      'Authentication',
      'Cookie',
      'Set-Cookie',
    ],
    ...['Authorization2', 'HTTP_AUTHORIZATION', 'Referer', 'User-Agent', '__proto__', 'constructor'],
  ].map((name) => [`the header ${name}`, (key: string) => [`${name}: Bearer ${key}`]] as const),
  ['a cookie of its name', (key) => [`Cookie: Authorization=Bearer ${key}; key=${key}`]],
];

const ELSEWHERE: readonly HeaderTrick[] = [
  ...['access_token', 'api_key', 'key', 'Authorization', 'authorization', 'token', 'x-sup-api-key'].map(
    (name) => ({
      what: `the query's ${name}`,
      lines: () => [],
      query: (key: string) => `?${name}=${key}&${name}=Bearer%20${key}`,
    }),
  ),
  {
    what: 'a form (RFC 6750, 2.2)',
    lines: () => ['Content-Type: application/x-www-form-urlencoded'],
    body: (key) => `access_token=${key}`,
  },
  {
    what: 'a JSON body',
    lines: () => ['Content-Type: application/json'],
    body: (key) => JSON.stringify({ Authorization: `Bearer ${key}`, access_token: key, api_key: key }),
  },
];

export const HEADER_TRICKS: readonly HeaderTrick[] = [
  ...VALUES.map(([what, value]) => ({ what, lines: authorization(value) })),
  ...LINES.map(([what, lines]) => ({ what, lines })),
  ...ELSEWHERE,
];

/** What HTTP calls the same (RFC 9110, 5.1, 5.5 and 11.1): names and schemes in any case, and space around a value. */
export const SAME: readonly HeaderTrick['lines'][] = [
  (key) => [`authorization: bearer ${key}`],
  (key) => [`AUTHORIZATION: BEARER ${key}`],
  (key) => [`aUtHoRiZaTiOn: bEaReR ${key}`],
  (key) => [`Authorization:Bearer ${key}`],
  (key) => [`Authorization: \t Bearer ${key} \t `],
  (key) => [`Authorization: Bearer   ${key}`],
];

/** By which a caller, or a proxy of theirs, may say where they are. */
export const FORWARDING = [
  ...[
    'X-Forwarded-For',
    'X-Real-IP',
    'X-Client-IP',
    'True-Client-IP',
    'CF-Connecting-IP',
    'X-Cluster-Client-IP',
  ],
  ...['X-Forwarded', 'Forwarded-For', 'X-Originating-IP', 'X-Remote-IP', 'X-Remote-Addr', 'Fastly-Client-IP'],
  ...['X-Amzn-Source-Ip', 'X-Azure-ClientIP', 'Client-IP', 'Via', 'requestContext.identity.sourceIp'],
];

/** What may stand in such a header. */
export const forwarded = (name: string, address: string): readonly string[] => [
  `${name}: ${address}`,
  `${name}: ${address}, 127.0.0.1`,
  `${name}: for=${address};proto=https;by=127.0.0.1`,
  `${name}: ${address}\r\n${name}: ${address}`,
];
