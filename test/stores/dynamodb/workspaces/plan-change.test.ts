import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { RateLimit } from '../../../../core/access/rate-limit.ts';
import type { NewKey } from '../../../../core/management/key-store.ts';
import type { WorkspaceUpdate } from '../../../../core/management/workspace-store.ts';
import { sweepPendingChanges } from '../../../../stores/dynamodb/sweeper/sweep.ts';
import type { Tables } from '../../../../stores/dynamodb/table/tables.ts';
import { scaled } from '../../../campaigns/campaign.ts';
import { copiesOf } from '../copies.ts';
import { eachDeath, type MortalProcess, mortalProcess } from '../faults.ts';
import { expectAgreement, storedSecretOf } from '../keys/agreement.ts';
import {
  anUpdate,
  aRevocation,
  aRotation,
  FIELDS,
  finisherAt,
  issued,
  keyStoreOf,
  NOW,
  newEvent,
  newId,
  newKey,
  outcomeOf,
  partition,
  settledKey,
  workspaceStoreOf,
} from '../keys/keys.ts';
import { createTables, type TestTables } from '../tables.ts';
import { putRole, workspaceWith } from './members.ts';

let tables: TestTables;
let mortal: MortalProcess;
beforeAll(async () => {
  tables = await createTables();
  mortal = mortalProcess(tables);
});
afterAll(() => tables.release());

/** Later than any function lives. */
const LATER = NOW + 120;
const FREE = { limit: 60, windowSeconds: 60 };
const PRO = { limit: 600, windowSeconds: 60 };
const OWN = { limit: 5, windowSeconds: 10 };
const LIMITS: Readonly<Record<string, RateLimit>> = { free: FREE, pro: PRO };

async function workspaceNamed(slug: string) {
  const workspace = await workspaceStoreOf(tables).get(slug);
  if (workspace === undefined) throw new Error('The workspace is gone.');
  return workspace;
}

async function anOffer(slug: string, plan: string): Promise<WorkspaceUpdate> {
  const workspace = await workspaceNamed(slug);
  return {
    workspace,
    name: workspace.name,
    plan,
    planLimit: LIMITS[plan] ?? null,
    changeId: newId('chg'),
    caller: null,
    now: NOW,
    event: newEvent('workspace.updated', slug, null),
  };
}

const changePlan = async (store: Tables, slug: string, plan = 'pro') =>
  workspaceStoreOf(store).update(await anOffer(slug, plan));

/** What a handler would ask for: the plan's limit, or the key's own. */
const limited = async (slug: string, own: RateLimit | null): Promise<Partial<NewKey>> => {
  const { plan, version } = await workspaceNamed(slug);
  return {
    workspace: slug,
    planVersion: version,
    fields: { ...FIELDS, rateLimit: own },
    effectiveRateLimit: own ?? LIMITS[plan ?? ''] ?? null,
  };
};

const issuedIn = async (slug: string, own: RateLimit | null = null) =>
  issued(tables, await limited(slug, own));

const limitOf = async (text: string) => (await storedSecretOf(tables, text))?.rateLimit;

test('a change of plan is answered only when it has reached every secret of every key without a limit of its own', async () => {
  const slug = await workspaceWith(tables);
  const plain = await issuedIn(slug);
  const own = await issuedIn(slug, OWN);
  const rotated = await issuedIn(slug);
  const added = aRotation(rotated.key, 600);
  await keyStoreOf(tables).rotate(added.rotation);
  const revoked = await issuedIn(slug);
  await keyStoreOf(tables).revoke(aRevocation(revoked.key));
  expect(await changePlan(tables, slug)).toMatchObject({
    kind: 'changed',
    workspace: { plan: 'pro', version: 2 },
  });
  for (const text of [plain.text, rotated.text, added.text]) expect(await limitOf(text)).toEqual(PRO);
  expect(await limitOf(own.text)).toEqual(OWN);
  expect(await outcomeOf(tables, revoked.text)).toBe('revoked');
  await expectAgreement(tables, plain.key, [plain.text], NOW, 1);
  await expectAgreement(tables, own.key, [own.text], NOW, 1);
  await expectAgreement(tables, rotated.key, [rotated.text, added.text], NOW, 1);
  await expectAgreement(tables, revoked.key, [revoked.text], NOW);
  const types = (await partition(tables, tables.events, `WS#${slug}`)).map(({ type }) => type);
  expect(types.filter((type) => type === 'workspace.updated')).toHaveLength(1);
});

