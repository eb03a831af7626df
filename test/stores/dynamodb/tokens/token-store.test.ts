import { UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { digestOf } from '../../../../core/credential/secret.ts';
import { tokenWorkspaceKey } from '../../../../stores/dynamodb/secrets/secret-key.ts';
import {
  memberKey,
  type Tables,
  userKey,
  userSlotKey,
  userWorkspaceKey,
} from '../../../../stores/dynamodb/table/tables.ts';
import { dynamoTokenStore } from '../../../../stores/dynamodb/tokens/token-store.ts';
import { itemsAbout, renamed } from '../copies.ts';
import { conflictingTables, observedReads, seeded } from '../faults.ts';
import { toItem } from '../items.ts';
import { dump, memberStoreOf, NOW, newSlug, partition } from '../keys/keys.ts';
import { putItems, putRecords } from '../put-items.ts';
import { createTables, type TestTables } from '../tables.ts';
import { decided, remove, workspaceOf } from '../workspaces/members.ts';
import { tokenUsers } from './token-users.ts';
import { newToken } from './tokens.ts';

let tables: TestTables;
beforeAll(async () => {
  tables = await createTables();
});
afterAll(() => tables.release());

const { newUserId, join, newUser, issued, revocationOf, roleIn, eventsOf } = tokenUsers(() => tables);

describe('a token that is issued', () => {
  test('acts in every workspace of its user with the user’s role there, and in no other', async () => {
    const userId = await newUser({ 'one-a': 'owner', 'one-b': 'member' });
    await newUser({ 'one-c': 'owner' });
    const { text } = await issued(userId);
    const lowered = await issued(userId, { ceiling: 'admin' });
    expect([await roleIn(text, 'one-a'), await roleIn(text, 'one-b')]).toEqual(['owner', 'member']);
    expect([await roleIn(lowered.text, 'one-a'), await roleIn(lowered.text, 'one-b')]).toEqual([
      'admin',
      'member',
    ]);
    for (const slug of ['one-c', 'absent']) expect(await roleIn(text, slug)).toBe('wrong_workspace');
  });

  test('is listed as it was issued, newest first, without anything of how it is stored', async () => {
    const userId = await newUser({ [newSlug()]: 'owner' });
    const all = [];
    for (const name of ['first', 'second', 'third']) all.unshift((await issued(userId, { name })).token);
    const store = dynamoTokenStore(tables);
    expect(await store.list({ userId, now: NOW, limit: 50 })).toEqual({
      kind: 'listed',
      tokens: all,
      next: null,
    });
    const first = await store.list({ userId, now: NOW, limit: 2 });
    expect(first).toEqual({ kind: 'listed', tokens: all.slice(0, 2), next: all[1]?.id });
    const rest = await store.list({ userId, now: NOW, limit: 2, after: all[1]?.id });
    expect(rest).toEqual({ kind: 'listed', tokens: all.slice(2), next: null });
  });

  test('leaves no trace of its text in any table', async () => {
    const { text } = await issued(await newUser({ [newSlug()]: 'owner' }));
    const all = await Promise.all(
      [tables.records, tables.secrets, tables.events, tables.managementKeys].map((name) =>
        dump(tables, name),
      ),
    );
    expect(JSON.stringify(all)).toContain(digestOf(text));
    expect(JSON.stringify(all)).not.toContain(text.slice(-32));
  });

  test('is read with one strongly consistent operation, and stamped at most once a minute', async () => {
    const slug = newSlug();
    const userId = await newUser({ [slug]: 'owner' });
    const { text } = await issued(userId);
    const observed = observedReads(tables);
    expect(await roleIn(text, slug, observed.tables)).toBe('owner');
    expect(await roleIn(text, newSlug(), observed.tables)).toBe('wrong_workspace');
    const read = { command: 'BatchGetItemCommand', isConsistent: true };
    expect(observed.reads).toEqual([read, read]);
    const page = await dynamoTokenStore(tables).list({ userId, now: NOW, limit: 1 });
    expect(page).toMatchObject({ tokens: [{ lastUsedAt: NOW }] });
  });
});

describe('issuing a token', () => {
  test('is refused for a user without a workspace, and changes nothing', async () => {
    const store = dynamoTokenStore(tables);
    const { asked } = newToken(newUserId());
    expect(await store.issue(asked)).toEqual({ kind: 'no_member' });
    expect(await store.list({ userId: asked.token.userId, now: NOW, limit: 1 })).toEqual({
      kind: 'unknown_user',
    });
    expect(await eventsOf(asked.token)).toEqual([]);
  });

  test('takes the lower role of one who is being lowered, and none of one who is being removed', async () => {
    const slugs = { lowered: newSlug(), removed: newSlug(), gone: newSlug() };
    const userId = await newUser({
      [slugs.lowered]: 'owner',
      [slugs.removed]: 'owner',
      [slugs.gone]: 'owner',
    });
    const change = (slug: string, UpdateExpression: string, values: Record<string, string>) =>
      tables.client.send(
        new UpdateItemCommand({
          TableName: tables.records,
          Key: toItem(memberKey(slug, userId)),
          UpdateExpression,
          ...(values.role === undefined
            ? { ExpressionAttributeNames: { '#role': 'role' } }
            : { ExpressionAttributeValues: { ':role': { S: values.role } } }),
        }),
      );
    await change(slugs.lowered, 'SET pendingRole = :role', { role: 'member' });
    await change(slugs.removed, 'SET pendingRole = :role', { role: 'none' });
    await change(slugs.gone, 'REMOVE #role', {});
    const { text } = await issued(userId);
    expect(await roleIn(text, slugs.lowered)).toBe('member');
    for (const slug of [slugs.removed, slugs.gone]) expect(await roleIn(text, slug)).toBe('wrong_workspace');
  });

  /** Runs something right before the transaction that issues. */
  function interrupted(happens: () => Promise<void>): { readonly tables: Tables; times(): number } {
    const own = tables.connect();
    let times = 0;
    own.client.middlewareStack.add(
      (next, { commandName }) =>
        async (args) => {
          if (commandName === 'TransactWriteItemsCommand') {
            times += 1;
            if (times === 1) await happens();
          }
          return next(args);
        },
      { step: 'initialize', name: 'interrupt' },
    );
    return { tables: own, times: () => times };
  }

  test('is decided anew when a role changes under it: no token is more powerful than its user', async () => {
    const slug = newSlug();
    const userId = await newUser({ [slug]: 'owner' });
    const { tables: own, times } = interrupted(() => join(userId, slug, 'member'));
    const { text, asked } = newToken(userId);
    expect(await dynamoTokenStore(own).issue(asked)).toEqual({ kind: 'issued' });
    expect(times()).toBe(2);
    expect(await roleIn(text, slug)).toBe('member');
    const locator = asked.secret.locator;
    const [stored] = (await partition(tables, tables.secrets, locator)).filter(
      ({ sk }) => sk === tokenWorkspaceKey(locator, slug).sk,
    );
    expect(stored).toMatchObject({ role: 'member', roleVersion: 2 });
  });

  test('is decided anew when its user joins a workspace meanwhile: no token lacks one', async () => {
    const slugs = [newSlug(), newSlug()] as const;
    const userId = await newUser({ [slugs[0]]: 'owner' });
    const { tables: own, times } = interrupted(() => join(userId, slugs[1], 'admin'));
    const { text, asked } = newToken(userId);
    expect(await dynamoTokenStore(own).issue(asked)).toEqual({ kind: 'issued' });
    expect(times()).toBe(2);
    expect(await roleIn(text, slugs[1])).toBe('admin');
  });

  test('is refused clearly beyond the workspaces that one transaction can bind, and works up to there', async () => {
    const userId = newUserId();
    await join(userId, 'many-0', 'member');
    const items = (await itemsAbout(tables, ['many-0'])).filter(({ item }) =>
      JSON.stringify(item).includes(userId),
    );
    const others = Array.from({ length: 79 }, (_, index) => new Map([['many-0', `many-${index + 1}`]]));
    await putItems(
      tables,
      others.flatMap((names) => renamed(items, names)),
    );
    const { text } = await issued(userId);
    expect(await roleIn(text, 'many-47')).toBe('member');
    await join(userId, 'many-80', 'member');
    expect(await dynamoTokenStore(tables).issue(newToken(userId).asked)).toEqual({
      kind: 'too_many_workspaces',
    });
    // Naming them always works, with as many as one transaction can bind.
    const workspaces = Array.from({ length: 80 }, (_, index) => `many-${index + 1}`);
    const named = await issued(userId, { workspaces });
    expect([await roleIn(named.text, 'many-80'), await roleIn(named.text, 'many-0')]).toEqual([
      'member',
      'wrong_workspace',
    ]);
  });

  test('with workspaces that are named costs the same operations, and is for those of its user alone', async () => {
    const slugs = [newSlug(), newSlug()] as const;
    const userId = await newUser({ [slugs[0]]: 'owner', [slugs[1]]: 'admin' });
    await newUser({ 'not-theirs': 'owner' });
    const operations: (readonly string[])[] = [];
    for (const workspaces of [null, [slugs[1]]]) {
      const observed = observedReads(tables);
      expect(await dynamoTokenStore(observed.tables).issue(newToken(userId, { workspaces }).asked)).toEqual({
        kind: 'issued',
      });
      operations.push(observed.reads.map(({ command }) => command));
    }
    expect(operations[1]).toEqual(operations[0]);
    const issue = (workspaces: readonly string[], user = userId) =>
      dynamoTokenStore(tables).issue(newToken(user, { workspaces }).asked);
    expect(await issue([slugs[0], 'not-theirs'])).toEqual({ kind: 'not_in_workspace' });
    expect(await issue(['absent'])).toEqual({ kind: 'not_in_workspace' });
    expect(await issue([slugs[0]], newUserId())).toEqual({ kind: 'no_member' });
  });

  test('for a workspace that its user leaves, or is lowered in meanwhile, is decided anew', async () => {
    const slug = newSlug();
    const userId = await newUser({ [slug]: 'owner', [newSlug()]: 'owner' });
    const { tables: lowering } = interrupted(() => join(userId, slug, 'member'));
    const lowered = newToken(userId, { workspaces: [slug] });
    expect(await dynamoTokenStore(lowering).issue(lowered.asked)).toEqual({ kind: 'issued' });
    expect(await roleIn(lowered.text, slug)).toBe('member');
    const { tables: leaving } = interrupted(async () => {
      await remove(tables, { slug, userId, copies: ['tokens'] });
    });
    const left = newToken(userId, { workspaces: [slug] });
    expect(await dynamoTokenStore(leaving).issue(left.asked)).toEqual({ kind: 'not_in_workspace' });
    expect(await roleIn(left.text, slug)).toBe('unknown');
    expect(await roleIn(lowered.text, slug)).toBe('wrong_workspace');
  });

  test('is refused to a user who has 500 active tokens, until one of them is revoked or expires', async () => {
    const userId = await newUser({ [newSlug()]: 'owner' });
    const { token } = await issued(userId);
    const [own] = await partition(tables, tables.records, `USER#${userId}`);
    const slots = Array.from({ length: 500 }, (_, number) => userSlotKey(userId, number))
      .filter(({ sk }) => sk !== own?.sk)
      .map((key) => ({ ...key, keyId: 'pat_another', expiresAt: NOW + 5, version: 1 }));
    expect(slots).toHaveLength(499);
    await putRecords(tables, slots);
    const store = dynamoTokenStore(tables);
    expect(await store.issue(newToken(userId).asked)).toEqual({ kind: 'too_many_tokens' });
    await store.revoke(revocationOf(token));
    expect(await store.issue(newToken(userId).asked)).toEqual({ kind: 'issued' });
    expect(await store.issue(newToken(userId).asked)).toEqual({ kind: 'too_many_tokens' });
    expect(await store.issue(newToken(userId, { createdAt: NOW + 5 }).asked)).toEqual({ kind: 'issued' });
  });

  test('gets through though other writes meet it', async () => {
    const userId = await newUser({ [newSlug()]: 'owner' });
    const store = dynamoTokenStore(conflictingTables(tables, 0.5, seeded(7)));
    for (let count = 0; count < 4; count += 1) {
      const { asked, token } = newToken(userId);
      expect(await store.issue(asked)).toEqual({ kind: 'issued' });
      expect(await store.revoke(revocationOf(token))).toMatchObject({ token: { revokedAt: NOW } });
    }
  });
});

describe('joining a workspace', () => {
  test('is written down with its user, whose version grows, in the same transaction', async () => {
    const slugs = [newSlug(), newSlug()] as const;
    const userId = newUserId();
    await workspaceOf(tables, userId, slugs[0]);
    await join(userId, slugs[1], 'member');
    await join(userId, slugs[1], 'owner');
    const items = await partition(tables, tables.records, userKey(userId).pk);
    expect(items.map(({ sk }) => sk).sort()).toEqual(
      [userKey(userId).sk, ...slugs.map((slug) => userWorkspaceKey(userId, slug).sk)].sort(),
    );
    expect(items.find(({ sk }) => sk === userKey(userId).sk)?.version).toBe(3);
  });
});

const KEPT_SECONDS = 30 * 86_400;

describe('a token that expires', () => {
  test('takes with it what it was in each workspace, also in those that were joined later, and keeps its own item', async () => {
    const [first, second] = [newSlug(), newSlug()];
    const userId = await newUser({ [first]: 'owner' });
    const expiresAt = NOW + 500;
    const { text, locator } = await issued(userId, { expiresAt });
    await join(userId, second, 'member');
    await join(userId, first, 'member');
    const items = await partition(tables, tables.secrets, locator);
    expect(items.filter(({ sk }) => sk !== 'TOKEN').map(({ deleteAt }) => deleteAt)).toEqual([
      expiresAt + KEPT_SECONDS,
      expiresAt + KEPT_SECONDS,
    ]);
    expect(items.find(({ sk }) => sk === 'TOKEN')).not.toHaveProperty('deleteAt');
    expect([await roleIn(text, first), await roleIn(text, second)]).toEqual(['member', 'member']);
  });
});

describe('a membership that ended', () => {
  test('is cleaned up on every token, unless its user comes back', async () => {
    const slug = newSlug();
    const userId = await newUser({ [slug]: 'member' });
    const lasting = await issued(userId);
    const expiring = await issued(userId, { expiresAt: NOW + 500 });
    const deleteAts = async () => {
      const items = await Promise.all(
        [lasting, expiring].map(({ locator }) => partition(tables, tables.secrets, locator)),
      );
      return items.map((each) => each.find(({ sk }) => sk === `WS#${slug}`)?.deleteAt);
    };
    expect(await deleteAts()).toEqual([undefined, NOW + 500 + KEPT_SECONDS]);
    await memberStoreOf(tables, ['tokens']).remove({
      ...(await decided(tables, { slug, userId })),
      keys: 'revoke',
    });
    expect(await deleteAts()).toEqual([NOW + KEPT_SECONDS, NOW + KEPT_SECONDS]);
    await join(userId, slug, 'admin');
    expect(await deleteAts()).toEqual([undefined, NOW + 500 + KEPT_SECONDS]);
    expect(await roleIn(lasting.text, slug)).toBe('admin');
  });
});
