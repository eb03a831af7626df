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

export function listCases(own: Issued): Case[] {
  const cursorOf = (text: string) => Buffer.from(text).toString('base64url');
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
