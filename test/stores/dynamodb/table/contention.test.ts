import {
  type DynamoDBClient,
  TransactionCanceledException,
  TransactionConflictException,
} from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Contended, Unavailable } from '../../../../core/errors/fault.ts';
import { sweepPendingChanges } from '../../../../stores/dynamodb/sweeper/sweep.ts';
import { writeWithRetry } from '../../../../stores/dynamodb/table/contention.ts';
import type { Tables } from '../../../../stores/dynamodb/table/tables.ts';
import { putNewPart, transact, writeOnceBegun } from '../../../../stores/dynamodb/table/transaction.ts';
import { answeringClient, conflictingTables, forgetfulTables, seeded } from '../faults.ts';
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
  newKey,
  newSlug,
  outcomeOf,
  settledKey,
} from '../keys/keys.ts';
import { createTables, type TestTables } from '../tables.ts';

let tables: TestTables;
beforeAll(async () => {
  tables = await createTables();
});
afterAll(() => tables.release());

const conflict = () => new TransactionConflictException({ $metadata: {}, message: 'Transaction is ongoing' });
const cancelled = (...codes: string[]) =>
  new TransactionCanceledException({
    $metadata: {},
    message: 'Transaction cancelled',
    CancellationReasons: codes.map((Code) => ({ Code })),
  });

const named = (name: string) => Object.assign(new Error(`${name} of the test`), { name });

/** A transaction of three parts. */
const PART = putNewPart('records', { pk: 'a', sk: 'b' });
const transactOn = (client: DynamoDBClient) => transact(client, { first: PART, second: PART, third: PART });

describe('a write that meets another one', () => {
  test('is sent again until it gets through', async () => {
    const answers = [
      conflict(),
      cancelled('None', 'TransactionConflict'),
      cancelled('ThrottlingError', 'None'),
    ];
    const write = async () => {
      const error = answers.shift();
      if (error) throw error;
      return 'done';
    };
    await expect(writeWithRetry(write)).resolves.toBe('done');
  });

  test('is given up as unavailable when it never does, with the cause kept', async () => {
    let sent = 0;
    const write = async () => {
      sent += 1;
      throw conflict();
    };
    await expect(writeWithRetry(write)).rejects.toMatchObject({
      name: 'Unavailable',
      cause: { name: 'TransactionConflictException' },
    });
    expect(sent).toBe(8);
  });

  test.each([
    [named('InternalServerError'), 'Unavailable'],
    [named('ValidationException'), 'ValidationException'],
    [new TypeError('x is not a function'), 'TypeError'],
  ])('is not sent again when the store failed otherwise: %s is thrown as %s', async (fault, name) => {
    let sent = 0;
    const write = async () => {
      sent += 1;
      throw fault;
    };
    const thrown: unknown = await writeWithRetry(write).catch((error: unknown) => error);
    expect(thrown).toMatchObject({ name });
    expect([thrown, (thrown as Error).cause]).toContain(fault);
    expect(sent).toBe(1);
  });

  test('and also fails its condition is answered by the condition', async () => {
    const client = answeringClient(() => {
      throw cancelled('TransactionConflict', 'ConditionalCheckFailed', 'None');
    });
    await expect(transactOn(client)).resolves.toEqual(new Set(['second']));
  });

  test('and is invalid besides is no condition that failed', async () => {
    const client = answeringClient(() => {
      throw cancelled('ValidationError', 'None');
    });
    await expect(transactOn(client)).rejects.toMatchObject({
      name: 'TransactionCanceledException',
    });
  });

  test('says that nothing was done only where other writes alone were in its way', async () => {
    const refusals = [
      [cancelled('TransactionConflict', 'None'), Contended],
      [cancelled('None', 'TransactionConflict', 'TransactionConflict'), Contended],
      [cancelled('TransactionConflict', 'ThrottlingError'), Unavailable],
      [named('TransactionInProgressException'), Unavailable],
      [named('ThrottlingException'), Unavailable],
    ] as const;
    // Side by side, since each waits between its attempts.
    await Promise.all(
      refusals.map(async ([error, expected]) => {
        const client = answeringClient(() => {
          throw error;
        });
        await Promise.all([
          expect(transactOn(client)).rejects.toBeInstanceOf(expected),
          expect(writeOnceBegun(() => transactOn(client))).rejects.toBeInstanceOf(Unavailable),
        ]);
      }),
    );
  });

  test.each(['TransactionConflictException', 'TransactionInProgressException', 'ThrottlingException'])(
    'is the same transaction however often it is sent: %s',
    async (name) => {
      const tokens: unknown[] = [];
      const client = answeringClient(({ ClientRequestToken }) => {
        tokens.push(ClientRequestToken);
        if (tokens.length < 3) throw Object.assign(new Error(`${name} of the test`), { name });
      });
      await expect(transactOn(client)).resolves.toEqual(new Set());
      expect(tokens).toEqual(Array(3).fill(expect.stringMatching(/^.{36}$/)));
      expect(new Set(tokens).size).toBe(1);
    },
  );
});

