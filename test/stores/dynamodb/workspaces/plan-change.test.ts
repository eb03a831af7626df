import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { sweepPendingChanges } from '../../../../stores/dynamodb/sweeper/sweep.ts';
import { type MortalProcess, mortalProcess } from '../faults.ts';
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
  newKey,
  outcomeOf,
  partition,
  workspaceStoreOf,
} from '../keys/keys.ts';
import { createTables, type TestTables } from '../tables.ts';
import { putRole, workspaceWith } from './members.ts';
import { FREE, OWN, PRO, workspacesOnPlans } from './plans.ts';

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
});
