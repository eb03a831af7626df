import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { revokeKeyAsOperator, revokeTokenAsOperator } from '../../bin/operator.ts';
import { dynamoTokenStore } from '../../stores/dynamodb/tokens/token-store.ts';
import {
  aRotation,
  issued,
  keyStoreOf,
  newSlug,
  outcomeOf,
  partition,
} from '../stores/dynamodb/keys/keys.ts';
import { createTables, type TestTables } from '../stores/dynamodb/tables.ts';
import { newToken, roleOfToken } from '../stores/dynamodb/tokens/tokens.ts';
import { putRole, workspaceOf } from '../stores/dynamodb/workspaces/members.ts';
import { commandLineOn } from './command-line.ts';

let tables: TestTables;
beforeAll(async () => {
  tables = await createTables();
});
afterAll(() => tables.release());

const actorsOf = async (log: string, id: string) =>
  (await partition(tables, tables.events, `WS#${log}`))
    .filter(({ keyId, type }) => keyId === id && type.endsWith('.revoked'))
    .map(({ actor, type }) => [type, actor.kind]);

test('an API key that the operator revokes fails with every secret, and its event says who did it', async () => {
  const workspace = await workspaceOf(tables, 'usr_1');
  const { text, key } = await issued(tables, { workspace });
  const { text: second, rotation } = aRotation(key, 600);
  await keyStoreOf(tables).rotate(rotation);
  const ended = await revokeKeyAsOperator(tables, { workspace, id: key.id });
  expect(ended).toMatchObject({ id: key.id, revokedAt: expect.any(Number) });
  expect(await Promise.all([text, second].map((each) => outcomeOf(tables, each)))).toEqual([
    'revoked',
    'revoked',
  ]);
  expect(await revokeKeyAsOperator(tables, { workspace, id: key.id })).toEqual(ended);
  expect(await actorsOf(workspace, key.id)).toEqual([['key.revoked', 'operator']]);
});

test('a token that the operator revokes fails in every workspace, and its event says who did it', async () => {
  const slug = await workspaceOf(tables, 'usr_1');
  await putRole(tables, { slug, userId: 'usr_2', role: 'member', copies: ['tokens'] });
  const { text, token, asked } = newToken('usr_2');
  await dynamoTokenStore(tables).issue(asked);
  const address = { userId: 'usr_2', id: token.id };
  const ended = await revokeTokenAsOperator(tables, address);
  expect(ended).toMatchObject({ id: token.id, revokedAt: expect.any(Number) });
  expect(await roleOfToken(tables, text, slug)).toBe('revoked');
  expect(await revokeTokenAsOperator(tables, address)).toEqual(ended);
  expect(await actorsOf('USER#usr_2', token.id)).toEqual([['token.revoked', 'operator']]);
  expect(await revokeTokenAsOperator(tables, { ...address, userId: 'usr_3' })).toBeUndefined();
});

test('revoking a credential that does not exist writes nothing', async () => {
  const workspace = await workspaceOf(tables, 'usr_1');
  const { key } = await issued(tables, { workspace: await workspaceOf(tables, 'usr_1') });
  expect(await revokeKeyAsOperator(tables, { workspace, id: key.id })).toBeUndefined();
  expect(await revokeKeyAsOperator(tables, { workspace: newSlug(), id: key.id })).toBe('no_workspace');
  expect(await actorsOf(key.workspace, key.id)).toEqual([]);
});

test('the command line revokes with the same answer the second time, and says what is missing', async () => {
  const line = await commandLineOn(tables);
  const workspace = await workspaceOf(tables, 'usr_1');
  const { text, key } = await issued(tables, { workspace });
  const { token, asked } = newToken('usr_1');
  await dynamoTokenStore(tables).issue(asked);
  const revoke = () => line.keyward('operator', 'keys', 'revoke', key.id, '--workspace', workspace);
  const first = await revoke();
  expect(first).toMatchObject({ code: 0, stderr: '' });
  expect(JSON.parse(first.stdout)).toEqual({
    id: key.id,
    workspace,
    revoked: true,
    revoked_at: expect.any(String),
  });
  expect(await outcomeOf(tables, text)).toBe('revoked');
  expect(await revoke()).toEqual(first);
  const ended = await line.keyward('operator', 'tokens', 'revoke', token.id, '--user', 'usr_1');
  expect(JSON.parse(ended.stdout)).toMatchObject({ id: token.id, user: 'usr_1', revoked: true });
  for (const [args, sentence] of [
    [
      ['operator', 'keys', 'revoke', 'key_none', '--workspace', workspace],
      `There is no API key key_none in the workspace ${workspace}.`,
    ],
    [['operator', 'keys', 'revoke', key.id, '--workspace', 'nowhere'], 'There is no workspace nowhere.'],
    [
      ['operator', 'tokens', 'revoke', 'pat_none', '--user', 'usr_1'],
      'The user usr_1 has no personal access token pat_none.',
    ],
  ] as const)
    expect(await line.keyward(...args)).toEqual({ code: 4, stdout: '', stderr: `keyward: ${sentence}\n` });
});
