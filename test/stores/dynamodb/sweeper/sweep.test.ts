import { UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { readRecord } from '../../../../stores/dynamodb/keys/key-read.ts';
import { readOldestPendingSeconds, sweepPendingChanges } from '../../../../stores/dynamodb/sweeper/sweep.ts';
import { dynamoRequestStore } from '../../../../stores/dynamodb/table/request-item.ts';
import { keyKey, type Tables } from '../../../../stores/dynamodb/table/tables.ts';
import { scaled } from '../../../campaigns/campaign.ts';
import { type MortalProcess, mortalProcess } from '../faults.ts';
import { toItem } from '../items.ts';
import { expectAgreement } from '../keys/agreement.ts';
import {
  anUpdate,
  aRotation,
  finisherAt,
  issued,
  keyStoreOf,
  NOW,
  newId,
  newSlug,
  outcomeOf,
  partition,
  settledKey,
} from '../keys/keys.ts';
import { putRecords } from '../put-items.ts';
import { createTables, type TestTables } from '../tables.ts';

let tables: TestTables;
let mortal: MortalProcess;
beforeAll(async () => {
  tables = await createTables();
  mortal = mortalProcess(tables);
});
afterAll(() => tables.release());

/** A key whose update died right after it had stored its intent. */
async function abandonedUpdate(since: number, own: TestTables = tables, mortal = mortalProcess(own)) {
  const { text, key } = await issued(own);
  mortal.live({ at: 2, moment: 'after' });
  const update = anUpdate(key, { scopes: ['read'] }, { now: since });
  await keyStoreOf(mortal.tables)
    .update(update)
    .catch(() => undefined);
  return { text, key };
}

test('a change is left alone while its call may still run, and finished a minute later', async () => {
  const { text, key } = await abandonedUpdate(NOW);
  expect(await sweepPendingChanges(finisherAt(tables, NOW + 60))).toBe(0);
  expect((await readRecord(tables, key))?.pendingChange).not.toBeNull();
  expect(await sweepPendingChanges(finisherAt(tables, NOW + 61))).toBe(1);
  expect((await expectAgreement(tables, key, [text], NOW)).scopes).toEqual(['read']);
});

test('the age of the oldest pending change counts from its intent on, and is 0 once every change is finished', async () => {
  expect(await readOldestPendingSeconds(tables, NOW)).toBe(0);
  await abandonedUpdate(NOW);
  await abandonedUpdate(NOW + 50);
  expect(await readOldestPendingSeconds(tables, NOW + 59)).toBe(59);
  await sweepPendingChanges(finisherAt(tables, NOW + 61));
  expect(await readOldestPendingSeconds(tables, NOW + 61)).toBe(11);
  await sweepPendingChanges(finisherAt(tables, NOW + 200));
  expect(await readOldestPendingSeconds(tables, NOW + 200)).toBe(0);
});

test('the log says that the sweeper has undone a rotation', async () => {
  const { key } = await issued(tables);
  mortal.live({ at: 3, moment: 'before' });
  await keyStoreOf(mortal.tables)
    .rotate(aRotation(key, 0).rotation)
    .catch(() => undefined);
  await sweepPendingChanges(finisherAt(tables, NOW + 100));
  const events = await partition(tables, tables.events, `WS#${key.workspace}`);
  expect(events).toMatchObject([
    { type: 'key.issued' },
    { type: 'key.rotated' },
    { type: 'key.rotation_abandoned', keyId: key.id, actor: { kind: 'sweeper' } },
  ]);
});

test('a rotation that is undone is forgotten, so that its request is carried out when it is repeated', async () => {
  const { key } = await issued(tables);
  const request = { id: newId('chg'), fingerprint: 'rotate', at: NOW };
  const requests = dynamoRequestStore(tables);
  const rotate = async (store: Tables, decidedOn = key) =>
    keyStoreOf(store).rotate({ ...aRotation(decidedOn, 0).rotation, request });
  mortal.live({ at: 3, moment: 'before' });
  await rotate(mortal.tables).catch(() => undefined);
  expect(await requests.find(request)).toMatchObject({ kind: 'done', madeId: key.id });
  await sweepPendingChanges(finisherAt(tables, NOW + 100));
  expect(await requests.find(request)).toEqual({ kind: 'new' });
  expect((await rotate(tables, await settledKey(tables, key))).kind).toBe('changed');
  await sweepPendingChanges(finisherAt(tables, NOW + 100));
  expect(await requests.find(request)).toMatchObject({ kind: 'done', madeId: key.id });
});

test('a caller does not undo a rotation while its call may still run', async () => {
  // A caller waits for a random time between its looks.
  const random = jest.spyOn(Math, 'random').mockReturnValue(0);
  const { text, key } = await issued(tables);
  const { text: newText, rotation } = aRotation(key, 600);
  mortal.live({ at: 3, moment: 'before' });
  await keyStoreOf(mortal.tables)
    .rotate(rotation)
    .catch(() => undefined);
  await expect(settledKey(tables, key, NOW + 29)).rejects.toMatchObject({ name: 'Contended' });
  random.mockRestore();
  expect(await outcomeOf(tables, newText)).toBe('allow');
  expect(await settledKey(tables, key, NOW + 30)).toMatchObject({ id: key.id });
  expect(await outcomeOf(tables, text)).toBe('allow');
  expect(await outcomeOf(tables, newText)).toBe('revoked');
});

test('a change that cannot be finished holds up no other change, and the sweep fails', async () => {
  const damaged = await abandonedUpdate(NOW - 50);
  const behind = await abandonedUpdate(NOW - 40);
  await tables.client.send(
    new UpdateItemCommand({
      TableName: tables.records,
      Key: toItem(keyKey(damaged.key.workspace, damaged.key.id)),
      UpdateExpression: 'SET pendingChange.secrets = :damage',
      ExpressionAttributeValues: toItem({ ':damage': 7 }),
    }),
  );
  await expect(sweepPendingChanges(finisherAt(tables, NOW + 100))).rejects.toThrow(
    'Some changes could not be finished.',
  );
  await expect(readRecord(tables, damaged.key)).rejects.toThrow('unknown pendingChange.secrets: 7');
  await expectAgreement(tables, behind.key, [behind.text], NOW);
});

test('a change that takes longer than a sweep holds up no other change', async () => {
  const endless = await abandonedUpdate(NOW - 50);
  const behind = await abandonedUpdate(NOW - 40);
  const finished = Promise.withResolvers<void>();
  const thawed = Promise.withResolvers<void>();
  const own = tables.connect();
  own.client.middlewareStack.add(
    (next, { commandName }) =>
      async (args) => {
        const { Key } = args.input as { Key?: { sk?: { S?: string } } };
        const isOf = ({ key }: typeof endless) => Key?.sk?.S === keyKey(key.workspace, key.id).sk;
        if (isOf(endless)) await thawed.promise;
        const answer = await next(args);
        if (isOf(behind) && commandName === 'UpdateItemCommand') finished.resolve();
        return answer;
      },
    // At this step keys are in DynamoDB's own notation.
    { step: 'build', name: 'freeze' },
  );
  // The sweep fails on the change that an earlier test has damaged.
  const sweep = sweepPendingChanges({ ...finisherAt(tables, NOW + 100), tables: own }).catch(() => 0);
  await finished.promise;
  expect((await readRecord(tables, endless.key))?.pendingChange).not.toBeNull();
  await expectAgreement(tables, behind.key, [behind.text], NOW);
  thawed.resolve();
  await sweep;
  await expectAgreement(tables, endless.key, [endless.text], NOW);
});

const STUCK = scaled({ few: 40, part: 150, whole: 150 });

test('changes that can never be finished, however many and old, hold up no other tenant’s changes', async () => {
  const own = await createTables();
  const stuckSlug = newSlug();
  const stuck = Array.from({ length: STUCK }, (_, at) => {
    const id = `key_${String(at).padStart(20, '0')}`;
    return {
      ...keyKey(stuckSlug, id),
      id,
      workspace: stuckSlug,
      revokedAt: null,
      version: 1,
      pending: 'pending',
      pendingSince: NOW - 5_000,
      pendingChange: { kind: 'update', id: 'chg_x', since: NOW - 5_000, secrets: 7 },
    };
  });
  await putRecords(own, stuck);
  const behind = await abandonedUpdate(NOW - 40, own);
  const served: string[] = [];
  const watched = own.connect();
  watched.client.middlewareStack.add(
    (next) => async (args) => {
      const { Key } = args.input as { Key?: { pk?: { S?: string } } };
      if (Key?.pk?.S !== undefined) served.push(Key.pk.S);
      return next(args);
    },
    { step: 'build', name: 'watch' },
  );
  const swept = sweepPendingChanges({ ...finisherAt(watched, NOW + 100) });
  await expect(swept).rejects.toThrow('Some changes could not be finished.');
  await expectAgreement(own, behind.key, [behind.text], NOW);
  // The tenant had one of the first turns, although many older changes wait.
  expect(served).toContain(`WS#${behind.key.workspace}`);
  expect(served.indexOf(`WS#${behind.key.workspace}`)).toBeLessThan(5);
  await own.release();
});
