import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { sweepPendingChanges } from '../../../../stores/dynamodb/sweeper/sweep.ts';
import { PAGE } from '../../../../stores/dynamodb/table/propagation.ts';
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
/** How many whole pages there are, before a short one. */
const PAGES = 1;
const COUNT = PAGES * PAGE + 5;
/** How many keys are done after each sweep; `undefined` after the last, which ends the change. */
const DONE = [...Array.from({ length: PAGES }, (_, index) => (index + 1) * PAGE), undefined];
const PRO = { limit: 600, windowSeconds: 60 };

/** A sweep that has time for a single turn. */
async function sweepOnce(own: Tables): Promise<number> {
  let asked = 0;
  const millisecondsLeft = () => {
    asked += 1;
    return asked === 1 ? 10_000 : 0;
  };
  return sweepPendingChanges({ ...finisherAt(own, NOW + 120), millisecondsLeft });
}

/** Counts the writes of secrets. */
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

/** Begins a change in a process that dies right after it has stored the intent. */
async function beginAndDie(begin: (own: Tables) => Promise<unknown>, at: number): Promise<void> {
  const mortal = mortalProcess(tables);
  mortal.live({ at, moment: 'after' });
  await expect(begin(mortal.tables)).rejects.toThrow();
}

test('a sweep goes on with a demotion where the last sweep stopped, and reaches every key once', async () => {
  const slug = await workspaceWith(tables, { [userId]: 'admin' });
  const texts = await manyKeys(tables, { slug, userId, role: 'admin', count: COUNT });
  const change = { ...(await decided(tables, { slug, userId })), role: 'member' } as const;
  await beginAndDie((own) => memberStoreOf(own, KEYS).put(change), 2);
  const { own, written } = countingSecrets();
  const done: (number | undefined)[] = [];
  for (let sweeps = 1; sweeps <= PAGES + 1; sweeps += 1) {
    await sweepOnce(own);
    done.push((await readMemberItem(tables, { workspace: slug, userId }))?.pendingChange?.progress?.done);
  }
  expect(done).toEqual(DONE);
  expect(written.count).toBe(COUNT);
  expect(await memberIn(tables, { slug, userId })).toEqual(
    expect.objectContaining({ role: 'member', version: 2 }),
  );
  const roles = await Promise.all(
    texts.map(async (text) => (await storedSecretOf(tables, text))?.principal.role),
  );
  expect(new Set(roles)).toEqual(new Set(['member']));
});

test('a sweep goes on with a new plan where the last sweep stopped, and reaches every key once', async () => {
  const slug = await workspaceWith(tables);
  const texts = await manyKeys(tables, { slug, userId, role: null, count: COUNT });
  const workspace = await workspaceStoreOf(tables).get(slug);
  if (workspace === undefined) throw new Error('The workspace is gone.');
  const change = {
    workspace,
    name: workspace.name,
    plan: 'pro',
    planLimit: PRO,
    caller: null,
    now: NOW,
    changeId: newId('chg'),
    event: newEvent('workspace.updated', slug, null),
  };
  await beginAndDie((own) => workspaceStoreOf(own).update(change), 2);
  const { own, written } = countingSecrets();
  const done: (number | undefined)[] = [];
  for (let sweeps = 1; sweeps <= PAGES + 1; sweeps += 1) {
    await sweepOnce(own);
    done.push((await readWorkspaceItem(tables, slug))?.pendingChange?.progress?.done);
  }
  expect(done).toEqual(DONE);
  expect(written.count).toBe(COUNT);
  const limits = await Promise.all(
    texts.map(async (text) => (await storedSecretOf(tables, text))?.rateLimit),
  );
  expect(limits.every((limit) => limit?.limit === PRO.limit)).toBe(true);
});

test('a call that runs out of time says how many keys are left, and the next call goes on', async () => {
  const slug = await workspaceWith(tables, { [userId]: 'admin' });
  await manyKeys(tables, { slug, userId, role: 'admin', count: COUNT });
  const removal = async () => ({ ...(await decided(tables, { slug, userId })), keys: 'revoke' as const });
  const hurried = { ...finisherAt(tables, NOW), millisecondsLeft: () => 0 };
  const store = dynamoMemberStore(hurried, KEYS);
  for (let done = PAGE; done < COUNT; done += PAGE) {
    await expect(store.remove(await removal())).rejects.toMatchObject({
      name: 'Unfinished',
      progress: { done, left: COUNT - done },
    });
    expect(await memberIn(tables, { slug, userId })).toBeUndefined();
  }
  const answer = await store.remove(await removal());
  expect(answer).toMatchObject({ kind: 'removed', kept: [] });
  expect(answer.kind === 'removed' && answer.revoked).toHaveLength(COUNT);
});
