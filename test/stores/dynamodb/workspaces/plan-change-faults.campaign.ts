import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { sweepPendingChanges } from '../../../../stores/dynamodb/sweeper/sweep.ts';
import { copiesOf } from '../copies.ts';
import { eachDeath, type MortalProcess, mortalProcess } from '../faults.ts';
import { expectAgreement } from '../keys/agreement.ts';
import { anUpdate, finisherAt, keyStoreOf, NOW, newKey, settledKey, workspaceStoreOf } from '../keys/keys.ts';
import { createTables, type TestTables } from '../tables.ts';
import { workspaceWith } from './members.ts';
import { FREE, LIMITS, OWN, PRO, workspacesOnPlans } from './plans.ts';

let tables: TestTables;
let mortal: MortalProcess;
beforeAll(async () => {
  tables = await createTables();
  mortal = mortalProcess(tables);
});
afterAll(() => tables.release());

/** Later than any function lives. */
const LATER = NOW + 120;

const { workspaceNamed, anOffer, changePlan, limited, issuedIn, limitOf } = workspacesOnPlans(() => tables);

test('no key that is issued or updated meanwhile keeps the limit of the old plan', async () => {
  let made = 0;
  for (let round = 0; round < 3; round += 1) {
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
        const update = anUpdate(key, { rateLimit: null }, { effectiveRateLimit: effectiveRateLimit ?? null });
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
