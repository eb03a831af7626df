import { describe, expect, test } from '@jest/globals';
import { randomFrom } from '../campaigns/campaign.ts';
import { type RecordedAnswer, unfitAnswers } from './answer-record.ts';
import {
  beyondLimit,
  type CredentialHistory,
  newHistory,
  type Sight,
  type Use,
  wrongSights,
  wrongUses,
} from './credential-history.ts';
import { drawingFaults } from './fault-schedule.ts';
import { initially, possibleValues, type Write } from './history.ts';

describe('a schedule of faults', () => {
  const CALLS = 10_000;
  const drawn = (seed: number, isWrite: boolean) => {
    const draw = drawingFaults(randomFrom('faults', seed));
    return Array.from({ length: CALLS }, () => draw(isWrite));
  };

  test('is the same for the same seed, and another for another', () => {
    expect(drawn(1, true)).toEqual(drawn(1, true));
    expect(drawn(1, true)).not.toEqual(drawn(2, true));
  });

  test('holds every kind of fault, and lets a fifth of all writes meet a transaction, but no read', () => {
    const ofWrites = drawn(1, true);
    const conflicts = ofWrites.filter((fault) => fault === 'meets a transaction');
    expect(conflicts.length / CALLS).toBeCloseTo(0.2, 1);
    expect(new Set(drawn(1, false))).not.toContain('meets a transaction');
    expect(new Set(ofWrites).size).toBe(9);
  });
});

const write = <Value>(value: Value, startedAt: number, endedAt: number, isDone = true): Write<Value> => ({
  value,
  isDone,
  startedAt,
  endedAt,
});
const during = (startedAt: number, endedAt = startedAt + 1) => ({ startedAt, endedAt });

describe('the values that somebody may have seen', () => {
  const writes = [initially('old'), write('new', 10, 20)];

  test.each([
    ['before a write', during(5), ['old']],
    ['while it is under way', during(12), ['old', 'new']],
    ['from before it until after it', during(5, 30), ['old', 'new']],
    ['after it', during(21), ['new']],
  ])('%s', (_, span, values) => {
    expect([...possibleValues(writes, span)]).toEqual(values);
  });

  test('include both of two overlapping writes, whichever ended last', () => {
    expect([...possibleValues([...writes, write('other', 15, 25)], during(30))]).toEqual(['new', 'other']);
  });

  test('include old and new value if nobody knows whether a write was done', () => {
    const unknown = [initially('old'), write('new', 10, 20, false)];
    expect([...possibleValues(unknown, during(99))]).toEqual(['old', 'new']);
  });

  test('exclude the value of an uncertain write once a later write has succeeded', () => {
    const unknown = [initially('old'), write('lost', 10, 20, false), write('new', 21, 30)];
    expect([...possibleValues(unknown, during(31))]).toEqual(['new']);
  });
});

const SECRET = { text: 'first', ...during(0) };
const use = (at: number, overrides: Partial<Use> = {}): Use => ({
  text: 'first',
  needs: 'read',
  seen: 'allowed',
  ...during(at),
  ...overrides,
});

/** @returns what is found wrong with one use of a credential. */
function verdictOn(one: Use, overrides: Partial<CredentialHistory>): string {
  const history = { ...newHistory('key_1', SECRET, [initially('write')]), ...overrides, uses: [one] };
  const { letThrough, turnedAway } = wrongUses(history);
  if (letThrough.length > 0) return 'let through';
  return turnedAway.length > 0 ? 'turned away' : 'right';
}

describe('a planted violation is found', () => {
  const revocations = [write('revoked' as const, 10, 20)];
  const rotations = [write('at once' as const, 10, 20)];

  test.each([
    ['let through after its revocation', use(21), { revocations }],
    ['let through after it was disabled', use(21), { enabled: [initially(true), write(false, 10, 20)] }],
    [
      'let through after a disabling that followed an enabling of unknown fate',
      use(31),
      { enabled: [initially(false), write(true, 10, 20, false), write(false, 21, 30)] },
    ],
    [
      'let through to write after its power was narrowed',
      use(21, { needs: 'write' }),
      { power: [initially('write' as const), write('read' as const, 10, 20)] },
    ],
    ['let through with a secret that a rotation has ended', use(21), { rotations }],
  ])('%s', (_, one, overrides) => {
    expect(verdictOn(one, overrides)).toBe('let through');
  });

  test.each([
    ['refused though nobody has asked for that', use(5, { seen: 'unauthorized' }), {}],
    ['refused before the revocation began', use(5, { seen: 'unauthorized' }), { revocations }],
    ['forbidden what it holds', use(5, { seen: 'forbidden' }), {}],
    [
      'refused after it was enabled again',
      use(41, { seen: 'unauthorized' }),
      { enabled: [initially(true), write(false, 10, 20), write(true, 30, 40)] },
    ],
    [
      'refused with the secret that a rotation has just given out',
      use(21, { text: 'second', seen: 'unauthorized' }),
      { rotations, secrets: [SECRET, { text: 'second', startedAt: 10, endedAt: 20 }] },
    ],
  ])('%s', (_, one, overrides) => {
    expect(verdictOn(one, overrides)).toBe('turned away');
  });
});

