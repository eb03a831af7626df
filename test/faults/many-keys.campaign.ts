import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { sweepPendingChanges } from '../../stores/dynamodb/sweeper/sweep.ts';
import type { ChangeFinisher } from '../../stores/dynamodb/table/intent.ts';
import type { Tables } from '../../stores/dynamodb/table/tables.ts';
import { type MemberItem, readMemberItem } from '../../stores/dynamodb/workspaces/member-item.ts';
import { dynamoMemberStore } from '../../stores/dynamodb/workspaces/member-store.ts';
import { randomFrom, report, scaled, tellProgress } from '../campaigns/campaign.ts';
import { addConflicts, mortalProcess } from '../stores/dynamodb/faults.ts';
import { finisherAt, keyStoreOf, NOW, newKey, verdictOn } from '../stores/dynamodb/keys/keys.ts';
import { manyKeys } from '../stores/dynamodb/keys/many-keys.ts';
import { createTables, type TestTables } from '../stores/dynamodb/tables.ts';
import { decided, KEYS, memberIn, workspaceWith } from '../stores/dynamodb/workspaces/members.ts';

/** Keys of one member, made before there was a bound. */
const COUNT = scaled({ part: 125, whole: 50_000 });
const DEATHS = 10;
const CALLERS = 16;
/** Between two calls of a caller: they should be many, and leave the store time for the change. */
const PAUSE_MS = scaled({ part: 5, whole: 400 });
/** DynamoDB Local takes some 400 of these operations a second, and each key needs three or four. */
const CAMPAIGN_MS = 3_600_000;
const LATER = NOW + 120;

let tables: TestTables;
beforeAll(async () => {
  tables = await createTables();
});
afterAll(() => tables.release());

const userId = 'usr_1';

interface Call {
  readonly begunAt: number;
  /** `admin` or `member` where the call was let in with that role; else the code of the refusal. */
  readonly outcome: string | null;
}

/** Uses the keys until told to stop, and remembers what every call came to. */
function useMeanwhile(texts: readonly string[], isOver: () => boolean): Promise<Call[][]> {
  const random = randomFrom('callers of many keys');
  const call = async () => {
    const calls: Call[] = [];
    while (!isOver()) {
      const text = texts[Math.floor(random() * texts.length)] ?? '';
      const begunAt = performance.now();
      const verdict = await verdictOn(tables, text);
      calls.push({ begunAt, outcome: verdict.kind === 'allow' ? verdict.principal.role : verdict.code });
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
    }
    return calls;
  };
  return Promise.all(Array.from({ length: CALLERS }, call));
}

/** Begins a change in a process that dies at once, and lets others that die go on with it until it is finished. */
async function finishThroughDeaths(slug: string, begin: (finisher: ChangeFinisher) => Promise<unknown>) {
  const random = randomFrom('deaths over many keys');
  const mortal = mortalProcess(tables);
  addConflicts(mortal.tables, 0.1, random);
  let changed = 0;
  const counting = mortal.tables.client.middlewareStack;
  counting.add(
    (next, { commandName }) =>
      async (args) => {
        const answer = await next(args);
        const { TableName } = args.input as { TableName?: string };
        if (commandName === 'UpdateItemCommand' && TableName === tables.secrets) changed += 1;
        return answer;
      },
    { step: 'finalizeRequest', name: 'count' },
  );
  const finisher = (now: number) => ({ ...finisherAt(mortal.tables, now) });
  mortal.live({ at: 40, moment: 'after' });
  await expect(begin(finisher(NOW))).rejects.toThrow();
  await expectNoIssuing(slug);
  const progress: number[] = [];
  let deaths = 1;
  for (;;) {
    // Short lives, so that all of them end before the work does.
    const at = deaths < DEATHS ? 1 + Math.floor((random() * COUNT) / 4) : Number.POSITIVE_INFINITY;
    mortal.live({ at, moment: random() < 0.5 ? 'before' : 'after' });
    await sweepPendingChanges(finisher(LATER)).catch(() => 0);
    if (mortal.isDead()) deaths += 1;
    tellProgress(`${deaths} of ${DEATHS} deaths, ${changed} of ${COUNT} keys reached`);
    const item: MemberItem | undefined = await readMemberItem(tables, { workspace: slug, userId });
    if (item?.pendingChange === undefined) break;
    progress.push(item.pendingChange.progress?.done ?? 0);
  }
  expect(deaths).toBe(DEATHS);
  // It never starts over: what was reached stays reached, and a death costs the pages under way at most.
  expect(progress).toEqual([...progress].sort((one, other) => one - other));
  expect(changed).toBeGreaterThanOrEqual(COUNT);
  expect(changed).toBeLessThanOrEqual(COUNT + DEATHS * 400);
}

async function expectNoIssuing(slug: string): Promise<void> {
  const creator = { userId, version: 1 };
  const { key } = newKey({ workspace: slug, creator, role: 'admin' });
  expect(await keyStoreOf(tables).issue(key)).toEqual({ kind: 'creator_changed' });
}

const CHANGES = [
  {
    what: 'removed',
    begin: async (finisher: ChangeFinisher, slug: string) =>
      dynamoMemberStore(finisher, KEYS).remove({
        ...(await decided(tables, { slug, userId })),
        keys: 'revoke',
      }),
    after: 'revoked',
  },
  {
    what: 'demoted',
    begin: async (finisher: ChangeFinisher, slug: string) =>
      dynamoMemberStore(finisher, KEYS).put({ ...(await decided(tables, { slug, userId })), role: 'member' }),
    after: 'member',
  },
] as const;

describe.each(CHANGES)('a member with very many keys who is $what', ({ what, begin, after }) => {
  test(
    'loses their power completely, by itself, through ten deaths and injected faults, and no later call has it',
    async () => {
      const slug = await workspaceWith(tables, { [userId]: 'admin' });
      const texts = await manyKeys(tables, { slug, userId, role: 'admin', count: COUNT });
      let isOver = false;
      const using = useMeanwhile(texts, () => isOver);
      let doneAt = 0;
      try {
        await finishThroughDeaths(slug, (finisher) => begin(finisher, slug));
        doneAt = performance.now();
        await outcomesOf(texts.slice(0, 100));
      } finally {
        isOver = true;
      }
      const calls = (await using).flat();
      const later = calls.filter(({ begunAt }) => begunAt >= doneAt);
      const wrong = later.filter(({ outcome }) => outcome !== after);
      const [before, all] = [calls.length - later.length, await outcomesOf(texts)];
      report({
        property: `no call of a member who was ${what} has more power once that is done`,
        tried: [
          ['keys', COUNT],
          ['deaths', DEATHS],
          ['calls meanwhile', before],
          ['calls afterwards', later.length],
        ],
        lost: wrong.length + all.filter((outcome) => outcome !== after).length,
      });
      expect(before).toBeGreaterThan(20);
      expect(wrong).toEqual([]);
      expect(new Set(all)).toEqual(new Set([after]));
      expect(await memberIn(tables, { slug, userId })).toEqual(
        what === 'removed' ? undefined : expect.objectContaining({ role: 'member' }),
      );
    },
    CAMPAIGN_MS,
  );
});

async function outcomesOf(texts: readonly string[]): Promise<(string | null)[]> {
  const outcomes: (string | null)[] = [];
  const queue = texts.values();
  const asking = async () => {
    for (const text of queue) {
      const verdict = await verdictOn(tables as Tables, text);
      outcomes.push(verdict.kind === 'allow' ? verdict.principal.role : verdict.code);
    }
  };
  await Promise.all(Array.from({ length: 8 }, asking));
  return outcomes;
}
