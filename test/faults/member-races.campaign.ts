import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Role } from '../../core/access/role.ts';
import type { RoleCopies } from '../../core/management/member-store.ts';
import { roleOf } from '../../core/management/workspace-store.ts';
import { PAGE } from '../../stores/dynamodb/table/propagation.ts';
import { dynamoTokenStore } from '../../stores/dynamodb/tokens/token-store.ts';
import { scaled } from '../campaigns/campaign.ts';
import { mortalProcess, someOf } from '../stores/dynamodb/faults.ts';
import { expectAgreement, storedSecretOf } from '../stores/dynamodb/keys/agreement.ts';
import {
  aRevocation,
  aRotation,
  keyStoreOf,
  memberStoreOf,
  NOW,
  newKey,
  newSlug,
  outcomeOf,
  settledKey,
} from '../stores/dynamodb/keys/keys.ts';
import { manyKeys } from '../stores/dynamodb/keys/many-keys.ts';
import { createTables, type TestTables } from '../stores/dynamodb/tables.ts';
import { newToken, roleOfToken } from '../stores/dynamodb/tokens/tokens.ts';
import {
  decided,
  issuedBy,
  KEYS,
  memberIn,
  ownersOf,
  putRole,
  remove,
  userVersionOf,
  workspaceOf,
  workspaceWith,
} from '../stores/dynamodb/workspaces/members.ts';
import { RACE_MS, repeatRace } from './race.ts';

let tables: TestTables;
beforeAll(async () => {
  tables = await createTables();
});
afterAll(() => tables.release());

const userId = 'usr_1';

const TOKENS: RoleCopies = ['tokens'];

async function roleOfSecret(text: string): Promise<Role | null | undefined> {
  return (await storedSecretOf(tables, text))?.principal.role;
}

/** Issues in the member's name until told to stop, each time as they are at that moment. */
async function issueMeanwhile(slug: string, isOver: () => boolean): Promise<string[]> {
  const texts: string[] = [];
  while (!isOver()) {
    const member = await memberIn(tables, { slug, userId });
    if (member === undefined) return texts;
    const creator = { userId, version: member.version };
    const { text, key } = newKey({ workspace: slug, role: roleOf(member), creator });
    if ((await keyStoreOf(tables).issue(key)).kind === 'issued') texts.push(text);
  }
  return texts;
}

test(
  'no key that is issued while its creator is demoted keeps the old role',
  async () => {
    let issuedMeanwhile = 0;
    await repeatRace({
      property: 'no key that is issued while its creator is demoted keeps the old role',
      rounds: { part: 2, whole: 50 },
      round: async () => {
        const slug = await workspaceWith(tables, { [userId]: 'owner' });
        let isOver = false;
        const issuers = Array.from({ length: 4 }, () => issueMeanwhile(slug, () => isOver));
        await issuedBy(tables, { slug, userId });
        expect(await putRole(tables, { slug, userId, role: 'member' })).toMatchObject({ kind: 'changed' });
        isOver = true;
        const texts = (await Promise.all(issuers)).flat();
        issuedMeanwhile += texts.length;
        for (const text of texts) expect(await roleOfSecret(text)).toBe('member');
      },
    });
    expect(issuedMeanwhile).toBeGreaterThan(3);
  },
  RACE_MS,
);

test(
  'no key that is issued while its creator is removed goes on working',
  async () => {
    await repeatRace({
      property: 'no key that is issued while its creator is removed goes on working',
      rounds: { part: 1, whole: 30 },
      round: async () => {
        const slug = await workspaceWith(tables, { [userId]: 'admin' });
        const issuers = Array.from({ length: 4 }, () => issueMeanwhile(slug, () => false));
        await issuedBy(tables, { slug, userId });
        expect(await remove(tables, { slug, userId })).toMatchObject({ kind: 'removed' });
        for (const text of (await Promise.all(issuers)).flat())
          expect(await outcomeOf(tables, text)).toBe('revoked');
      },
    });
  },
  RACE_MS,
);

