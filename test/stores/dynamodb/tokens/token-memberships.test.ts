import { GetItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import type { PersonalAccessToken } from '../../../../core/credential/credential.ts';
import type { SecretLocator } from '../../../../core/credential/secret.ts';
import type { RoleCopies } from '../../../../core/management/member-store.ts';
import { tokenWorkspaceKey } from '../../../../stores/dynamodb/secrets/secret-key.ts';
import { sweepPendingChanges } from '../../../../stores/dynamodb/sweeper/sweep.ts';
import { writeToken } from '../../../../stores/dynamodb/tokens/token-item.ts';
import { tokenTargets } from '../../../../stores/dynamodb/tokens/token-memberships.ts';
import { mortalProcess } from '../faults.ts';
import { toItem } from '../items.ts';
import { finisherAt, memberStoreOf, NOW, newEvent, newId, newSlug, workspaceStoreOf } from '../keys/keys.ts';
import { createTables, type TestTables } from '../tables.ts';
import { decided, putRole, remove, workspaceWith } from '../workspaces/members.ts';
import { newToken } from './tokens.ts';

let tables: TestTables;
beforeAll(async () => {
  tables = await createTables();
});
afterAll(() => tables.release());

const COPIES: RoleCopies = ['tokens'];
let userId: string;
let locators: SecretLocator[];
beforeEach(async () => {
  userId = newId('key');
  locators = [await storedToken(), await storedToken()];
});

async function storedToken(over: Partial<PersonalAccessToken> = {}): Promise<SecretLocator> {
  const { token, asked } = newToken(userId, over);
  const locator = asked.secret.locator;
  const Item = toItem(writeToken({ ...token, locator, slot: undefined }));
  await tables.client.send(new PutItemCommand({ TableName: tables.records, Item }));
  return locator;
}

async function membershipOf(locator: SecretLocator, slug: string) {
  const Key = toItem(tokenWorkspaceKey(locator, slug));
  const { Item } = await tables.client.send(
    new GetItemCommand({ TableName: tables.secrets, Key, ConsistentRead: true }),
  );
  return Item && unmarshall(Item);
}

const put = (slug: string, role: 'owner' | 'admin' | 'member') =>
  putRole(tables, { slug, userId, role, copies: COPIES });

async function expectEverywhere(slug: string, role: string, roleVersion: number): Promise<void> {
  for (const locator of locators)
    expect(await membershipOf(locator, slug)).toMatchObject({ role, roleVersion });
}

test('every token of a user has that user’s role in a workspace, after every change of the membership', async () => {
  const slug = await workspaceWith(tables);
  await put(slug, 'admin');
  await expectEverywhere(slug, 'admin', 1);
  await put(slug, 'member');
  await expectEverywhere(slug, 'member', 2);
  await put(slug, 'owner');
  await expectEverywhere(slug, 'owner', 3);
  const change = await decided(tables, { slug, userId });
  await memberStoreOf(tables, COPIES).remove({ ...change, keys: 'revoke' });
  await expectEverywhere(slug, 'none', 4);
  await put(slug, 'member');
  await expectEverywhere(slug, 'member', 5);
});

test('a membership changes neither another user’s tokens nor revoked tokens', async () => {
  const revoked = await storedToken({ revokedAt: NOW });
  const slug = await workspaceWith(tables);
  await putRole(tables, { slug, userId: 'usr_other', role: 'admin', copies: COPIES });
  await put(slug, 'admin');
  expect(await membershipOf(revoked, slug)).toBeUndefined();
  await putRole(tables, { slug, userId: 'usr_other', role: 'member', copies: COPIES });
  await expectEverywhere(slug, 'admin', 1);
});

test('a token that names its workspaces follows the user’s role there, and works in no other workspace', async () => {
  const [own, other, none] = [await workspaceWith(tables), await workspaceWith(tables), newSlug()];
  const named = await storedToken({ workspaces: [own] });
  const unbound = await storedToken({ workspaces: null });
  const roleIn = async (locator: SecretLocator, slug: string) => (await membershipOf(locator, slug))?.role;
  for (const role of ['member', 'owner', 'admin'] as const) {
    for (const slug of [own, other]) await put(slug, role);
    await workspaceStoreOf(tables, COPIES).create({
      workspace: { slug: `${none}-${role}`, name: 'Acme', plan: null, createdAt: NOW, version: 1 },
      ownerId: userId,
      event: newEvent('workspace.created', none, null),
    });
    const slugs = [own, other, `${none}-${role}`];
    expect(await Promise.all(slugs.map((slug) => roleIn(named, slug)))).toEqual([role, undefined, undefined]);
    expect(await Promise.all(slugs.map((slug) => roleIn(unbound, slug)))).toEqual([role, role, 'owner']);
  }
  await remove(tables, { slug: own, userId, copies: COPIES });
  expect(await roleIn(named, own)).toBe('none');
  // Who is back is back with the tokens that they made for this workspace.
  await put(own, 'member');
  expect(await roleIn(named, own)).toBe('member');
});

test('the tokens of its owner work in a new workspace at once', async () => {
  const slug = newSlug();
  const workspace = { slug, name: 'Acme', plan: null, createdAt: NOW, version: 1 };
  const event = newEvent('workspace.created', slug, null);
  expect(await workspaceStoreOf(tables, COPIES).create({ workspace, ownerId: userId, event })).toEqual({
    kind: 'created',
  });
  await expectEverywhere(slug, 'owner', 1);
  expect(await sweepPendingChanges(finisherAt(tables, NOW + 120))).toBe(0);
});

test('the sweeper finishes a membership change whose process crashed', async () => {
  const mortal = mortalProcess(tables);
  for (let at = 4; at < 7; at += 1) {
    const slug = await workspaceWith(tables);
    const change = await decided(tables, { slug, userId });
    mortal.live({ at, moment: 'before' });
    const adding = memberStoreOf(mortal.tables, COPIES).put({ ...change, role: 'admin' });
    await expect(adding).rejects.toThrow();
    expect(await sweepPendingChanges(finisherAt(tables, NOW + 120))).toBe(1);
    await expectEverywhere(slug, 'admin', 1);
  }
});

test('an older role never overwrites a newer one', async () => {
  const workspace = newSlug();
  const align = async (role: 'owner' | 'member', version: number) => {
    const { targets } = await tokenTargets(tables, { workspace, userId, role, version }).page(null);
    await Promise.all(targets.map(({ change }) => change()));
  };
  await align('member', 5);
  await align('owner', 4);
  await expectEverywhere(workspace, 'member', 5);
});
