import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { anUpdate, keyStoreOf, NOW, newEvent, newId, outcomeOf, workspaceStoreOf } from '../keys/keys.ts';
import { createTables, type TestTables } from '../tables.ts';
import { workspaceWith } from '../workspaces/members.ts';
import { Restoring } from './restoring.ts';

let tables: TestTables;
let on: Restoring;
beforeEach(async () => {
  tables = await createTables();
  on = new Restoring(tables);
});
afterEach(() => tables.release());

async function disable(slug: string, id: string): Promise<void> {
  const key = await keyStoreOf(tables).get({ workspace: slug, id });
  if (key === undefined) throw new Error('The key is gone.');
  expect(await keyStoreOf(tables).update(anUpdate(key, { enabled: false }))).toMatchObject({
    kind: 'changed',
  });
}

async function setPlan(slug: string, plan: string, limit: number): Promise<void> {
  const workspace = await workspaceStoreOf(tables).get(slug);
  if (workspace === undefined) throw new Error('The workspace is gone.');
  await workspaceStoreOf(tables).update({
    ...{ workspace, name: 'Acme', plan, planLimit: limited(limit), changeId: newId('chg'), caller: null },
    ...{ now: NOW, event: { ...newEvent('workspace.updated', slug, null), after: { plan } } },
  });
}

const limited = (limit: number) => ({ limit, windowSeconds: 60 });

/** Changes of a key that write no event of its own: its member's or its workspace's event tells of them. */
const UNTOLD: readonly (readonly [string, (slug: string) => Promise<void>])[] = [
  [
    'the role of its creator',
    async (slug) => {
      for (const role of ['member', 'admin', 'member', 'admin'] as const) await on.become(slug, role);
    },
  ],
  [
    'the plan of its workspace',
    async (slug) => {
      for (const limit of [100, 200, 300, 400]) await setPlan(slug, `plan-${limit}`, limit);
    },
  ],
];

test.each(UNTOLD)(
  'a key that was disabled after a restore stays so behind a newer copy, however often %s had changed between the copies',
  async (_, happen) => {
    const slug = await workspaceWith(tables);
    await on.become(slug, 'admin');
    const { text, key } = await on.roleKey(slug);
    const older = await on.copyWhile();
    await happen(slug);
    const newer = await on.copyWhile();
    await on.putBack(older);
    expect(await outcomeOf(tables, text)).toBe('allow');
    await disable(slug, key.id);
    await on.putBack(newer);
    expect(await outcomeOf(tables, text)).toBe('disabled');
  },
);
