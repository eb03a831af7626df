import { type HotKey, simulateHotKey } from './hot-key.ts';
import { percent, table, whole } from './table.ts';

const AS_IT_IS = { capacity: 'apart', retried: 'reads', fallback: 'heeds the limit' } as const;
const SHARED = { ...AS_IT_IS, capacity: 'shared' } as const;
/** The SDK's default. */
const ALL_RETRIED = { ...AS_IT_IS, retried: 'reads and writes' } as const;
const NONE_RETRIED = { ...AS_IT_IS, retried: 'nothing' } as const;
const IGNORING = { ...AS_IT_IS, fallback: 'ignores the limit' } as const;

type Treatment = Pick<HotKey, 'capacity' | 'retried' | 'fallback'>;

export function describeHotCounted(): string {
  const treatments: readonly (readonly [string, Treatment])[] = [
    ['as deployed', AS_IT_IS],
    ['if reads and writes share capacity', SHARED],
    ['the same, without retries of throttled reads', { ...SHARED, retried: 'nothing' }],
    ['with retries of throttled writes', ALL_RETRIED],
  ];
  const rows = treatments.flatMap(([name, treatment]) =>
    [1_000, 1_500, 2_000, 4_000].map((callsPerSecond) => {
      const of = simulateHotKey({ ...treatment, callsPerSecond, seconds: 60, path: 'counting' });
      const shares = [of.counted, of.letThroughUncounted, of.failed].map(percent);
      return [name, whole(callsPerSecond), ...shares, `${Math.round(of.meanMs)} ms`, whole(of.environments)];
    }),
  );
  const headings = [
    '',
    'calls a second',
    'counted',
    'authenticated, not counted',
    '503',
    'mean time',
    'environments',
  ];
  return table('lrrrrrr', headings, rows);
}

export function describeHotLimit(): string {
  const rateLimit = { limit: 6_000, windowSeconds: 60 };
  const rows = [50, 500, 1_000, 1_500, 2_000, 4_000].map((callsPerSecond) => {
    const timesOf = (treatment: Treatment) => {
      const of = simulateHotKey({ ...treatment, callsPerSecond, seconds: 120, path: 'counting', rateLimit });
      return `${(of.timesLimit ?? 0).toFixed(2)} ×`;
    };
    return [whole(callsPerSecond), timesOf(AS_IT_IS), timesOf(IGNORING)];
  });
  const headings = ['calls a second', 'as deployed', 'if the read ignored a used-up limit'];
  return table('rrr', headings, rows);
}

export function describeHotRead(): string {
  const rows = [2_000, 3_000, 4_000, 6_000].map((callsPerSecond) => {
    const outcomes = [AS_IT_IS, NONE_RETRIED].flatMap((treatment) => {
      const of = simulateHotKey({ ...treatment, callsPerSecond, seconds: 60, path: 'reading' });
      return [percent(of.letThroughUncounted), percent(of.failed), whole(of.environments)];
    });
    return [whole(callsPerSecond), ...outcomes];
  });
  const headings = [
    'calls a second',
    'allowed',
    '503',
    'environments',
    'without retries: allowed',
    '503',
    'environments',
  ];
  return table('rrrrrrr', headings, rows);
}
