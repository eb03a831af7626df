import { CANARY, type Case, type Issued } from './bad-inputs.ts';

const LONG_NAME = 'k'.repeat(3_000);
const NO_KEYS = [
  'key_00000000000000000000',
  'key_',
  CANARY,
  LONG_NAME,
  '%00',
  '%20',
  'KEY%23',
  '..%2f..',
  'WORKSPACE',
];
const NO_WORKSPACES = [
  'absent',
  CANARY,
  LONG_NAME,
  '%00',
  '%20',
  'OPERATOR',
  'acme%23',
  'acme%2Fkeys',
  'ACME',
];

/** Workspaces and keys that do not exist, and keys of another workspace. */
export function addressCases(
  part: 'workspace' | 'key',
  own: Issued,
  foreign: Issued,
  body?: unknown,
): Case[] {
  const at = (workspace: string, key: string) => ({
    what: `${workspace} ${key}`.slice(0, 60),
    path: (template: string) => template.replace('{workspace}', workspace).replace('{key}', key),
    status: 404 as const,
    field: null,
    body,
  });
  const missing = NO_WORKSPACES.map((slug) => at(slug, own.key.id));
  if (part === 'workspace') return missing;
  const keys = [...NO_KEYS, foreign.key.id, own.key.id.toLowerCase(), `${own.key.id}0`];
  return [...missing, at('other', own.key.id), ...keys.map((key) => at('acme', key))];
}

/** Invitations that do not exist, and one of another workspace. */
export function invitationAddressCases(own: string, foreign: string): Case[] {
  const at = (workspace: string, invitation: string): Case => ({
    what: `${workspace} ${invitation}`.slice(0, 60),
    path: (template) => template.replace('{workspace}', workspace).replace('{invitation}', invitation),
    status: 404,
    field: null,
    body: '',
  });
  const ids = [...NO_KEYS, 'inv_00000000000000000000', foreign, own.toLowerCase(), `${own}0`];
  return [...NO_WORKSPACES, 'other'].map((slug) => at(slug, own)).concat(ids.map((id) => at('acme', id)));
}

/** Users and tokens that do not exist, and a token of another user. */
export function tokenAddressCases(part: 'user' | 'token', own: TokenAddress, body?: unknown): Case[] {
  const at = (user: string, token: string) => ({
    what: `${user} ${token}`.slice(0, 60),
    path: (template: string) => template.replace('{user_id}', user).replace('{token}', token),
    status: 404 as const,
    field: null,
    body,
  });
  const nobody = [LONG_NAME, '%00', '%20', 'usr_1%20', 'e%CC%81'].map((user) =>
    // Whose tokens are asked for may be anybody; whom a new one is made for is somebody who can have an id.
    body === undefined || part === 'token'
      ? at(user, own.id)
      : { ...at(user, own.id), status: 400 as const, field: 'user_id' },
  );
  const strangers = ['usr_nobody', CANARY, 'acme', 'WS%23acme'].map((user) => at(user, own.id));
  const users = [...nobody, ...strangers];
  if (part === 'user') return users;
  const tokens = [...NO_KEYS, 'pat_00000000000000000000', own.id.toLowerCase(), `${own.id}0`, 'WS%23acme'];
  return [...users, at(own.otherUser, own.id), ...tokens.map((token) => at(own.user, token))];
}

export interface TokenAddress {
  readonly user: string;
  readonly id: string;
  readonly otherUser: string;
}

/** What can be nobody's id; the last ones could be, before there was a rule for ids. */
const NO_USERS = ['%00', '%20', 'a%E2%80%AEb', 'a%0Ab', 'u'.repeat(256), '%C3%A4'.repeat(128)];
const NO_NEW_USERS = ['usr_1%20', 'e%CC%81', 'a%E2%80%8Bb', '%F4%8F%BF%BFx', 'a%C2%A0b', '%EE%80%80'];
/** Who might be somebody, but is no member. */
const STRANGERS = [CANARY, 'usr_%2F..%2F', 'KEY%23', 'usr_acmeOwner0000000000', 'u'.repeat(255)];

const memberAt = (user: string, refusal: Pick<Case, 'status' | 'field' | 'body'>): Case => ({
  what: `the user ${user}`.slice(0, 60),
  path: (template) => template.replace('{workspace}', 'acme').replace('{user_id}', user),
  ...refusal,
});

