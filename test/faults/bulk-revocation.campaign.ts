import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { APIGatewayProxyEvent } from 'aws-lambda';
import { revokeKeysOperation } from '../../lambdas/management/keys/revoke-keys.ts';
import { loadProfile } from '../../lib/files/profile-file.ts';
import type { Tables } from '../../stores/dynamodb/table/tables.ts';
import { randomFrom, report, scaled, tellProgress } from '../campaigns/campaign.ts';
import { capturedLog } from '../lambdas/captured-log.ts';
import { OPERATOR } from '../lambdas/management/memory-api.ts';
import { addConflicts, mortalProcess } from '../stores/dynamodb/faults.ts';
import {
  issued,
  keyStoreOf,
  NOW,
  newId,
  outcomeOf,
  partition,
  workspaceStoreOf,
} from '../stores/dynamodb/keys/keys.ts';
import { manyKeys } from '../stores/dynamodb/keys/many-keys.ts';
import { createTables, type TestTables } from '../stores/dynamodb/tables.ts';
import { memberIn, workspaceWith } from '../stores/dynamodb/workspaces/members.ts';

const KEYS = scaled({ part: 120, whole: 600 });
const DEATHS = scaled({ part: 10, whole: 60 });
const OTHERS = 20;
/** What one call may revoke. */
const MOST = 1_000;
const LONG = 1_800_000;

let tables: TestTables;
beforeAll(async () => {
  tables = await createTables();
});
afterAll(() => tables.release());
capturedLog();

const { profile } = loadProfile('standard');

/** Calls the revocation of many keys, as one process does that has these tables. */
async function revokeMany(own: Tables, slug: string, asked: object) {
  const ids = { newId, newEventIdentity: () => ({ id: newId('evt'), at: NOW }) };
  const operation = revokeKeysOperation({
    ...{ profile, ids, keys: keyStoreOf(own), workspaces: workspaceStoreOf(own) },
    millisecondsLeft: () => Number.POSITIVE_INFINITY,
  });
  const event = {
    pathParameters: { workspace: slug },
    body: JSON.stringify({ dry_run: false, ...asked }),
    requestContext: { requestId: 'request', identity: { sourceIp: '192.0.2.1' } },
  } as unknown as APIGatewayProxyEvent;
  const { body } = await operation({ event, caller: OPERATOR, now: NOW });
  // biome-ignore lint/suspicious/noExplicitAny: the answer is JSON.
  return body as any;
}

async function issueMany(slug: string, userId: string, count: number): Promise<string[]> {
  const { version = 1 } = (await memberIn(tables, { slug, userId })) ?? {};
  const texts: string[] = [];
  for (let made = 0; made < count; made += 1) {
    const creator = { userId, version };
    texts.push((await issued(tables, { workspace: slug, creator, maxMemberKeys: 10_000 })).text);
  }
  return texts;
}

test(
  'a revocation of many keys that is called again after every death ends all that matched, each with one event, and no other',
  async () => {
    const slug = await workspaceWith(tables, { usr_1: 'admin', usr_2: 'admin' });
    const texts = await issueMany(slug, 'usr_1', KEYS);
    const others = await issueMany(slug, 'usr_2', OTHERS);
    const random = randomFrom('deaths of a revocation of many keys');
    const mortal = mortalProcess(tables);
    addConflicts(mortal.tables, 0.05, random);
    let [deaths, isDone] = [0, false];
    while (!isDone) {
      const at = deaths < DEATHS ? 1 + Math.floor(random() * KEYS) : Number.POSITIVE_INFINITY;
      mortal.live({ at, moment: random() < 0.5 ? 'before' : 'after' });
      const answer = await revokeMany(mortal.tables, slug, { created_by: 'usr_1' }).catch(() => undefined);
      // The answer of a process that has died is lost.
      if (mortal.isDead()) deaths += 1;
      else isDone = answer?.next_cursor === null && answer.counts.failed === 0;
      tellProgress(`${deaths} of ${DEATHS} deaths`);
    }
    const outcomes = await Promise.all(texts.map((text) => outcomeOf(tables, text)));
    const kept = await Promise.all(others.map((text) => outcomeOf(tables, text)));
    const events = (await partition(tables, tables.events, `WS#${slug}`)).filter(
      ({ type }) => type === 'key.revoked',
    );
    const lost = outcomes.filter((outcome) => outcome !== 'revoked').length;
    report({
      property:
        'a revocation of many keys that is repeated after each death ends all that matched, and no other',
      tried: [
        ['keys', KEYS],
        ['deaths', deaths],
      ],
      lost: lost + kept.filter((outcome) => outcome !== 'allow').length,
    });
    expect(deaths).toBeGreaterThanOrEqual(DEATHS / 2);
    expect(new Set(outcomes)).toEqual(new Set(['revoked']));
    expect(new Set(kept)).toEqual(new Set(['allow']));
    expect(events).toHaveLength(KEYS);
  },
  LONG,
);

test(
  'one call ends a thousand keys',
  async () => {
    const slug = await workspaceWith(tables, { usr_1: 'admin' });
    await manyKeys(tables, { slug, userId: 'usr_1', role: null, count: MOST + OTHERS });
    const begin = performance.now();
    const seen = await revokeMany(tables, slug, { dry_run: true, created_by: 'usr_1' });
    const looked = performance.now();
    const answer = await revokeMany(tables, slug, { created_by: 'usr_1' });
    const ended = performance.now();
    report({
      property: 'one call ends a thousand keys',
      tried: [
        ['keys', answer.counts.revoked],
        ['milliseconds to look at them', Math.round(looked - begin)],
        ['milliseconds to end them', Math.round(ended - looked)],
        ['bytes of the answer', JSON.stringify(answer).length],
      ],
      lost: MOST - answer.counts.revoked,
    });
    expect(seen.counts.would_be_revoked).toBe(MOST);
    expect([answer.counts.revoked, typeof answer.next_cursor]).toEqual([MOST, 'string']);
    const rest = await revokeMany(tables, slug, { created_by: 'usr_1' });
    expect([rest.counts.revoked, rest.next_cursor]).toEqual([OTHERS, null]);
  },
  LONG,
);
