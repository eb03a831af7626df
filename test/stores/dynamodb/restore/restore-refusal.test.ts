import { expect, test } from '@jest/globals';
import {
  findMoment,
  findRefusal,
  type RestoreChoices,
  type Situation,
} from '../../../../stores/dynamodb/restore/restore-refusal.ts';
import type { Item } from '../../../../stores/dynamodb/table/tables.ts';

const NOW = 1_800_000_000;
const DAY = 86_400;

/** @param days how long the event is kept. */
function event(id: string, days?: number): Item {
  const item: Item = { id: { S: id }, type: { S: 'key.revoked' }, at: { N: String(NOW) } };
  return days === undefined ? item : { ...item, deleteAt: { N: String(NOW + days * DAY) } };
}

/** Why a backup that was made at `NOW` is refused. */
function refusal(changes: Partial<Situation> = {}, choices: Partial<RestoreChoices> = {}) {
  const situation: Situation = {
    named: NOW,
    at: NOW,
    now: NOW + 60,
    retention: 400,
    isEmpty: false,
    log: [],
    copied: [],
    ...changes,
  };
  return findRefusal({ present: 'replace', forgotten: 'refuse', ...choices }, situation);
}

test('tables that hold something are only replaced on request', () => {
  expect(refusal({}, { present: 'none' })).toBe('not_empty');
  expect(refusal({ isEmpty: true }, { present: 'none' })).toBeUndefined();
  expect(refusal()).toBeUndefined();
});

test('a backup that names a moment yet to come is refused, except for a minute by which clocks may differ', () => {
  expect(refusal({ named: NOW + 61, now: NOW })).toBe('in_the_future');
  expect(refusal({ named: NOW + 61, now: NOW }, { forgotten: 'accept' })).toBe('in_the_future');
  expect(refusal({ named: NOW + 60, now: NOW })).toBeUndefined();
});

test('a backup is refused as soon as an event may have expired that is at most five minutes older', () => {
  const end = NOW - 300 + 30 * DAY;
  expect(refusal({ retention: 30, now: end })).toBe('log_forgets');
  expect(refusal({ retention: 30, now: end - 1 })).toBeUndefined();
  expect(refusal({ retention: 'forever', now: end })).toBeUndefined();
  expect(refusal({ retention: 30, now: end }, { forgotten: 'accept' })).toBeUndefined();
});

test('the shortest retention that an event shows decides, in the log or in the backup', () => {
  const end = NOW - 300 + 30 * DAY;
  const events = [event('evt_1', 90), event('evt_2', 30)];
  for (const retention of ['forever', 400] as const)
    for (const found of [
      { log: events, copied: [] },
      { log: [event('evt_1', 90)], copied: events },
    ]) {
      expect(refusal({ ...found, retention, now: end })).toBe('log_forgets');
      expect(refusal({ ...found, retention, log: events, now: end - 1 })).toBeUndefined();
    }
});

test('a backup is refused if nobody said how long the log is kept', () => {
  expect(refusal({ retention: undefined })).toBe('unknown_retention');
  expect(refusal({ retention: undefined }, { forgotten: 'accept' })).toBeUndefined();
});

test('a backup is refused if the log lacks one of its events, unless that event has expired', () => {
  const copied = [event('evt_1'), event('evt_2', 30)];
  expect(refusal({ copied, log: [event('evt_1')] })).toBe('log_lacks');
  expect(refusal({ copied, log: copied })).toBeUndefined();
  const old = { at: NOW + 20 * DAY, retention: 400 as const, now: NOW + 30 * DAY - 300 };
  expect(refusal({ ...old, copied, log: [event('evt_1')] })).toBeUndefined();
  expect(refusal({ ...old, now: old.now - 1, copied, log: [event('evt_1')] })).toBe('log_lacks');
});

test('tables that hold nothing at all take a backup with its own log', () => {
  const copied = [event('evt_1')];
  expect(refusal({ copied, isEmpty: true })).toBeUndefined();
  expect(refusal({ copied, isEmpty: true, log: [event('evt_2')] })).toBe('log_lacks');
  expect(refusal({ copied, isEmpty: false })).toBe('log_lacks');
});

test('a backup is no newer than the newest time in its items, whatever moment it names', () => {
  const items: Item[] = [
    { createdAt: { N: String(NOW - 50) }, lastUsedAt: { N: String(NOW - 5) } },
    { createdAt: { N: String(NOW - 90) }, expiresAt: { N: String(NOW + DAY) } },
  ];
  expect(findMoment(items, NOW + DAY)).toBe(NOW - 5);
  expect(findMoment(items, NOW - 20)).toBe(NOW - 20);
  expect(findMoment([], NOW)).toBe(NOW);
});