test(
  'no secret that a rotation adds while the creator is demoted keeps the old role',
  async () => {
    const kinds = new Set<string>();
    await repeatRace({
      property: 'no secret that a rotation adds while the creator is demoted keeps the old role',
      rounds: { part: 8, whole: 200 },
      round: async (index) => {
        const round = index % 20;
        const slug = await workspaceWith(tables, { [userId]: 'owner' });
        const { text, key } = await issuedBy(tables, { slug, userId });
        const { text: newText, rotation } = aRotation(key, 600);
        const rotate = async () => {
          // A demotion reads and writes the member before it reaches a key, so that a rotation has to be given some way to go.
          for (let step = 0; step < round / 2; step += 1) await memberIn(tables, { slug, userId });
          return keyStoreOf(tables).rotate(rotation);
        };
        const demote = () => putRole(tables, { slug, userId, role: 'member' });
        const outcomes = await Promise.all(round % 2 === 0 ? [rotate(), demote()] : [demote(), rotate()]);
        const rotated = outcomes[round % 2];
        kinds.add(rotated?.kind ?? '');
        expect(outcomes[1 - (round % 2)]).toMatchObject({ kind: 'changed', member: { role: 'member' } });
        const texts = rotated?.kind === 'changed' ? [text, newText] : [text];
        for (const each of texts) expect(await roleOfSecret(each)).toBe('member');
        await expectAgreement(tables, key, [text, newText], NOW, 1);
      },
    });
    // Otherwise only one order was ever tried.
    expect(kinds).toEqual(new Set(['changed', 'conflict']));
  },
  RACE_MS,
);

test(
  'a demotion and a revocation at the same time end the key',
  async () => {
    await repeatRace({
      property: 'a demotion and a revocation at the same time end the key',
      rounds: { part: 3, whole: 200 },
      round: async () => {
        const slug = await workspaceWith(tables, { [userId]: 'admin' });
        const { text, key } = await issuedBy(tables, { slug, userId });
        await Promise.all([
          putRole(tables, { slug, userId, role: 'member' }),
          keyStoreOf(tables).revoke(aRevocation(key)),
        ]);
        expect(await outcomeOf(tables, text)).toBe('revoked');
        expect((await settledKey(tables, key))?.revokedAt).toBe(NOW);
      },
    });
  },
  RACE_MS,
);

test.each(['as themselves', 'through an operator'] as const)(
  'of the last two owners who demote each other %s one is demoted, and the other stays',
  async (manner) => {
    await repeatRace({
      property: `of the last two owners who demote each other ${manner} one stays`,
      rounds: { part: 3, whole: 200 },
      round: async (round) => {
        const slug = await workspaceWith(tables, { [userId]: 'owner' });
        const pairs = [
          ['usr_owner', userId],
          [userId, 'usr_owner'],
        ] as const;
        const asked = await Promise.all(
          pairs.map(async ([by, of]) => ({
            ...(await decided(tables, { slug, userId: of })),
            caller: manner === 'as themselves' ? { userId: by, version: 1 } : null,
          })),
        );
        const outcomes = await Promise.all(
          asked.map((change, index) =>
            round % 3 === 0
              ? memberStoreOf(tables, KEYS).remove({ ...change, keys: 'revoke' })
              : memberStoreOf(tables, KEYS).put({ ...change, role: index === 0 ? 'admin' : 'member' }),
          ),
        );
        const kinds = outcomes.map(({ kind }) => kind).sort();
        expect(kinds).toEqual([round % 3 === 0 ? 'removed' : 'changed', 'last_owner'].sort());
        expect(await ownersOf(tables, slug)).toBe(1);
      },
    });
  },
  RACE_MS,
);

test(
  'changes of one member at the same time end as one of them said, and the keys say the same',
  async () => {
    await repeatRace({
      property: 'of changes of one member at the same time one is done, and the keys say the same',
      rounds: { part: 3, whole: 200 },
      round: async () => {
        const slug = await workspaceWith(tables, { [userId]: 'admin' });
        const { text } = await issuedBy(tables, { slug, userId });
        const change = await decided(tables, { slug, userId });
        const roles = ['member', 'owner'] as const;
        const store = memberStoreOf(tables, KEYS);
        const outcomes = await Promise.all(roles.map((role) => store.put({ ...change, role })));
        expect(outcomes.map(({ kind }) => kind).sort()).toEqual(['changed', 'conflict']);
        const winner = roles[outcomes.findIndex(({ kind }) => kind === 'changed')];
        expect(await memberIn(tables, { slug, userId })).toMatchObject({ role: winner, version: 2 });
        expect(await roleOfSecret(text)).toBe(winner);
      },
    });
  },
  RACE_MS,
);

test('memberships that change at the same time each make their user a version older', async () => {
  const before = await userVersionOf(tables, 'usr_many');
  await Promise.all(Array.from({ length: 8 }, () => workspaceWith(tables, { usr_many: 'member' })));
  expect((await userVersionOf(tables, 'usr_many')) - (before ?? 0)).toBe(8);
});