test('a key follows the plan only up to the limit of the key that issued it', async () => {
  const slug = await workspaceWith(tables);
  const held = { limit: 100, windowSeconds: 60 };
  const { version } = await workspaceNamed(slug);
  const fields = { ...FIELDS, issuerLimit: held };
  const child = await issued(tables, {
    workspace: slug,
    planVersion: version,
    fields,
    effectiveRateLimit: FREE,
  });
  expect(await limitOf(child.text)).toEqual(FREE);
  await changePlan(tables, slug, 'pro');
  expect(await limitOf(child.text)).toEqual(held);
  await expectAgreement(tables, child.key, [child.text], NOW, 1);
  await changePlan(tables, slug, 'free');
  expect(await limitOf(child.text)).toEqual(FREE);
  await expectAgreement(tables, child.key, [child.text], NOW, 2);
});

test('setting the same plan or a new name changes no key', async () => {
  const slug = await workspaceWith(tables);
  const { key } = await issuedIn(slug);
  expect(await changePlan(tables, slug, 'free')).toMatchObject({
    kind: 'changed',
    workspace: { version: 1 },
  });
  const named = { ...(await anOffer(slug, 'free')), name: 'Renamed' };
  expect(await workspaceStoreOf(tables).update(named)).toMatchObject({ kind: 'changed' });
  expect(await workspaceNamed(slug)).toMatchObject({ name: 'Renamed', plan: 'free', version: 2 });
  expect((await keyStoreOf(tables).get(key))?.version).toBe(1);
});

test('a plan change is a conflict if the workspace or the caller has changed since it was decided', async () => {
  const slug = await workspaceWith(tables, { usr_1: 'owner' });
  const stale = await anOffer(slug, 'pro');
  const store = workspaceStoreOf(tables);
  await store.update({ ...stale, name: 'Renamed', plan: 'free' });
  expect(await store.update({ ...stale, event: newEvent('workspace.updated', slug, null) })).toEqual({
    kind: 'conflict',
  });
  const caller = { kind: 'member', workspace: slug, userId: 'usr_1', version: 1 } as const;
  await putRole(tables, { slug, userId: 'usr_1', role: 'member' });
  expect(await store.update({ ...(await anOffer(slug, 'pro')), caller })).toEqual({ kind: 'conflict' });
  expect(await workspaceNamed(slug)).toMatchObject({ name: 'Renamed', plan: 'free' });
});

describe('no key keeps the limit of the old plan', () => {
  test('whose issuing was decided on it', async () => {
    const slug = await workspaceWith(tables);
    const decided = newKey(await limited(slug, null));
    await changePlan(tables, slug);
    expect(await keyStoreOf(tables).issue(decided.key)).toEqual({ kind: 'workspace_changed' });
    expect(await storedSecretOf(tables, decided.text)).toBeUndefined();
  });

  test.each([null, OWN])('whose update was decided on it (own limit %j)', async (own) => {
    const slug = await workspaceWith(tables);
    const { text, key } = await issuedIn(slug, own);
    const update = anUpdate(key, { rateLimit: null }, { effectiveRateLimit: FREE });
    await changePlan(tables, slug);
    expect(await keyStoreOf(tables).update(update)).toEqual({ kind: 'conflict' });
    expect(await limitOf(text)).toEqual(own ?? PRO);
  });

  test('whose update died before the plan was changed', async () => {
    const slug = await workspaceWith(tables);
    const { text, key } = await issuedIn(slug, OWN);
    const update = anUpdate(key, { rateLimit: null }, { effectiveRateLimit: FREE });
    mortal.live({ at: 2, moment: 'after' });
    await expect(keyStoreOf(mortal.tables).update(update)).rejects.toThrow();
    await changePlan(tables, slug);
    expect(await limitOf(text)).toEqual(PRO);
    await expectAgreement(tables, key, [text], NOW, 1);
  });

  test('that is issued or updated meanwhile', async () => {
    let made = 0;
    for (let round = 0; round < scaled({ few: 1, part: 3, whole: 3 }); round += 1) {
      const slug = await workspaceWith(tables);
      const store = keyStoreOf(tables);
      const kept = await issuedIn(slug, OWN);
      let isOver = false;
      const issuing = Array.from({ length: 3 }, async () => {
        const texts: string[] = [];
        while (!isOver) {
          const { text, key } = newKey(await limited(slug, null));
          if ((await store.issue(key)).kind === 'issued') texts.push(text);
        }
        return texts;
      });
      const updating = (async () => {
        for (;;) {
          const key = await settledKey(tables, kept.key);
          if (key === undefined) throw new Error('The key is gone.');
          const { effectiveRateLimit } = await limited(slug, null);
          const update = anUpdate(
            key,
            { rateLimit: null },
            { effectiveRateLimit: effectiveRateLimit ?? null },
          );
          if ((await store.update(update)).kind === 'changed') return;
        }
      })();
      await changePlan(tables, slug);
      isOver = true;
      const texts = (await Promise.all(issuing)).flat();
      await updating;
      made += texts.length;
      for (const text of [...texts, kept.text]) expect(await limitOf(text)).toEqual(PRO);
    }
    expect(made).toBeGreaterThan(0);
  });
});

