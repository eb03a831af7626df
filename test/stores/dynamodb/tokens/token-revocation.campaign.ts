import { DeleteItemCommand } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { digestOf } from '../../../../core/credential/secret.ts';
import { tokenSecretKey } from '../../../../stores/dynamodb/secrets/secret-key.ts';
import { tokenTargets } from '../../../../stores/dynamodb/tokens/token-memberships.ts';
import { dynamoTokenSource } from '../../../../stores/dynamodb/tokens/token-source.ts';
import { dynamoTokenStore } from '../../../../stores/dynamodb/tokens/token-store.ts';
import { eachDeath, mortalProcess } from '../faults.ts';
import { toItem } from '../items.ts';
import { memberStoreOf, NOW, newSlug, partition } from '../keys/keys.ts';
import { createTables, type TestTables } from '../tables.ts';
import { decided } from '../workspaces/members.ts';
import { tokenUsers } from './token-users.ts';

let tables: TestTables;
beforeAll(async () => {
  tables = await createTables();
});
afterAll(() => tables.release());

const { join, newUser, issued, revocationOf, roleIn, eventsOf } = tokenUsers(() => tables);

const KEPT_SECONDS = 30 * 86_400;

/** Tables on which something happens right before the n-th operation, or at last where there are not so many. */
function interruptedAt(step: number, happens: () => Promise<void>) {
  const own = tables.connect();
  let operations = 0;
  own.client.middlewareStack.add(
    (next) => async (args) => {
      operations += 1;
      if (operations === step) await happens();
      return next(args);
    },
    { step: 'initialize', name: 'interruptAt' },
  );
  return {
    tables: own,
    settle: async () => {
      if (operations < step) await happens();
    },
  };
}

