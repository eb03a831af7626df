import { expect } from '@jest/globals';
import type { LocalProduct } from '../../bin/local-product.ts';

/** What is promised of one request, through the whole synthesized stack: status, exact body, headers. */
export interface Row {
  readonly to: 'management' | 'product';
  /** Such as `GET /users`; `{key}` stands for the id of a key. */
  readonly request: string;
  readonly as?: keyof Credentials;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  readonly status: number;
  /** Exact: a member too many fails as one too few does. `null` for no body at all. */
  readonly answer: unknown;
  readonly kind: HeaderKind;
}

export interface Credentials {
  readonly operator: string;
  readonly admin: string;
  readonly writer: string;
  readonly reader: string;
  readonly exhausted: string;
  readonly garbage: string;
}

const anyText = expect.any(String);
const anyTime = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.000Z$/);
const REQUEST_ID = expect.stringMatching(/^[\w-]{15}=$/);

const problem = (status: number, title: string, code: string, members: object = {}) => ({
  type: `/docs/problems.md#${code}`,
  title,
  status,
  code,
  ...members,
  detail: expect.stringMatching(/^.+\.$/),
  request_id: REQUEST_ID,
});
const UNAUTHORIZED = problem(401, 'Unauthorized', 'unauthorized');
const NOT_FOUND = problem(404, 'Not Found', 'not_found');
const FORBIDDEN = problem(403, 'Forbidden', 'forbidden');
const lacking = (scope: string) => problem(403, 'Forbidden', 'insufficient_scope', { required_scope: scope });
const RATE_LIMITED = problem(429, 'Too Many Requests', 'rate_limited');
const invalid = (field: string) =>
  problem(400, 'Bad Request', 'invalid_request', { field, expected: anyText });
const conflict = (code: string) => problem(409, 'Conflict', code);
const TOO_LARGE = problem(413, 'Content Too Large', 'body_too_large', { field: 'body', expected: anyText });

const key = (over: object = {}) => ({
  id: expect.stringMatching(/^key_\w{20}$/),
  kind: 'api_key',
  workspace: 'acme',
  name: 'new',
  description: null,
  external_id: null,
  start: expect.stringMatching(/^kw_live_\w{4}$/),
  scopes: ['read:all'],
  role: null,
  status: 'active',
  created_at: anyTime,
  created_by: anyText,
  expires_at: null,
  last_used_at: null,
  previous_secret: null,
  revoked_at: null,
  allowed_cidrs: [],
  rate_limit: null,
  plan: 'enterprise',
  ...over,
});
const WHOLE = expect.stringMatching(/^kw_live_[0-9A-Za-z]{36}$/);
const constraints = { expires_at: null, allowed_cidrs: [] };

/** Which headers an answer carries, and which it must not. */
export const HEADERS = {
  json: { 'content-type': 'application/json', 'cache-control': 'no-store' },
  problem: { 'content-type': 'application/problem+json', 'cache-control': 'no-store' },
  'gateway 401': { ...gatewayProblem(), 'www-authenticate': 'Bearer realm="standard"' },
  'management 401': { ...gatewayProblem(), 'www-authenticate': 'Bearer realm="standard management"' },
  gateway: gatewayProblem(),
  product: { 'content-type': 'application/json', ...rate('6000', '60') },
  'product problem': { 'content-type': 'application/problem+json', ...rate('6000', '60') },
  'product empty': rate('6000', '60'),
  limited: {
    'content-type': 'application/problem+json',
    'cache-control': 'no-store',
    ...rate('1', '86400'),
    'retry-after': /^[1-9]\d{0,4}$/,
  },
} as const satisfies Record<string, Readonly<Record<string, string | RegExp>>>;
export type HeaderKind = keyof typeof HEADERS;
/** Headers that mean something by being there. */
export const TELLING = [
  ...['www-authenticate', 'x-amzn-remapped-www-authenticate', 'retry-after', 'ratelimit', 'ratelimit-policy'],
  ...['set-cookie', 'location', 'access-control-allow-origin'],
];

/** An answer of the gateway's own has the media type of its template. */
function gatewayProblem() {
  return { 'content-type': 'application/json', 'cache-control': 'no-store' } as const;
}

/** @see draft-ietf-httpapi-ratelimit-headers-11 */
function rate(limit: string, seconds: string) {
  return {
    ratelimit: /^"default";r=\d+;t=[1-9]\d*$/,
    'ratelimit-policy': `"default";q=${limit};w=${seconds}`,
  };
}

const KEYS = '/v1/workspaces/acme/keys';
const KEY = `${KEYS}/{key}`;
type Promised = Pick<Row, 'status' | 'answer' | 'kind' | 'body' | 'headers'>;

const to =
  (api: Row['to'], as?: Row['as']) =>
  (request: string, promised: Promised): Row => ({ to: api, request, ...(as && { as }), ...promised });