describe('a change of plan that dies at any store operation', () => {
  async function eachCrash(check: (doomed: Awaited<ReturnType<typeof makeWorkspace>>) => Promise<void>) {
    const operations = await eachDeath(mortal, async () => {
      const doomed = await workspaceWithKeys();
      const offer = await anOffer(doomed.slug, 'pro');
      const answer = await workspaceStoreOf(mortal.tables)
        .update(offer)
        .catch((error: unknown) => error);
      if (!(answer instanceof Error))
        for (const text of doomed.held) expect(await limitOf(text)).toEqual(PRO);
      await check(doomed);
    });
    expect(operations).toBeGreaterThan(7);
  }

  async function makeWorkspace() {
    const slug = await workspaceWith(tables);
    const keys = [await issuedIn(slug), await issuedIn(slug), await issuedIn(slug, OWN)];
    return { slug, keys, held: keys.slice(0, 2).map(({ text }) => text) };
  }

  let copy: (() => ReturnType<typeof makeWorkspace>) | undefined;
  function workspaceWithKeys() {
    copy ??= copiesOf(tables, makeWorkspace, ({ slug, keys }) => ({
      names: [slug, ...keys.map(({ key }) => key.id)],
      texts: keys.map(({ text }) => text),
    }));
    return copy();
  }

  test('is finished by a retry', async () => {
    await eachCrash(async ({ slug, keys, held }) => {
      expect(await changePlan(tables, slug)).toMatchObject({ kind: 'changed', workspace: { plan: 'pro' } });
      for (const text of held) expect(await limitOf(text)).toEqual(PRO);
      for (const { text, key } of keys) await expectAgreement(tables, key, [text], NOW, 1);
    });
  });

  test('is finished by a sweeper, or never begun', async () => {
    await eachCrash(async ({ slug, keys, held }) => {
      await sweepPendingChanges(finisherAt(tables, LATER));
      const { plan } = await workspaceNamed(slug);
      for (const text of held) expect(await limitOf(text)).toEqual(LIMITS[plan ?? '']);
      const changes = plan === 'pro' ? 1 : 0;
      for (const { text, key } of keys) await expectAgreement(tables, key, [text], NOW, changes);
      expect(await sweepPendingChanges(finisherAt(tables, LATER))).toBe(0);
    });
  });

  test('is finished by the next one', async () => {
    await eachCrash(async ({ slug, held }) => {
      expect(await changePlan(tables, slug, 'free')).toMatchObject({ kind: 'changed' });
      for (const text of held) expect(await limitOf(text)).toEqual(FREE);
    });
  });
});

test('a rotation under way holds a plan up, and the other keys have it nevertheless', async () => {
  const slug = await workspaceWith(tables);
  const [busy, other] = [await issuedIn(slug), await issuedIn(slug)];
  mortal.live({ at: 2, moment: 'after' });
  await expect(keyStoreOf(mortal.tables).rotate(aRotation(busy.key, 600).rotation)).rejects.toThrow();
  await expect(changePlan(tables, slug)).rejects.toMatchObject({ name: 'Unavailable' });
  expect(await limitOf(other.text)).toEqual(PRO);
  expect(await sweepPendingChanges(finisherAt(tables, LATER))).toBeGreaterThan(0);
  expect(await limitOf(busy.text)).toEqual(PRO);
  expect(await changePlan(tables, slug)).toMatchObject({ kind: 'changed', workspace: { version: 2 } });
}, 20_000);
