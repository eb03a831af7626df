import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { ApiKey } from '../../../../core/credential/credential.ts';
import { readRecord } from '../../../../stores/dynamodb/keys/key-read.ts';
import { sweepPendingChanges } from '../../../../stores/dynamodb/sweeper/sweep.ts';
import type { Tables } from '../../../../stores/dynamodb/table/tables.ts';
import { Crashed, eachDeath, type MortalProcess, mortalProcess } from '../faults.ts';
import { createTables, type TestTables } from '../tables.ts';
import { expectAgreement, powerOf } from './agreement.ts';
import {
  anUpdate,
  aPreviousRevocation,
  aRevocation,
  aRotation,
  FIELDS,
  finisherAt,
  issued,
  keyStoreOf,
  NOW,
  newKey,
  outcomeOf,
  settledKey,
} from './keys.ts';

let tables: TestTables;
let mortal: MortalProcess;
beforeAll(async () => {
  tables = await createTables();
  mortal = mortalProcess(tables);
});
afterAll(() => tables.release());

const OWN_EXPIRY = NOW + 9_000;
/** Later than any lease, so that a sweeper takes every unfinished change for orphaned. */
const LATER = NOW + 120;

/** One thing that a process does until it dies, and all the secrets that come of it. */
interface Doomed {
  readonly key: ApiKey;
  readonly oldText: string;
  readonly newText: string;
  run(store: Tables): Promise<unknown>;
}

type Operation = (key: ApiKey, oldText: string) => Doomed;

const OPERATIONS: Record<string, Operation> = {
  'an update that widens': (key, oldText) => ({
    key,
    oldText,
    newText: oldText,
    run: (store) => keyStoreOf(store).update(anUpdate(key, { scopes: 'all', expiresAt: null })),
  }),
  'an update that narrows': (key, oldText) => ({
    key,
    oldText,
    newText: oldText,
    run: (store) =>
      keyStoreOf(store).update(
        anUpdate(key, {
          scopes: ['read'],
          expiresAt: NOW + 500,
          allowedCidrs: ['10.0.0.0/8'],
          bounds: { scopes: { owner: ['read'] } },
        }),
      ),
  }),
  'a rotation that ends the old secret at once': (key, oldText) => rotationOf(key, oldText, 0),
  'a rotation with an overlap': (key, oldText) => rotationOf(key, oldText, 600),
  'a revocation': (key, oldText) => ({
    key,
    oldText,
    newText: oldText,
    run: (store) => keyStoreOf(store).revoke(aRevocation(key)),
  }),
};

function rotationOf(key: ApiKey, oldText: string, overlapSeconds: number): Doomed {
  const { text, rotation } = aRotation(key, overlapSeconds);
  return { key, oldText, newText: text, run: (store) => keyStoreOf(store).rotate(rotation) };
}

/** Lets the operation die wherever it can, each time on a new key. @returns how many store operations it takes. */
async function eachCrash(
  operation: Operation,
  limit: number,
  check: (doomed: Doomed) => Promise<void>,
): Promise<number> {
  return eachDeath(mortal, async () => {
    const { key, text } = await issued(tables, {
      maxActiveKeys: limit,
      fields: { ...FIELDS, expiresAt: OWN_EXPIRY },
    });
    const doomed = operation(key, text);
    const answer = await doomed.run(mortal.tables).catch((error: unknown) => causeOf(error));
    if (!mortal.isDead()) return;
    // Nothing is reported done that is not: what dies after that has only failed to read when the key was last used.
    if (!(answer instanceof Crashed)) await expectDone(key);
    await check(doomed);
  });
}

async function expectDone(key: ApiKey): Promise<void> {
  const record = await readRecord(tables, key);
  expect(record).toMatchObject({ pendingChange: null, version: key.version + 1 });
}

function causeOf(error: unknown): unknown {
  return error instanceof Error && error.cause !== undefined ? error.cause : error;
}

const cases = Object.keys(OPERATIONS).map((name) => ({
  name,
  // A limit of active keys adds operations to each change and takes none away.
  limit: 3,
  // A rotation with an overlap that was done, though its answer was lost, has to end before the next begins.
  retried: name === 'a rotation with an overlap' ? ['changed', 'rotation_in_progress'] : ['changed'],
}));

/** Both states that a crash may leave each secret in, observed on a key to which the operation happened undisturbed. */
async function allowedPowers(operation: Operation) {
  const { key, text } = await issued(tables, { fields: { ...FIELDS, expiresAt: OWN_EXPIRY } });
  const calm = operation(key, text);
  const before = await powerOf(tables, text);
  await calm.run(tables);
  return {
    oldText: [before, await powerOf(tables, calm.oldText)],
    newText: [undefined, before, await powerOf(tables, calm.newText)],
  };
}

