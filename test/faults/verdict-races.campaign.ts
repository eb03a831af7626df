import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { ApiKey } from '../../core/credential/credential.ts';
import { anUpdate, aRevocation, issued, keyStoreOf, outcomeOf } from '../stores/dynamodb/keys/keys.ts';
import { createTables, type TestTables } from '../stores/dynamodb/tables.ts';
import { type CredentialHistory, newHistory, type Power, wrongUses } from './credential-history.ts';
import { initially } from './history.ts';
import { RACE_MS, repeatRace } from './race.ts';

let tables: TestTables;
beforeAll(async () => {
  tables = await createTables();
});
afterAll(() => tables.release());

const CALLERS = 3;
/** Calls of each caller that begin after the change was answered. */
const CALLS_AFTERWARDS = 2;
const UNREACHED = { limit: 1_000_000, windowSeconds: 60 };
const WRITING = { requiredScope: 'write', grantedBy: ['write'] };

/** The order in which things begin and end: in one process nothing is more exact. */
let ticks = 0;
const tick = () => {
  ticks += 1;
  return ticks;
};

/** Verifies once, which counts and stamps the secret, and writes it down. */
async function verifyOnce(history: CredentialHistory, text: string) {
  const startedAt = tick();
  const outcome = await outcomeOf(tables, text, { requirement: WRITING }, 'count');
  const seen =
    outcome === 'allow' ? 'allowed' : outcome === 'insufficient_scope' ? 'forbidden' : 'unauthorized';
  history.uses.push({ text, needs: 'write', seen, startedAt, endedAt: tick() });
}

interface Change {
  readonly make: (key: ApiKey) => Promise<unknown>;
  readonly note: (history: CredentialHistory, span: { startedAt: number; endedAt: number }) => void;
  /** What everybody is told who asks after it. */
  readonly told: 'unauthorized' | 'forbidden';
}

const CHANGES: Record<string, Change> = {
  'a revocation': {
    make: (key) => keyStoreOf(tables).revoke(aRevocation(key)),
    note: (history, span) => history.revocations.push({ value: 'revoked', isDone: true, ...span }),
    told: 'unauthorized',
  },
  'a disabling': {
    make: (key) => keyStoreOf(tables).update(anUpdate(key, { enabled: false })),
    note: (history, span) => history.enabled.push({ value: false, isDone: true, ...span }),
    told: 'unauthorized',
  },
  'a scope that was taken away': {
    make: (key) => keyStoreOf(tables).update(anUpdate(key, { scopes: ['read'] })),
    note: (history, span) => history.power.push({ value: 'read', isDone: true, ...span }),
    told: 'forbidden',
  },
};

test.each(Object.entries(CHANGES))(
  '%s is not lost to verifications that write the same secret: none that begins after its answer is allowed',
  async (name, change) => {
    let allowed = 0;
    await repeatRace({
      property: `${name} is not lost to verifications that write the same secret`,
      rounds: { part: 12, whole: 500 },
      round: async () => {
        const { text, key } = await issued(tables, { effectiveRateLimit: UNREACHED });
        const born = { text, startedAt: tick(), endedAt: tick() };
        const history = newHistory(key.id, born, [initially<Power>('write')]);
        const used = Promise.withResolvers<void>();
        let isAnswered = false;
        const callers = Array.from({ length: CALLERS }, async () => {
          while (!isAnswered) {
            await verifyOnce(history, text);
            used.resolve();
          }
          for (let call = 0; call < CALLS_AFTERWARDS; call += 1) await verifyOnce(history, text);
        });
        await used.promise;
        const startedAt = tick();
        await change.make(key);
        change.note(history, { startedAt, endedAt: tick() });
        isAnswered = true;
        await Promise.all(callers);
        expect(wrongUses(history)).toEqual({ letThrough: [], turnedAway: [] });
        const afterwards = history.uses.slice(-CALLERS * CALLS_AFTERWARDS + CALLERS);
        expect(new Set(afterwards.map(({ seen }) => seen))).toEqual(new Set([change.told]));
        allowed += history.uses.filter(({ seen }) => seen === 'allowed').length;
      },
    });
    // Without callers who were let in beforehand the rounds would prove nothing.
    expect(allowed).toBeGreaterThan(20);
  },
  RACE_MS,
);
