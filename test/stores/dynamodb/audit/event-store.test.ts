import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import {
  type AuditEvent,
  makeRefusedEvent,
  type Occasion,
  occasionOf,
  type RefusedCall,
  type RefusedEvent,
} from '../../../../core/audit/audit-event.ts';
import type { EventFilter, EventQuery } from '../../../../core/audit/event-store.ts';
import { makeIdentifier } from '../../../../core/credential/identifier.ts';
import { dynamoEventStore, putEventPart } from '../../../../stores/dynamodb/audit/event-store.ts';
import type { Tables } from '../../../../stores/dynamodb/table/tables.ts';
import { toItem } from '../items.ts';
import { issued, NOW, newSlug, partition } from '../keys/keys.ts';
import { putItems } from '../put-items.ts';
import { createTables, type TestTables } from '../tables.ts';

let tables: TestTables;
beforeAll(async () => {
  tables = await createTables();
});
afterAll(() => tables.release());

const DAY = 86_400;

interface Refused {
  readonly event: RefusedEvent;
  readonly occasion: Occasion;
}

/** Somebody's refusal at a moment. */
function refusal(log: string, at: number, user = 'usr_1'): Refused {
  const call: RefusedCall = {
    caller: { kind: 'signed_in', user },
    log,
    sourceAddress: '203.0.113.7',
    code: 'forbidden',
    route: { method: 'GET', resource: '/v1/workspaces/{workspace}/keys/{key}' },
    pathParameters: { key: 'key_00000000000000000001' },
  };
  const id = makeIdentifier('evt', at * 1000, randomBytes);
  return { event: makeRefusedEvent(call, { id, at }), occasion: occasionOf(call, at) };
}

const write = ({ event, occasion }: Refused, to: Tables = tables) =>
  dynamoEventStore(to).appendOnce(event, occasion);

/** A log with an event for each of so many seconds, every tenth of `usr_rare`. @returns all ids, newest first. */
async function filledLog(count: number): Promise<{ log: string; all: string[]; rare: string[] }> {
  const log = newSlug();
  const events = Array.from(
    { length: count },
    (_, index) => refusal(log, NOW + index, index % 10 === 3 ? 'usr_rare' : 'usr_1').event,
  );
  await putItems(
    tables,
    events.map((event) => ({
      table: tables.events,
      item: toItem(putEventPart(tables, event).Put.Item ?? {}),
    })),
  );
  const newestFirst = events.toReversed();
  return {
    log,
    all: newestFirst.map(({ id }) => id),
    rare: newestFirst.filter(({ actor }) => actor.user === 'usr_rare').map(({ id }) => id),
  };
}

const query = (log: string, more: Partial<EventQuery> = {}) =>
  dynamoEventStore(tables).list({ log, filter: {}, limit: 100, now: NOW, ...more });

/** Everything that a filter wants, and how many pages it took. */
async function walk(log: string, limit: number, filter: EventFilter) {
  const pages: AuditEvent[][] = [];
  let after: string | undefined;
  do {
    const page = await query(log, { filter, limit, ...(after !== undefined && { after }) });
    expect(page.events.length).toBeLessThanOrEqual(limit);
    pages.push([...page.events]);
    after = page.next ?? undefined;
  } while (after !== undefined);
  return { ids: pages.flat().map(({ id }) => id), pages: pages.length };
}

describe('a log', () => {
  test('is read newest first, page by page, each event once, and the last page says so', async () => {
    const { log, all } = await filledLog(23);
    for (const limit of [1, 5, 22, 23, 24, 100]) {
      const { ids, pages } = await walk(log, limit, {});
      expect(ids).toEqual(all);
      expect(pages).toBeLessThanOrEqual(Math.floor(23 / limit) + 1);
    }
  });

  test('that is filtered holds every matching event once, wherever its pages end', async () => {
    const { log, rare } = await filledLog(230);
    for (const limit of [1, 2, 7, 22, 23, 100]) {
      const { ids } = await walk(log, limit, { actor: 'usr_rare' });
      expect(ids).toEqual(rare);
    }
    expect((await walk(log, 10, { actor: 'usr_nobody' })).ids).toEqual([]);
  });

  test('holds no events of another log, even of a similar name', async () => {
    const { log } = await filledLog(3);
    expect((await query(`${log}-2`)).events).toEqual([]);
    expect((await query(log.slice(0, -1))).events).toEqual([]);
  });
});