const [operator, admin, reader, writer, stranger, anybody] = [
  to('management', 'operator'),
  to('management', 'admin'),
  to('management', 'reader'),
  to('product', 'writer'),
  to('product', 'garbage'),
  to('product'),
];
const onProduct = { admin: to('product', 'admin'), reader: to('product', 'reader') };

const unauthorized = { status: 401, answer: UNAUTHORIZED } as const;
const absent = { status: 404, answer: NOT_FOUND, kind: 'gateway' } as const;
const bad = (field: string, body: unknown): Promised => ({
  body,
  status: 400,
  answer: invalid(field),
  kind: 'problem',
});
const ok = (answer: unknown, body?: unknown): Promised => ({ body, status: 200, answer, kind: 'json' });
const row = (over: object) => ({ id: anyText, name: 'new', ...over });
const principal = (over: object) => ({
  credential_id: anyText,
  workspace: 'acme',
  role: null,
  constraints,
  ...over,
});
const HERE = '127.0.0.1';
const NO_KEY = `key_${'0'.repeat(20)}`;
const REVOCATIONS = {
  dry_run: false,
  keys: [],
  counts: { would_be_revoked: 0, revoked: 0, already_revoked: 0, own_key_kept: 0, failed: 0 },
  unknown_ids: [NO_KEY],
  next_cursor: null,
};
const noRow = problem(404, 'Not Found', 'not_found');
const noName = problem(400, 'Bad Request', 'invalid_request');