describe('a revoked token', () => {
  test('is refused in every workspace on the very next request, and stays revoked', async () => {
    const userId = await newUser({ 'end-a': 'owner', 'end-b': 'member' });
    const { text, token } = await issued(userId);
    await roleIn(text, 'end-a');
    const revoked = { ...token, revokedAt: NOW + 1, lastUsedAt: NOW };
    const store = dynamoTokenStore(tables);
    expect(await store.revoke(revocationOf(token, NOW + 1))).toEqual({ kind: 'revoked', token: revoked });
    for (const slug of ['end-a', 'end-b', 'absent']) expect(await roleIn(text, slug)).toBe('revoked');
    expect(await store.revoke(revocationOf(token, NOW + 9))).toEqual({ kind: 'revoked', token: revoked });
    expect(await eventsOf(token)).toEqual(['token.issued', 'token.revoked']);
  });

  test('was revoked once, however many asked at the same time', async () => {
    const { token } = await issued(await newUser({ [newSlug()]: 'owner' }));
    const store = dynamoTokenStore(tables);
    await Promise.all([1, 2, 3, 4].map(() => store.revoke(revocationOf(token))));
    expect(await eventsOf(token)).toEqual(['token.issued', 'token.revoked']);
  });

  test('is nobody else’s to revoke', async () => {
    const slug = newSlug();
    const { text, token } = await issued(await newUser({ [slug]: 'owner' }));
    const store = dynamoTokenStore(tables);
    expect(
      await store.revoke(revocationOf({ ...token, userId: await newUser({ [slug]: 'admin' }) })),
    ).toEqual({
      kind: 'not_found',
    });
    expect(await roleIn(text, slug)).toBe('owner');
  });

  test('leaves nothing for ever: what it was in each workspace is cleaned up with it', async () => {
    const slugs = [newSlug(), newSlug(), newSlug()] as const;
    const userId = await newUser({ [slugs[0]]: 'owner', [slugs[1]]: 'member', [slugs[2]]: 'member' });
    const { token, locator } = await issued(userId);
    await memberStoreOf(tables, ['tokens']).remove({
      ...(await decided(tables, { slug: slugs[1], userId })),
      keys: 'revoke',
    });
    await dynamoTokenStore(tables).revoke(revocationOf(token, NOW + 1));
    const items = await partition(tables, tables.secrets, locator);
    expect(items).toHaveLength(4);
    for (const item of items) expect(item.deleteAt).toBe(NOW + 1 + KEPT_SECONDS);
  });

  test('is cleaned up though the first revocation died before, once it is repeated', async () => {
    const userId = await newUser({ [newSlug()]: 'owner' });
    const mortal = mortalProcess(tables);
    await eachDeath(mortal, async () => {
      const { token, locator } = await issued(userId);
      await dynamoTokenStore(mortal.tables)
        .revoke(revocationOf(token))
        .catch(() => undefined);
      await dynamoTokenStore(tables).revoke(revocationOf(token, NOW + 9));
      const items = await partition(tables, tables.secrets, locator);
      expect(items).toHaveLength(2);
      for (const { deleteAt } of items) expect(deleteAt).toBeGreaterThanOrEqual(NOW + KEPT_SECONDS);
    });
  });

  test.each(['admin', 'member', 'none'] as const)(
    'stays cleaned up though its user becomes %s while it is revoked, at whatever step',
    async (role) => {
      const [old, joined] = [newSlug(), newSlug()];
      for (const step of [1, 2, 3, 4, 5, 6]) {
        const userId = await newUser({ [old]: 'owner' });
        const { token, locator } = await issued(userId);
        const interrupting = interruptedAt(step, async () => {
          await dynamoTokenStore(tables).revoke(revocationOf(token, NOW + 5));
        });
        const membership = { userId, role, pendingChange: { since: NOW } };
        const version = 100 + step;
        for (const workspace of [old, joined]) {
          const asked = { ...membership, workspace, version };
          const { targets } = await tokenTargets(interrupting.tables, asked).page(null);
          for (const { change } of targets) await change();
        }
        await interrupting.settle();
        const items = await partition(tables, tables.secrets, locator);
        expect(items.map(({ sk }) => sk)).toEqual(expect.arrayContaining(['TOKEN', `WS#${old}`]));
        expect({ step, without: items.filter(({ deleteAt }) => deleteAt === undefined) }).toEqual({
          step,
          without: [],
        });
      }
    },
  );

  test('is not brought back by a change of a membership after it was cleaned up', async () => {
    const slug = newSlug();
    const userId = await newUser({ [slug]: 'owner' });
    const { token, locator } = await issued(userId);
    await dynamoTokenStore(tables).revoke(revocationOf(token));
    for (const { pk, sk } of await partition(tables, tables.secrets, locator))
      await tables.client.send(new DeleteItemCommand({ TableName: tables.secrets, Key: toItem({ pk, sk }) }));
    await join(userId, slug, 'member');
    expect(await partition(tables, tables.secrets, locator)).toEqual([]);
  });

  test('does not come back as a stub when it is stamped after it was cleaned up', async () => {
    const locator = digestOf('never issued');
    await dynamoTokenSource(tables).stamp(locator, NOW);
    expect(await partition(tables, tables.secrets, tokenSecretKey(locator).pk)).toEqual([]);
  });
});

test('a revocation that dies at any store operation is finished by revoking again, and never half answered', async () => {
  const slug = newSlug();
  const userId = await newUser({ [slug]: 'owner' });
  const mortal = mortalProcess(tables);
  const operations = await eachDeath(mortal, async () => {
    const { text, token } = await issued(userId);
    const answered = await dynamoTokenStore(mortal.tables)
      .revoke(revocationOf(token))
      .catch(() => undefined);
    if (answered?.kind === 'revoked') expect(await roleIn(text, slug)).toBe('revoked');
    await dynamoTokenStore(tables).revoke(revocationOf(token));
    expect(await roleIn(text, slug)).toBe('revoked');
    expect(await eventsOf(token)).toEqual(['token.issued', 'token.revoked']);
  });
  expect(operations).toBe(7);
});