describe('the events of a log can be searched', () => {
  test('by time, to the second, with the end excluded', async () => {
    const { log, all } = await filledLog(200);
    const between = (from: number, to: number) => walk(log, 30, { from: NOW + from, to: NOW + to });
    const oldestFirst = [...all].reverse();
    for (const [from, to] of [
      [0, 200],
      [10, 11],
      [70, 140],
      [199, 500],
    ] as const)
      expect((await between(from, to)).ids).toEqual(oldestFirst.slice(from, to).reverse());
    expect((await between(-500, 0)).ids).toEqual([]);
    expect((await between(200, 500)).ids).toEqual([]);
    expect((await walk(log, 30, { from: NOW + 150 })).ids).toEqual(all.slice(0, 50));
    expect((await walk(log, 30, { to: NOW + 50 })).ids).toEqual(all.slice(150));
  });

  test('with a cursor from outside the time asked for, which finds nothing and is no fault', async () => {
    const { log, all } = await filledLog(200);
    const filter = { from: NOW + 150 };
    expect(await query(log, { filter, after: all.at(-1) ?? '' })).toEqual({ events: [], next: null });
    expect((await query(log, { filter: { from: 0, to: 253_402_300_800 } })).events).toHaveLength(100);
  });

  test('by type, credential, actor and outcome', async () => {
    const { key } = await issued(tables);
    await write(refusal(key.workspace, NOW, 'usr_2'));
    const found = async (filter: EventFilter) =>
      (await query(key.workspace, { filter })).events.map(({ type }) => type);
    expect(await found({})).toEqual(expect.arrayContaining(['key.issued', 'call.refused']));
    expect(await found({ outcome: 'refused' })).toEqual(['call.refused']);
    expect(await found({ outcome: 'done' })).toEqual(['key.issued']);
    expect(await found({ type: 'key.issued' })).toEqual(['key.issued']);
    expect(await found({ keyId: key.id })).toEqual(['key.issued']);
    expect(await found({ keyId: 'key_00000000000000000001' })).toEqual(['call.refused']);
    expect(await found({ actor: 'usr_2' })).toEqual(['call.refused']);
    expect(await found({ actor: 'usr_2', outcome: 'done' })).toEqual([]);
  });
});

describe('an event', () => {
  test('is written once for one occasion, whoever is first, and again for the next occasion', async () => {
    const log = newSlug();
    const alike = [0, 1, 59].map((seconds) => refusal(log, NOW + seconds));
    await Promise.all(alike.map((one) => write(one)));
    expect((await query(log)).events).toHaveLength(1);
    for (const one of alike) await write(one);
    expect((await query(log)).events).toHaveLength(1);
    await write(refusal(log, NOW + 60));
    await write(refusal(log, NOW, 'usr_2'));
    expect((await query(log)).events).toHaveLength(3);
  });

  test('keeps its first text if it is written again', async () => {
    const log = newSlug();
    const { event, occasion } = refusal(log, NOW);
    await write({ event, occasion });
    await write({ event: { ...event, code: 'other' }, occasion: { ...occasion, id: 'another' } });
    expect((await query(log)).events).toEqual([event]);
  });

  test('has its deletion time, whether it is written with a change or alone', async () => {
    const kept = { ...tables, eventRetention: 30 };
    const { key } = await issued(kept);
    await write(refusal(key.workspace, NOW), kept);
    const items = await partition(tables, tables.events, `WS#${key.workspace}`);
    expect(items.map(({ deleteAt }) => deleteAt)).toEqual([NOW + 30 * DAY, NOW + 30 * DAY]);
  });

  test('is not shown after its deletion time, even if it is not deleted yet', async () => {
    const log = newSlug();
    await write(refusal(log, NOW), { ...tables, eventRetention: 30 });
    const shownAt = async (now: number) => (await query(log, { now })).events.length;
    expect(await shownAt(NOW + 30 * DAY - 1)).toBe(1);
    expect(await shownAt(NOW + 30 * DAY)).toBe(0);
  });

  test('has no deletion time if events are kept for ever', async () => {
    const log = newSlug();
    await write(refusal(log, NOW), { ...tables, eventRetention: 'forever' });
    const [item] = await partition(tables, tables.events, `WS#${log}`);
    expect(item).not.toHaveProperty('deleteAt');
    expect((await query(log, { now: NOW + 40_000 * DAY })).events).toHaveLength(1);
  });
});
