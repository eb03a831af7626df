import { afterAll, beforeAll, expect, test } from '@jest/globals';
import {
  addMember,
  bootstrap,
  issueManagementKeyAsOperator,
  revokeManagementKeyAsOperator,
} from '../../bin/operator.ts';
import { MANAGEMENT_KEY, MANAGEMENT_KEY_FORMAT } from '../../core/credential/credential-type.ts';
import { hasFormat } from '../../core/credential/key-text.ts';
import { digestOf } from '../../core/credential/secret.ts';
import { verify } from '../../core/verification/verify.ts';
import { listManagementKeys, managementSecrets } from '../../stores/dynamodb/keys/management-key-store.ts';
import { dynamoVerificationStore } from '../../stores/dynamodb/secrets/verification-store.ts';
import { CLAIM, dump, newSlug, partition, workspaceStoreOf } from '../stores/dynamodb/keys/keys.ts';
import { createTables, type TestTables } from '../stores/dynamodb/tables.ts';

let tables: TestTables;
beforeAll(async () => {
  tables = await createTables();
});
afterAll(() => tables.release());

async function outcomeOf(text: string): Promise<string> {
  const store = dynamoVerificationStore(tables);
  const managementKeys = dynamoVerificationStore(managementSecrets(tables));
  const verdict = await verify(
    { credentials: [MANAGEMENT_KEY], store, managementKeys, tracking: 'nothing' },
    text,
    CLAIM,
  );
  return verdict.kind === 'allow' ? verdict.principal.kind : verdict.code;
}

const listed = async (id: string) => (await listManagementKeys(tables)).find((key) => key.id === id);
const memory = () =>
  Promise.all(
    [tables.records, tables.secrets, tables.events, tables.managementKeys].map((name) => dump(tables, name)),
  );

test('bootstrapping makes a workspace with its owner and a management key that works', async () => {
  const slug = newSlug();
  const outcome = await bootstrap(tables, { slug, name: 'Acme', plan: 'pro', ownerId: 'usr_1' });
  if (outcome === 'slug_taken') throw new Error('The tables were not empty.');
  expect(await outcomeOf(outcome.secret)).toBe('management_key');
  const workspaces = workspaceStoreOf(tables);
  expect(await workspaces.get(slug)).toMatchObject({ slug, name: 'Acme', plan: 'pro' });
  expect(await workspaces.getMember(slug, 'usr_1')).toMatchObject({ role: 'owner' });
});

test('bootstrapping a workspace that exists changes nothing and makes no key', async () => {
  const first = { slug: newSlug(), name: 'Acme', plan: null, ownerId: 'usr_1' };
  await bootstrap(tables, first);
  const before = await memory();
  expect(await bootstrap(tables, { ...first, name: 'Other', ownerId: 'usr_2' })).toBe('slug_taken');
  expect(await memory()).toEqual(before);
});

test('a management key is listed, works until it is revoked and never again, and is listed as revoked', async () => {
  const { id, secret } = await issueManagementKeyAsOperator(tables, 'terraform');
  expect(hasFormat(MANAGEMENT_KEY_FORMAT, secret)).toBe(true);
  expect(await listed(id)).toMatchObject({ id, name: 'terraform', revokedAt: null });
  expect(await outcomeOf(secret)).toBe('management_key');
  expect(await revokeManagementKeyAsOperator(tables, id)).toBe(true);
  expect(await outcomeOf(secret)).toBe('revoked');
  expect(await listed(id)).toMatchObject({ id, revokedAt: expect.any(Number) });
  expect(await revokeManagementKeyAsOperator(tables, id)).toBe(true);
  const log = await partition(tables, tables.events, 'WS#OPERATOR');
  expect(log.filter(({ keyId }) => keyId === id).map(({ type, actor }) => [type, actor.kind])).toEqual([
    ['management_key.issued', 'operator'],
    ['management_key.revoked', 'operator'],
  ]);
});

test('of a management key only its digest is kept', async () => {
  const { secret } = await issueManagementKeyAsOperator(tables, 'terraform');
  const kept = JSON.stringify(await memory());
  expect(kept).not.toContain(secret);
  expect(kept).toContain(digestOf(secret));
});

test('a management key that does not exist cannot be revoked, and nothing is written', async () => {
  const before = await memory();
  expect(await revokeManagementKeyAsOperator(tables, 'key_none')).toBe(false);
  expect(await memory()).toEqual(before);
});

test('a member who is added has the role and the name that were said', async () => {
  const slug = newSlug();
  await bootstrap(tables, { slug, name: 'Acme', plan: null, ownerId: 'usr_1', ownerName: 'Ada' });
  await addMember(tables, { workspace: slug, userId: 'usr_2', role: 'member', name: 'Grace' });
  const { getMember } = workspaceStoreOf(tables);
  expect(await getMember(slug, 'usr_1')).toMatchObject({ role: 'owner', name: 'Ada' });
  expect(await getMember(slug, 'usr_2')).toMatchObject({ role: 'member', name: 'Grace' });
});