describe('a history that could have happened is not reported as a violation', () => {
  const revocations = [write('revoked' as const, 10, 20)];
  const lost = [write('revoked' as const, 10, 20, false)];

  test.each([
    ['let through while it is being revoked', use(12), { revocations }],
    ['let through after a revocation that was not done', use(99), { revocations: lost }],
    [
      'refused after a revocation that was not done',
      use(99, { seen: 'unauthorized' }),
      { revocations: lost },
    ],
    ['let through in the overlap of a rotation', use(21), { rotations: [write('later' as const, 10, 20)] }],
    [
      'let through with a secret that came after the rotation',
      use(41, { text: 'second' }),
      {
        rotations: [write('at once' as const, 10, 20)],
        secrets: [SECRET, { text: 'second', startedAt: 30, endedAt: 40 }],
      },
    ],
    [
      'forbidden to write when it may only read',
      use(5, { seen: 'forbidden', needs: 'write' }),
      { power: [initially('read' as const)] },
    ],
  ])('%s', (_, one, overrides) => {
    expect(verdictOn(one, overrides)).toBe('right');
  });
});

describe('a key as it was shown', () => {
  const revocations = [write('revoked' as const, 10, 20)];
  const enabled = [initially(true), write(false, 10, 20)];
  const power = [initially('write' as const), write('read' as const, 10, 20)];
  const sight = (at: number, status: string, held: Sight['power'] = 'write'): Sight => ({
    status,
    power: held,
    ...during(at),
  });
  const isRight = (one: Sight, overrides: Partial<CredentialHistory>) =>
    wrongSights({ ...newHistory('key_1', SECRET, [initially('write')]), ...overrides, sights: [one] })
      .length === 0;

  test.each([
    ['active after its revocation', sight(21, 'active'), { revocations }],
    ['revoked before anybody asked for that', sight(5, 'revoked'), { revocations }],
    ['active after it was disabled', sight(21, 'active'), { enabled }],
    ['disabled before anybody asked for that', sight(5, 'disabled'), { enabled }],
    ['with a power that was taken away', sight(21, 'active'), { power }],
  ])('%s is found', (_, one, overrides) => {
    expect(isRight(one, overrides)).toBe(false);
  });

  test.each([
    ['while it is being revoked', sight(12, 'active'), { revocations }],
    ['after it was disabled', sight(21, 'disabled'), { enabled }],
    ['with the power that it has', sight(21, 'active', 'read'), { power }],
  ])('%s may be so', (_, one, overrides) => {
    expect(isRight(one, overrides)).toBe(true);
  });
});

describe('a limit of keys that work at the same time', () => {
  const issued = (id: string, at: number, ...revocations: Write<'revoked'>[]) => ({
    ...newHistory(id, { text: id, ...during(at) }, [initially('write')]),
    revocations,
  });

  test('is found broken by the key that came too much', () => {
    const keys = [issued('one', 0), issued('two', 10), issued('three', 20)];
    expect(beyondLimit(keys, 2).map(({ id }) => id)).toEqual(['three']);
  });

  test('is not broken by a key whose place may have been free', () => {
    const ending = issued('one', 0, write('revoked', 15, 99, false));
    expect(beyondLimit([ending, issued('two', 10), issued('three', 20)], 2)).toEqual([]);
  });
});

describe('an answer', () => {
  const answer = (overrides: Partial<RecordedAnswer>): RecordedAnswer => ({
    asked: 'issue',
    status: 200,
    retryAfter: null,
    text: '{}',
    ...during(0),
    ...overrides,
  });

  test.each([
    answer({ status: 500 }),
    answer({ status: 502 }),
    answer({ status: 504 }),
    answer({ status: 503 }),
    answer({ status: 503, retryAfter: '0' }),
    answer({ text: '{"stack":"at handler (index.mjs:3:14)"}' }),
    answer({ text: '{"message":"TransactionCanceledException"}' }),
  ])('that nobody may be given is found: $status $retryAfter $text', (one) => {
    expect(unfitAnswers([one])).toEqual([one]);
  });

  test.each([
    answer({}),
    answer({ status: 503, retryAfter: '1', text: '{"title":"Service Unavailable","code":"unavailable"}' }),
    answer({ status: 409, text: '{"created_at":"2026-11-22T02:42:12.000Z","code":"key_revoked"}' }),
  ])('that is right is none of them: $status', (one) => {
    expect(unfitAnswers([one])).toEqual([]);
  });
});
