import { afterAll, beforeAll, expect, test } from '@jest/globals';
import {
  aRevocation,
  issued,
  keyStoreOf,
  NOW,
  newKey,
  newSlug,
  verdictOn,
} from '../stores/dynamodb/keys/keys.ts';
import { createTables, type TestTables } from '../stores/dynamodb/tables.ts';
import { beyondLimit, type CredentialHistory, newHistory } from './credential-history.ts';
import { initially } from './history.ts';
import { RACE_MS, repeatRace } from './race.ts';

let tables: TestTables;
beforeAll(async () => {
  tables = await createTables();
});
afterAll(() => tables.release());

const MOST_KEYS = 3;
const ISSUERS = 6;

let ticks = 0;
const tick = () => {
  ticks += 1;
  return ticks;
};

test(
  `of keys that are issued and revoked at the same time no more than ${MOST_KEYS} ever work, and as many can`,
  async () => {
    await repeatRace({
      property: `of keys that are issued and revoked at the same time no more than ${MOST_KEYS} ever work`,
      rounds: { part: 10, whole: 200 },
      round: async () => {
        const workspace = newSlug();
        const histories: CredentialHistory[] = [];
        const issue = async () => {
          const { text, key } = newKey({ workspace, maxActiveKeys: MOST_KEYS });
          const startedAt = tick();
          const { kind } = await keyStoreOf(tables).issue(key);
          if (kind !== 'issued') return;
          const history = newHistory(key.id, { text, startedAt, endedAt: tick() }, [initially('write')]);
          histories.push(history);
        };
        const revoke = async (history: CredentialHistory) => {
          const startedAt = tick();
          await keyStoreOf(tables).revoke(aRevocation({ workspace, id: history.id }));
          history.revocations.push({ value: 'revoked', isDone: true, startedAt, endedAt: tick() });
        };
        await issue();
        const [first] = histories;
        if (first === undefined) throw new Error('The first key was not issued.');
        await Promise.all([...Array.from({ length: ISSUERS }, issue), revoke(first)]);
        await Promise.all(Array.from({ length: ISSUERS }, issue));
        expect(beyondLimit(histories, MOST_KEYS)).toEqual([]);
        expect(histories).toHaveLength(MOST_KEYS + 1);
      },
    });
  },
  RACE_MS,
);

const LIMIT = { limit: 5, windowSeconds: 60 };
/** The last second of one window and the first of the next. */
const CLOCKS = [NOW + 59, NOW + 60];
const CALLS_OF_EACH_CLOCK = 8;

test(
  'of calls on both sides of the end of a window none is given a place that another one was given',
  async () => {
    await repeatRace({
      property: 'no two calls around the end of a window get the same place in the count',
      rounds: { part: 10, whole: 200 },
      round: async (index) => {
        const { text } = await issued(tables, { effectiveRateLimit: LIMIT });
        const clocks = Array.from({ length: CALLS_OF_EACH_CLOCK }, () => CLOCKS).flat();
        if (index % 2 === 0) clocks.reverse();
        const places = await Promise.all(clocks.map((now) => placeOf(text, now)));
        const given = places.filter((place) => place !== 'none');
        expect(new Set(given).size).toBe(given.length);
        // The newer window is used up whole: that an older one was open beside it takes nothing from it.
        expect(given.filter((place) => place.startsWith(`${NOW + 120} `))).toHaveLength(LIMIT.limit);
        expect(given.length).toBeLessThanOrEqual(2 * LIMIT.limit);
      },
    });
  },
  RACE_MS,
);

/** The window in which a call was counted, and how many it left there; `none` for one that was not let through. */
async function placeOf(text: string, now: number): Promise<string> {
  const verdict = await verdictOn(tables, text, { now }, 'count');
  if (verdict.kind !== 'allow' || verdict.rate === undefined) return 'none';
  return `${now + verdict.rate.resetSeconds} ${verdict.rate.remaining}`;
}
