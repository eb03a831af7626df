import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { expect, test } from '@jest/globals';
import type { KeyFields } from '../../../../core/credential/credential.ts';
import { digestOf, slotLocator } from '../../../../core/credential/secret.ts';
import { secretFieldsOf } from '../../../../stores/dynamodb/keys/key-item.ts';
import { readSecret, writeSecret } from '../../../../stores/dynamodb/secrets/secret-item.ts';
import { FIELDS, NOW } from '../keys/keys.ts';

/** The most that a product asks of a key: sixteen tool categories. */
const SCOPES: KeyFields['scopes'] = [
  'objects',
  'records',
  'lists',
  'views',
  'notes',
  'tasks',
  'analytics',
  'reports',
  'timeline',
  'graph',
  'integrations',
  'email',
  'messages',
  'meetings',
  'billing',
  'support',
];

const CIDRS = Array.from({ length: 8 }, (_, n) => `2001:0db8:ffff:ffff:ffff:ffff:255.255.255.1${n}0/128`);

/** What an item is billed for: its names and values, as the developer guide's "item sizes and formats" has it. */
function sizeOf(item: Record<string, AttributeValue>): number {
  return Object.entries(item).reduce(
    (sum, [name, value]) => sum + Buffer.byteLength(name) + valueSize(value),
    0,
  );
}

function valueSize(value: AttributeValue): number {
  if (value.S !== undefined) return Buffer.byteLength(value.S);
  if (value.N !== undefined) return Math.ceil(value.N.length / 2) + 1;
  if (value.SS !== undefined) return 3 + value.SS.reduce((sum, text) => sum + 1 + Buffer.byteLength(text), 0);
  if (value.BS !== undefined) return 3 + value.BS.reduce((sum, bytes) => sum + 1 + bytes.length, 0);
  throw new Error('A secret holds no such value.');
}

const secret = { locator: digestOf('kw_test_'), secretHash: null };
const owner = {
  kind: 'management_key',
  credentialId: `key_${'0'.repeat(20)}`,
  workspace: 'w'.repeat(40),
  user: 'u'.repeat(255),
  role: null,
} as const;
const fields = secretFieldsOf(
  {
    ...FIELDS,
    scopes: SCOPES,
    enabled: false,
    allowedCidrs: CIDRS,
    expiresAt: 99_999_999_999,
    issuerLimit: { limit: 999_999, windowSeconds: 86_399 },
  },
  { limit: 999_999, windowSeconds: 86_399 },
  99_999_999_999,
);

test('a secret with everything filled in is one write unit: under 1,024 bytes', () => {
  const bcrypt = { locator: slotLocator('abcdefgh', 3), secretHash: `$2b$10$${'x'.repeat(53)}` };
  for (const kept of [secret, bcrypt]) expect(sizeOf(filledIn(kept))).toBeLessThan(1024);
});

function filledIn(kept: Parameters<typeof writeSecret>[0]) {
  return {
    ...writeSecret(kept, owner, fields, 999_999),
    lastUsedAt: { N: '99999999999' },
    windowEndsAt: { N: '99999999999' },
    windowLength: { N: '86399' },
    used: { N: '999999' },
    handedOn: { N: '999999' },
    deleteAt: { N: '99999999999' },
  };
}

test('a secret is read as it was written', () => {
  const read = readSecret(writeSecret(secret, owner, fields, 1));
  expect(read).toMatchObject({
    principal: { ...owner, workspace: owner.workspace, scopes: SCOPES },
    state: 'disabled',
    expiresAt: 99_999_999_999,
    replacedAt: 99_999_999_999,
    rateLimit: { limit: 999_999, windowSeconds: 86_399 },
    window: null,
    lastUsedAt: null,
  });
  expect(read.principal.constraints.allowedCidrs).toHaveLength(8);
  expect(read.principal.constraints.expiresAt).toBe(99_999_999_999);
});

test('a limit is read with where it came from; one that does not say may be the plan’s, and what nobody can read is a fault', () => {
  const limit = { limit: 600, windowSeconds: 60 };
  const plan = { limit: 60, windowSeconds: 60 };
  const itemOf = (over: Partial<KeyFields>, effective: typeof limit | null) =>
    writeSecret(secret, owner, secretFieldsOf({ ...FIELDS, ...over }, effective, null), 1);
  const ownLimitOf = (item: ReturnType<typeof itemOf>) => readSecret(item).principal.constraints.ownLimit;
  expect(ownLimitOf(itemOf({ rateLimit: limit }, limit))).toEqual({ from: 'operator', ...limit });
  expect(ownLimitOf(itemOf({ issuerLimit: limit }, plan))).toEqual({ from: 'issuer', ...limit });
  expect(ownLimitOf(itemOf({}, plan))).toBeUndefined();
  expect(ownLimitOf(itemOf({}, null))).toBeUndefined();
  const { limitFrom, ...older } = itemOf({}, plan);
  expect(ownLimitOf(older)).toEqual({ from: 'unknown', ...plan });
  for (const broken of [{ limitFrom: { S: 'somebody' } }, { limitFrom: { S: 'issuer' } }])
    expect(() => readSecret({ ...older, ...broken })).toThrow('unknown limit');
});

test('a scope or network that is named twice is stored once, since a set with doubles is refused by DynamoDB', () => {
  const twice = {
    ...FIELDS,
    scopes: ['a', 'a'] as const,
    allowedCidrs: ['10.0.0.1/8', '10.0.0.0/8', '10.0.0.0/8'],
  };
  const read = readSecret(writeSecret(secret, owner, secretFieldsOf(twice, null, null), 1));
  expect(read.principal.scopes).toEqual(['a']);
  expect(read.principal.constraints.allowedCidrs).toEqual(['10.0.0.0/8']);
});

test('all scopes and no limits survive, and stay different from any list', () => {
  const open = readSecret(
    writeSecret(secret, owner, secretFieldsOf({ ...FIELDS, scopes: 'all' }, null, NOW), 1),
  );
  expect(open).toMatchObject({
    principal: { scopes: 'all' },
    rateLimit: null,
    expiresAt: NOW,
    state: 'active',
  });
});