/** @param body that would be accepted for a member. */
export function newMemberCases(own: Issued, foreign: Issued, body: unknown): Case[] {
  const refusal = { status: 400, field: 'user_id', body } as const;
  return [
    ...addressCases('workspace', own, foreign, body),
    ...[...NO_USERS, ...NO_NEW_USERS].map((user) => memberAt(user, refusal)),
  ];
}

export function formerMemberCases(own: Issued, foreign: Issued): Case[] {
  const refusal = { status: 404, field: null, body: '' } as const;
  return [
    ...addressCases('workspace', own, foreign, ''),
    ...[...NO_USERS, ...NO_NEW_USERS, ...STRANGERS].map((user) => memberAt(user, refusal)),
  ];
}

const cursorOf = (text: string) => Buffer.from(text).toString('base64url');

export function memberListCases(): Case[] {
  const inputs = {
    limit: ['0', '101', '1.5', '', CANARY],
    cursor: ['', cursorOf('u'.repeat(256)), cursorOf(`${CANARY}\u0000`), cursorOf(' ')],
  };
  const single = Object.entries(inputs).flatMap(([field, values]) =>
    values.map((value): Case => {
      const query = `?${field}=${encodeURIComponent(value)}`;
      return { what: query.slice(0, 60), status: 400, field, query };
    }),
  );
  const unknown = [`?${CANARY}=1`, '?limit=5&status=active'];
  return [...single, ...unknown.map((query): Case => ({ what: query, status: 400, field: 'query', query }))];
}

export function eventListCases(): Case[] {
  const inputs = {
    limit: ['0', '101', '1.5', '', CANARY],
    cursor: ['', CANARY, cursorOf('key_00000000000000000000'), cursorOf('evt_0'), cursorOf('WS#acme')],
    type: ['', 'key', 'key.Issued', 'key.issued,key.revoked', CANARY],
    key_id: ['', CANARY, 'key_', 'evt_00000000000000000000', 'key_0000000000000000000#'],
    actor: ['', ' ', 'u'.repeat(256), 'a\u0000b'],
    outcome: ['', 'Done', 'denied', CANARY],
    from: ['', '0', '2026-02-30T00:00:00Z', '2026-01-01', '2026-01-01T00:00:00', 'yesterday', CANARY],
    to: ['', '1767225600', '2026-13-01T00:00:00Z', '2026-01-01T00:00:00 01:00'],
  };
  const single = Object.entries(inputs).flatMap(([field, values]) =>
    values.map((value): Case => {
      const query = `?${field}=${encodeURIComponent(value)}`;
      return { what: query.slice(0, 60), status: 400, field, query };
    }),
  );
  const time = '2026-01-01T00:00:00Z';
  const empty = {
    what: 'no time at all',
    status: 400,
    field: 'to',
    query: `?from=${time}&to=${time}`,
  } as const;
  const unknown = [`?${CANARY}=1`, '?limit=5&status=active', '?user=usr_1'];
  return [
    ...[...single, empty],
    ...unknown.map((query): Case => ({ what: query, status: 400, field: 'query', query })),
  ];
}

export function listCases(own: Issued): Case[] {
  const cursor = cursorOf(own.key.id);
  const cursors = [
    '',
    CANARY,
    cursor.slice(0, -2),
    `${cursor}AAAA`,
    own.key.id,
    cursorOf(`evt_${own.key.id.slice(4)}`),
  ];
  const tampered = [
    ...cursors,
    cursorOf(`KEY#${own.key.id}`),
    cursorOf('WORKSPACE'),
    cursorOf(`${own.key.id}\u0000`),
  ];
  const inputs = {
    limit: ['0', '101', '-1', '1.5', '1e1', '', ' 5', '0x5', '٣', CANARY, '9'.repeat(400)],
    status: ['', 'Active', 'active,revoked', CANARY],
    cursor: tampered,
    query: [],
  };
  const single = Object.entries(inputs).flatMap(([field, values]) =>
    values.map((value): Case => {
      const query = `?${field}=${encodeURIComponent(value)}`;
      return { what: query.slice(0, 60), status: 400, field, query };
    }),
  );
  const unknown = [`?${CANARY}=1`, '?limit=5&offset=5', '?Limit=5', '?status=active&__proto__=1'];
  return [...single, ...unknown.map((query): Case => ({ what: query, status: 400, field: 'query', query }))];
}