/** Everything that happens in a key's life, one after the other, and what must come of it. */
async function wholeLife(store: Tables) {
  const { text, key } = newKey({ maxActiveKeys: 3, fields: { ...FIELDS, expiresAt: NOW + 9_000 } });
  const keys = keyStoreOf(store);
  expect(await keys.issue(key)).toMatchObject({ kind: 'issued' });
  const current = async () => {
    const found = await settledKey(store, key);
    if (found === undefined) throw new Error('The key is gone.');
    return found;
  };
  const update = anUpdate(await current(), { scopes: 'all', expiresAt: null });
  expect(await keys.update(update)).toMatchObject({ kind: 'changed', key: { scopes: 'all', version: 2 } });
  const overlapping = aRotation(await current(), 600);
  expect(await keys.rotate(overlapping.rotation)).toMatchObject({ kind: 'changed', key: { version: 3 } });
  expect(await outcomeOf(tables, text)).toBe('allow');
  const final = aRotation(await current(), 0);
  expect(await keys.rotate(final.rotation)).toMatchObject({ kind: 'changed', key: { version: 4 } });
  const texts = [text, overlapping.text, final.text];
  expect(await Promise.all(texts.map((each) => outcomeOf(tables, each)))).toEqual([
    'revoked',
    'revoked',
    'allow',
  ]);
  await expectAgreement(tables, key, texts, NOW);
  expect(await keys.revoke(aRevocation(key))).toMatchObject({ key: { revokedAt: NOW } });
  expect(await outcomeOf(tables, final.text)).toBe('revoked');
  const record = await expectAgreement(tables, key, texts, NOW);
  expect(record.version).toBe(5);
}

test('with a fifth of all writes meeting a transaction every change is still done, once', async () => {
  const store = conflictingTables(tables, 0.2, seeded(7));
  await Promise.all(Array.from({ length: 4 }, () => wholeLife(store)));
});

test('with a fifth of all writes meeting a transaction a limit of active keys is still exact', async () => {
  const store = conflictingTables(tables, 0.2, seeded(11));
  const workspace = newSlug();
  const outcomes = await Promise.all(
    Array.from({ length: 12 }, () => keyStoreOf(store).issue(newKey({ workspace, maxActiveKeys: 3 }).key)),
  );
  expect(outcomes.filter(({ kind }) => kind === 'issued')).toHaveLength(3);
  expect(outcomes.filter(({ kind }) => kind === 'limit_reached')).toHaveLength(9);
});

test('a change that meets transactions throughout is not reported done, and is finished or not begun', async () => {
  const { text, key } = await issued(tables);
  const store = conflictingTables(tables, 1, seeded(1));
  await expect(keyStoreOf(store).revoke(aRevocation(key))).rejects.toBeInstanceOf(Contended);
  expect(await sweepPendingChanges(finisherAt(tables, NOW + 100))).toBe(0);
  expect(await outcomeOf(tables, text)).toBe('allow');
  await expectAgreement(tables, key, [text], NOW);
});

test('when every first answer is lost and the SDK sends again, each change is still done once and said to be', async () => {
  await wholeLife(forgetfulTables(tables));
});

test('a transaction that was done, whose answer was lost and whose next sending was throttled, is done and said to be', async () => {
  const own = tables.connect({ maxAttempts: 3, retryMode: 'standard' });
  const mishaps = ['TimeoutError', 'ThrottlingError'];
  own.client.middlewareStack.add(
    (next, { commandName }) =>
      async (args) => {
        const mishap = commandName === 'TransactWriteItemsCommand' ? mishaps.shift() : undefined;
        if (mishap === 'ThrottlingError') throw cancelled('ThrottlingError', 'None');
        const answer = await next(args);
        if (mishap === 'TimeoutError') throw Object.assign(new Error('socket hang up'), { name: mishap });
        return answer;
      },
    // After the SDK's own retry, hence once for each attempt.
    { step: 'finalizeRequest', name: 'mishaps', priority: 'low' },
  );
  const { text, key } = newKey();
  expect(await keyStoreOf(own).issue(key)).toMatchObject({ kind: 'issued' });
  expect(mishaps).toEqual([]);
  await expectAgreement(tables, key, [text], NOW);
});

test('a call whose answer was lost and that is sent again is never let through twice as often as the limit', async () => {
  const { text } = await issued(tables, { effectiveRateLimit: { limit: 10, windowSeconds: 60 } });
  const store = forgetfulTables(tables);
  const outcomes = [];
  for (let call = 0; call < 12; call += 1) outcomes.push(await outcomeOf(store, text, {}, 'count'));
  expect(outcomes.filter((outcome) => outcome === 'allow').length).toBeLessThanOrEqual(10);
  expect(outcomes).toContain('allow');
  expect((await storedSecretOf(tables, text))?.window?.used).toBe(10);
});