/** In this order: what is issued, changed and revoked is one and the same key. */
export const rowsFor = ({ owner }: LocalProduct['users']): Row[] => [
  operator('POST /v1/workspaces', {
    body: { slug: 'second', name: 'Second', plan: 'pro', created_by: 'usr_2' },
    status: 201,
    kind: 'json',
    answer: { slug: 'second', name: 'Second', plan: 'pro', created_at: anyTime },
  }),
  operator('POST /v1/workspaces', {
    body: { slug: 'acme', name: 'Acme', created_by: 'usr_2' },
    status: 409,
    answer: conflict('slug_taken'),
    kind: 'problem',
  }),
  operator(
    'GET /v1/workspaces/second',
    ok({ slug: 'second', name: 'Second', plan: 'pro', created_at: anyTime }),
  ),
  operator('GET /v1/workspaces/third', { ...absent, kind: 'problem' }),
  operator(`POST ${KEYS}`, {
    body: { name: 'new', scopes: ['read:all'], created_by: owner },
    status: 201,
    answer: { key: key(), secret: WHOLE },
    kind: 'json',
  }),
  operator(`POST ${KEYS}`, bad('name', { scopes: ['read:all'] })),
  operator(`POST ${KEYS}`, { body: ' '.repeat(70_000), status: 413, answer: TOO_LARGE, kind: 'problem' }),
  operator(`GET ${KEYS}?limit=1`, ok({ keys: [key()], next_cursor: anyText })),
  operator(`GET ${KEYS}?status=revoked`, ok({ keys: [], next_cursor: null })),
  operator(`GET ${KEYS}?limit=0`, bad('limit', undefined)),
  operator(`GET ${KEY}`, ok(key({ name: 'subject' }))),
  admin(`GET ${KEY}`, ok(key({ name: 'subject' }))),
  operator(`PATCH ${KEY}`, ok(key({ description: 'd', name: 'subject' }), { description: 'd' })),
  operator(`PATCH ${KEY}`, bad('scopes', { scopes: [] })),
  admin(`PATCH ${KEY}`, {
    body: { rate_limit: { limit: 1, window_seconds: 1 } },
    status: 403,
    answer: problem(403, 'Forbidden', 'forbidden'),
    kind: 'problem',
  }),
  operator(
    `POST ${KEY}/rotate`,
    ok(
      {
        key: key({
          name: 'subject',
          description: 'd',
          previous_secret: { replaced_at: anyTime, ends_at: anyTime, last_used_at: null },
        }),
        secret: WHOLE,
      },
      { overlap_seconds: 9_999 },
    ),
  ),
  operator(`POST ${KEY}/rotate`, {
    body: { overlap_seconds: 9_999 },
    status: 409,
    answer: conflict('rotation_in_progress'),
    kind: 'problem',
  }),
  operator(`POST ${KEY}/previous-secret/revoke`, ok(key({ name: 'subject', description: 'd' }))),
  operator(
    `POST ${KEY}/revoke`,
    ok(key({ name: 'subject', description: 'd', status: 'revoked', revoked_at: anyTime })),
  ),
  operator(`PATCH ${KEY}`, {
    body: { name: 'x' },
    status: 409,
    answer: conflict('key_revoked'),
    kind: 'problem',
  }),
  operator(
    'POST /v1/keys/verify',
    ok({ valid: false, code: 'malformed', message: anyText }, { credential: 'x' }),
  ),
  operator('POST /v1/keys/verify', bad('credential', {})),
  operator(
    'POST /v1/keys/verify',
    ok(
      { results: [1, 2].map(() => ({ valid: false, code: 'malformed', message: anyText })) },
      { credentials: [{ credential: 'x' }, { credential: 'y' }] },
    ),
  ),
  admin(`POST ${KEYS}/revoke`, ok(REVOCATIONS, { dry_run: false, ids: [NO_KEY] })),
  operator(`POST ${KEYS}/revoke`, bad('dry_run', { status: 'active' })),
  operator(
    'GET /v1/me',
    ok(principal({ kind: 'management_key', workspace: null, user: null, scopes: [], address: HERE })),
  ),
  reader('GET /v1/me', ok(principal({ kind: 'api_key', user: owner, scopes: ['read:all'], address: HERE }))),
  reader(
    'GET /v1/scopes',
    ok({
      scopes: expect.arrayContaining([
        { name: 'admin', description: anyText, implies: ['read:all', 'write:all'] },
      ]),
    }),
  ),
  reader(`GET ${KEYS}`, { status: 403, answer: lacking('admin'), kind: 'gateway' }),
  admin('POST /v1/keys/verify', { status: 403, answer: FORBIDDEN, kind: 'gateway' }),
  to('management')('GET /v1/me', { ...unauthorized, kind: 'management 401' }),
  to('management', 'garbage')(`GET ${KEYS}`, { ...unauthorized, kind: 'management 401' }),
  ...[
    'GET /v',
    'GET /v1',
    'GET /v2/me',
    'GET /v1/me/x',
    'DELETE /v1/me',
    `PUT ${KEYS}`,
    `DELETE ${KEY}`,
    'POST /v1/scopes',
    // A fixed part of a path wins over a parameter, whatever the method.
    `GET ${KEYS}/revoke`,
  ].flatMap((request) => [operator(request, absent), to('management')(request, absent)]),
  operator('GET /v1/%zz', {
    status: 400,
    kind: 'gateway',
    answer: { ...problem(400, 'Request Refused', 'request_refused'), status: undefined },
  }),

  writer('GET /users', {
    status: 200,
    answer: { users: expect.arrayContaining([row({ name: 'Ada', email: anyText })]) },
    kind: 'product',
  }),
  writer('GET /users/user-1', { status: 200, answer: row({ name: 'Ada', email: anyText }), kind: 'product' }),
  writer('GET /users/user-9', { status: 404, answer: noRow, kind: 'product problem' }),
  writer('POST /records', {
    body: { name: 'new', a: 1 },
    status: 201,
    answer: row({ a: 1 }),
    kind: 'product',
  }),
  writer('POST /records', { body: '[]', status: 400, answer: noName, kind: 'product problem' }),
  writer('PUT /records/record-2', { body: { name: 'new' }, status: 200, answer: row({}), kind: 'product' }),
  writer('PATCH /settings/time-zone', {
    body: { value: 'CET' },
    status: 200,
    answer: row({ name: 'Time zone', value: 'CET' }),
    kind: 'product',
  }),
  writer('DELETE /records/record-1', { status: 403, answer: lacking('admin'), kind: 'gateway' }),
  onProduct.admin('DELETE /records/record-1', { status: 204, answer: null, kind: 'product empty' }),
  onProduct.admin('GET /billing', { status: 200, answer: { billing: [expect.anything()] }, kind: 'product' }),
  onProduct.reader('POST /users', {
    body: { name: 'x' },
    status: 403,
    answer: lacking('write:all'),
    kind: 'gateway',
  }),
  onProduct.reader('GET /team', { status: 403, answer: lacking('admin'), kind: 'gateway' }),
  to('product', 'exhausted')('GET /users', { status: 429, answer: RATE_LIMITED, kind: 'limited' }),
  to('product', 'operator')('GET /users', { ...unauthorized, kind: 'gateway 401' }),
  anybody('GET /users', { ...unauthorized, kind: 'gateway 401' }),
  anybody('POST /users', { ...unauthorized, body: { name: 'x' }, kind: 'gateway 401' }),
  stranger('GET /users', { ...unauthorized, kind: 'gateway 401' }),
  ...['Bearer', 'Bearer ', 'Basic eDp5', 'Bearer a b', 'x'].map((Authorization) =>
    anybody('GET /users', { ...unauthorized, headers: { Authorization }, kind: 'gateway 401' }),
  ),
  ...[
    'GET /',
    'GET /nothing',
    'DELETE /users',
    'POST /users/user-1',
    'GET /users/user-1/x',
    'OPTIONS /users',
    'GET /v1/me',
  ].flatMap((request) => [writer(request, absent), stranger(request, absent), anybody(request, absent)]),
];
