import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { sweepPendingChanges } from '../../../../stores/dynamodb/sweeper/sweep.ts';
import type { Tables } from '../../../../stores/dynamodb/table/tables.ts';
import { readMemberItem } from '../../../../stores/dynamodb/workspaces/member-item.ts';
import { dynamoMemberStore } from '../../../../stores/dynamodb/workspaces/member-store.ts';
import { readWorkspaceItem } from '../../../../stores/dynamodb/workspaces/workspace-item.ts';
import { mortalProcess } from '../faults.ts';
import { storedSecretOf } from '../keys/agreement.ts';
import { finisherAt, memberStoreOf, NOW, newEvent, newId, workspaceStoreOf } from '../keys/keys.ts';
import { manyKeys } from '../keys/many-keys.ts';
import { createTables, type TestTables } from '../tables.ts';
import { decided, KEYS, memberIn, workspaceWith } from '../workspaces/members.ts';

let tables: TestTables;
beforeAll(async () => {
  tables = await createTables();
});
afterAll(() => tables.release());

const userId = 'usr_1';
/** Three pages, of which the last is short. */
const COUNT = 205;
const PRO = { limit: 600, windowSeconds: 60 };

/** A sweep that has time for one turn, and no more. */
async function sweepOnce(own: Tables): Promise<number> {
  let asked = 0;
  const millisecondsLeft = () => {
    asked += 1;
    return asked === 1 ? 10_000 : 0;
  };
  return sweepPendingChanges({ ...finisherAt(own, NOW + 120), millisecondsLeft });
}

/** Counts how often secrets are written. */
function countingSecrets() {
  const own = tables.connect();
  const written = { count: 0 };
  own.client.middlewareStack.add(
    (next, { commandName }) =>
      (args) => {
        const { TableName } = args.input as { TableName?: string };
        if (commandName === 'UpdateItemCommand' && TableName === tables.secrets) written.count += 1;
        return next(args);
      },
    { step: 'initialize', name: 'count' },
  );
  return { own, written };
}

/** Begins a change in a process that dies right behind the intent. */
async function beginAndDie(begin: (own: Tables) => Promise<unknown>, at: number): Promise<void> {
  const mortal = mortalProcess(tables);
  mortal.live({ at, moment: 'after' });
  await expect(begin(mortal.tables)).rejects.toThrow();
}

test('a sweep with little time goes on with a demotion where the last one stopped, and one of them ends it', async () => {
  const slug = await workspaceWith(tables, { [userId]: 'admin' });
  const texts = await manyKeys(tables, { slug, userId, role: 'admin', count: COUNT });
  const change = { ...(await decided(tables, { slug, userId })), role: 'member' } as const;
  await beginAndDie((own) => memberStoreOf(own, KEYS).put(change), 2);
  const { own, written } = countingSecrets();
  const done: (number | undefined)[] = [];
  for (let sweeps = 1; sweeps <= 3; sweeps += 1) {
    await sweepOnce(own);
    done.push((await readMemberItem(tables, { workspace: slug, userId }))?.pendingChange?.progress?.done);
  }
  expect(done).toEqual([100, 200, undefined]);
  expect(written.count).toBe(COUNT);
  expect(await memberIn(tables, { slug, userId })).toEqual(
    expect.objectContaining({ role: 'member', version: 2 }),
  );
  const roles = await Promise.all(
    texts.map(async (text) => (await storedSecretOf(tables, text))?.principal.role),
  );
  expect(new Set(roles)).toEqual(new Set(['member']));
});

test('so it does with a new plan, page by page', async () => {
  const slug = await workspaceWith(tables);
  const texts = await manyKeys(tables, { slug, userId, role: null, count: COUNT });
  const workspace = await workspaceStoreOf(tables).get(slug);
  if (workspace === undefined) throw new Error('The workspace is gone.');
  const change = {
    ...{ workspace, name: workspace.name, plan: 'pro', planLimit: PRO, caller: null, now: NOW },
    ...{ changeId: newId('chg'), event: newEvent('workspace.updated', slug, null) },
  };
  await beginAndDie((own) => workspaceStoreOf(own).update(change), 2);
  const { own, written } = countingSecrets();
  const done: (number | undefined)[] = [];
  for (let sweeps = 1; sweeps <= 3; sweeps += 1) {
    await sweepOnce(own);
    done.push((await readWorkspaceItem(tables, slug))?.pendingChange?.progress?.done);
  }
  expect(done).toEqual([100, 200, undefined]);
  expect(written.count).toBe(COUNT);
  const limits = await Promise.all(
    texts.map(async (text) => (await storedSecretOf(tables, text))?.rateLimit),
  );
  expect(limits.every((limit) => limit?.limit === PRO.limit)).toBe(true);
});

test('a call that has no time for all of it says how many are left, and repeating it goes on', async () => {
  const slug = await workspaceWith(tables, { [userId]: 'admin' });
  await manyKeys(tables, { slug, userId, role: 'admin', count: COUNT });
  const removal = async () => ({ ...(await decided(tables, { slug, userId })), keys: 'revoke' as const });
  const hurried = { ...finisherAt(tables, NOW), millisecondsLeft: () => 0 };
  const store = dynamoMemberStore(hurried, KEYS);
  await expect(store.remove(await removal())).rejects.toMatchObject({
    name: 'Unfinished',
    progress: { done: 100, left: 105 },
  });
  expect(await memberIn(tables, { slug, userId })).toBeUndefined();
  await expect(store.remove(await removal())).rejects.toMatchObject({ progress: { done: 200, left: 5 } });
  const answer = await store.remove(await removal());
  expect(answer).toMatchObject({ kind: 'removed', kept: [] });
  expect(answer.kind === 'removed' && answer.revoked).toHaveLength(COUNT);
});