/** Dies with its copies half made, and thaws long after others have finished them and gone on. */
async function frozenIn(change: (store: TestTables) => Promise<unknown>, at: number) {
  const frozen = mortalProcess(tables);
  const reached = Promise.withResolvers<void>();
  const thawed = Promise.withResolvers<void>();
  let sent = 0;
  frozen.tables.client.middlewareStack.add(
    (next) => async (args) => {
      sent += 1;
      if (sent === at) {
        reached.resolve();
        await thawed.promise;
      }
      return next(args);
    },
    { step: 'initialize', name: 'freeze' },
  );
  const changing = change({ ...tables, ...frozen.tables }).catch(() => undefined);
  await Promise.race([reached.promise, changing]);
  return {
    thaw: () => {
      thawed.resolve();
      return changing;
    },
  };
}

test('a promotion that thaws after a demotion gives no key its old role back', async () => {
  for (const at of someOf([3, 4, 5, 6, 7, 8, 9], scaled({ part: 4, whole: 7 }))) {
    const slug = await workspaceWith(tables, { [userId]: 'member' });
    const { text, key } = await issuedBy(tables, { slug, userId });
    const { thaw } = await frozenIn((store) => putRole(store, { slug, userId, role: 'owner' }), at);
    expect(await putRole(tables, { slug, userId, role: 'admin' })).toMatchObject({ kind: 'changed' });
    await thaw();
    const member = await memberIn(tables, { slug, userId });
    expect(await roleOfSecret(text)).toBe(member?.role);
    expect((await settledKey(tables, key))?.role).toBe(member?.role);
    expect(member).not.toHaveProperty('pendingRole');
  }
});

test('a removal that thaws after its member is back ends no key of theirs from then', async () => {
  const moments = [3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13];
  for (const at of someOf(moments, scaled({ part: 5, whole: 11 }))) {
    const slug = await workspaceWith(tables, { [userId]: 'admin' });
    const old = await issuedBy(tables, { slug, userId });
    const { thaw } = await frozenIn((store) => remove(store, { slug, userId }), at);
    const wasBegun = (await memberIn(tables, { slug, userId })) === undefined;
    await putRole(tables, { slug, userId, role: 'member' });
    const fresh = await issuedBy(tables, { slug, userId });
    await thaw();
    const isMember = (await memberIn(tables, { slug, userId })) !== undefined;
    expect(isMember).toBe(true);
    expect(await outcomeOf(tables, fresh.text)).toBe('allow');
    expect(await outcomeOf(tables, old.text)).toBe(wasBegun ? 'revoked' : 'allow');
  }
});

test(
  'no token is let into the workspace that its user was removed from, by a use that begins after that',
  async () => {
    let letIn = 0;
    await repeatRace({
      property: 'no token is let into a workspace by a use that begins after its user was removed',
      rounds: { part: 4, whole: 300 },
      round: async () => {
        const own = `usr_${newSlug()}`;
        const slug = await workspaceOf(tables, 'usr_owner');
        await putRole(tables, { slug, userId: own, role: 'admin', copies: TOKENS });
        const { text, asked } = newToken(own);
        expect(await dynamoTokenStore(tables).issue(asked)).toEqual({ kind: 'issued' });
        const used = Promise.withResolvers<void>();
        let isRemoved = false;
        const callers = Array.from({ length: 3 }, async () => {
          const seen: string[] = [];
          // Whether the removal was answered is looked at before each use begins.
          for (let isLast = false; !isLast; ) {
            isLast = isRemoved;
            const outcome = await roleOfToken(tables, text, slug);
            used.resolve();
            if (isLast) seen.push(outcome);
            else if (outcome === 'admin') letIn += 1;
          }
          return seen;
        });
        await used.promise;
        const change = { ...(await decided(tables, { slug, userId: own })), keys: 'revoke' } as const;
        expect(await memberStoreOf(tables, TOKENS).remove(change)).toMatchObject({ kind: 'removed' });
        isRemoved = true;
        expect((await Promise.all(callers)).flat()).toEqual(Array(3).fill('wrong_workspace'));
      },
    });
    expect(letIn).toBeGreaterThan(3);
  },
  RACE_MS,
);

test('more keys than a page holds are reached by one call, demoted or ended', async () => {
  const count = scaled({ part: PAGE + 5, whole: 2 * PAGE + 50 });
  const slug = await workspaceWith(tables, { [userId]: 'owner' });
  const texts = await manyKeys(tables, { slug, userId, role: 'owner', count });
  await putRole(tables, { slug, userId, role: 'member' });
  expect(new Set(await Promise.all(texts.map(roleOfSecret)))).toEqual(new Set(['member']));
  const outcome = await remove(tables, { slug, userId });
  expect(outcome.kind === 'removed' && outcome.revoked).toHaveLength(count);
  const outcomes = await Promise.all(texts.map((text) => outcomeOf(tables, text)));
  expect(new Set(outcomes)).toEqual(new Set(['revoked']));
});
