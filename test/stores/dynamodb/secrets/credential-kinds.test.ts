import { PutItemCommand } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { digestOf } from '../../../../core/credential/secret.ts';
import { secretAttributes } from '../../../../stores/dynamodb/secrets/secret-item.ts';
import {
  secretKey,
  tokenSecretKey,
  tokenWorkspaceKey,
} from '../../../../stores/dynamodb/secrets/secret-key.ts';
import type { Item } from '../../../../stores/dynamodb/table/tables.ts';
import { dynamoTokenStore } from '../../../../stores/dynamodb/tokens/token-store.ts';
import { toItem } from '../items.ts';
import { FIELDS, issued, newSecret, outcomeOf, partition } from '../keys/keys.ts';
import { createTables, type TestTables } from '../tables.ts';
import { newToken, roleOfToken } from '../tokens/tokens.ts';
import { memberIn, workspaceOf } from '../workspaces/members.ts';

let tables: TestTables;
beforeAll(async () => {
  tables = await createTables();
});
afterAll(() => tables.release());

/** An all-powerful item, as code that may write the table could make one. */
const forged = (key: { readonly pk: string; readonly sk: string }, kind: object): Item => ({
  ...toItem({
    ...key,
    credentialId: 'key_forged',
    workspace: 'acme',
    userId: 'usr_1',
    ceiling: 'owner',
    ...kind,
  }),
  ...(secretAttributes({ ...FIELDS, scopes: 'all', limitFrom: 'plan' }) as Item),
});

const put = (item: Item) => tables.client.send(new PutItemCommand({ TableName: tables.secrets, Item: item }));

const KINDS = [
  { kind: 'management_key' },
  { kind: 'personal_access_token' },
  { kind: 'person' },
  { kind: 'API_KEY' },
  { kind: '' },
  { kind: null },
  { kind: 1 },
  { kind: ['api_key'] },
  {},
];

test.each(['count', 'stamp_every_call', 'stamp', 'nothing'] as const)(
  'an item under the digest of an API key that is not said to be one is unknown, and is not written to, with tracking %s',
  async (tracking) => {
    for (const kind of KINDS) {
      const { text } = newSecret();
      const key = secretKey(digestOf(text));
      await put(forged(key, kind));
      const before = await partition(tables, tables.secrets, key.pk);
      expect([kind, await outcomeOf(tables, text, {}, tracking)]).toEqual([kind, 'unknown']);
      expect(await partition(tables, tables.secrets, key.pk)).toEqual(before);
    }
  },
);

test('an API key that was issued is of the kind that is asked for, with every tracking', async () => {
  const { text } = await issued(tables);
  for (const tracking of ['count', 'stamp_every_call', 'stamp', 'nothing'] as const)
    expect(await outcomeOf(tables, text, {}, tracking)).toBe('allow');
});

describe('in a token’s partition', () => {
  test.each(KINDS.filter(({ kind }) => kind !== undefined && kind !== 'personal_access_token'))(
    'an item that says %j is no token',
    async (kind) => {
      const { text } = newToken('usr_1');
      const locator = digestOf(text);
      await put(forged(tokenSecretKey(locator), kind));
      await put(toItem({ ...tokenWorkspaceKey(locator, 'acme'), role: 'owner', roleVersion: 1 }));
      expect(await roleOfToken(tables, text, 'acme')).toBe('unknown');
    },
  );

  test('the item of an API key is no token, and that of a token no API key', async () => {
    const { text: tokenText } = newToken('usr_1');
    await put(forged(secretKey(digestOf(tokenText)), { kind: 'personal_access_token' }));
    expect(await roleOfToken(tables, tokenText, 'acme')).toBe('unknown');
    const { text } = newSecret();
    await put(forged(tokenSecretKey(digestOf(text)), { kind: 'api_key' }));
    expect(await outcomeOf(tables, text)).toBe('unknown');
  });

  test('a token that was issued is one', async () => {
    const slug = await workspaceOf(tables, 'usr_2');
    expect(await memberIn(tables, { slug, userId: 'usr_2' })).toBeDefined();
    const { text, asked } = newToken('usr_2');
    await dynamoTokenStore(tables).issue(asked);
    expect(await roleOfToken(tables, text, slug)).toBe('owner');
  });
});