describe.each(cases)(
  '$name, by a process that dies at any of its store operations (limit $limit)',
  (given) => {
    const operation = OPERATIONS[given.name] as Operation;

    test('leaves no secret with more power than before or after, and a sweeper finishes or undoes it', async () => {
      await sweepPendingChanges(finisherAt(tables, LATER));
      const allowed = await allowedPowers(operation);
      const crashes = await eachCrash(operation, given.limit, async (doomed) => {
        expect(allowed.oldText).toContainEqual(await powerOf(tables, doomed.oldText));
        expect(allowed.newText).toContainEqual(await powerOf(tables, doomed.newText));
        const wasRevoked = (await powerOf(tables, doomed.oldText))?.state === 'revoked';
        const left = await readRecord(tables, doomed.key);
        const found = await sweepPendingChanges(finisherAt(tables, LATER));
        expect(found).toBe(left?.pendingChange ? 1 : 0);
        const texts = [doomed.oldText, doomed.newText];
        const record = await expectAgreement(tables, doomed.key, texts, LATER);
        if (left?.pendingChange?.kind === 'rotate') await expectRotationUndone(doomed);
        if (left?.pendingChange?.kind === 'update') expect(record).toMatchObject(left.pendingChange.fields);
        if (left?.pendingChange?.kind === 'revoke' || wasRevoked) expect(record.revokedAt).not.toBeNull();
      });
      expect(crashes).toBeGreaterThanOrEqual(4);
    });
  },
);

test.each(cases)(
  '$name, when it died at any of its store operations, is finished or undone by a retry',
  async (given) => {
    const operation = OPERATIONS[given.name] as Operation;
    await eachCrash(operation, given.limit, async (doomed) => {
      const settled = await settledKey(tables, doomed.key, LATER);
      if (settled === undefined) throw new Error('The key is gone.');
      const again = operation(settled, doomed.oldText);
      const outcome = settled.revokedAt === null ? await again.run(tables) : undefined;
      const texts = [doomed.oldText, doomed.newText, again.newText];
      const record = await expectAgreement(tables, doomed.key, texts, LATER);
      if (given.name === 'a revocation') expect(record.revokedAt).not.toBeNull();
      else expect(given.retried).toContainEqual((outcome as { kind?: string }).kind);
    });
  },
);

test('revoking an older secret, by a process that dies at any of its store operations, is done or not begun once swept', async () => {
  await sweepPendingChanges(finisherAt(tables, LATER));
  const crashes = await eachDeath(mortal, async () => {
    const { key, text } = await issued(tables, { fields: { ...FIELDS, expiresAt: OWN_EXPIRY } });
    const { text: newText, rotation } = aRotation(key, 600);
    const rotated = await keyStoreOf(tables).rotate(rotation);
    if (rotated.kind !== 'changed') throw new Error(rotated.kind);
    const asked = aPreviousRevocation(rotated.key);
    await keyStoreOf(mortal.tables)
      .revokePreviousSecret(asked)
      .catch(() => undefined);
    expect(await outcomeOf(tables, newText)).toBe('allow');
    const left = await readRecord(tables, key);
    expect(await sweepPendingChanges(finisherAt(tables, LATER))).toBe(left?.pendingChange ? 1 : 0);
    const record = await expectAgreement(tables, key, [text, newText], LATER);
    const isBegun = record.version > rotated.key.version;
    expect(await outcomeOf(tables, text)).toBe(isBegun ? 'revoked' : 'allow');
    expect(await outcomeOf(tables, newText)).toBe('allow');
  });
  expect(crashes).toBeGreaterThanOrEqual(4);
});

test('a sweeper that dies at any store operation leaves the undoing of a rotation to the next one', async () => {
  const rotating = mortalProcess(tables);
  const operations = await eachDeath(mortal, async () => {
    const { key, text } = await issued(tables, { fields: { ...FIELDS, expiresAt: OWN_EXPIRY } });
    const doomed = rotationOf(key, text, 0);
    // Before its fourth operation the rotation has changed its secrets and not yet its record.
    rotating.live({ at: 4, moment: 'before' });
    await doomed.run(rotating.tables).catch(() => undefined);
    expect(await outcomeOf(tables, text)).toBe('revoked');
    await sweepPendingChanges(finisherAt(mortal.tables, LATER)).catch(() => undefined);
    await sweepPendingChanges(finisherAt(tables, 2 * LATER - NOW));
    await expectAgreement(tables, key, [doomed.oldText, doomed.newText], LATER);
    await expectRotationUndone(doomed);
  });
  expect(operations).toBeGreaterThan(4);
});

async function expectRotationUndone({ oldText, newText }: Doomed) {
  expect(await outcomeOf(tables, oldText, { now: OWN_EXPIRY - 1 })).toBe('allow');
  expect(await outcomeOf(tables, oldText, { now: OWN_EXPIRY })).toBe('expired');
  expect(await outcomeOf(tables, newText)).toBe('revoked');
}

test.each([null, 3])(
  'an issuing process that dies at any store operation leaves a whole key or none (limit %s)',
  async (maxActiveKeys) => {
    const operations = await eachDeath(mortal, async () => {
      const { text, key } = newKey({ maxActiveKeys });
      await keyStoreOf(mortal.tables)
        .issue(key)
        .catch(() => undefined);
      const record = await readRecord(tables, key);
      if (record === undefined) expect(await outcomeOf(tables, text)).toBe('unknown');
      else await expectAgreement(tables, key, [text], NOW);
      if (!mortal.isDead()) expect(record).toBeDefined();
    });
    expect(operations).toBeGreaterThan(maxActiveKeys === null ? 0 : 1);
  },
);
