import { type HotKey, simulateHotKey } from './hot-key.ts';
import { percent, table, whole } from './table.ts';

const AS_IT_IS = { capacity: 'apart', retries: 'as the SDK does', fallback: 'ignores the limit' } as const;
const NO_RETRIES = { ...AS_IT_IS, retries: 'none' } as const;
const SHARED = { ...NO_RETRIES, capacity: 'shared' } as const;

type Treatment = Pick<HotKey, 'capacity' | 'retries' | 'fallback'>;

export function describeHotCounted(): string {
  const treatments: readonly (readonly [string, Treatment])[] = [
    ['as it is', AS_IT_IS],
    ['throttled operations not tried again', NO_RETRIES],
    ['the same, reads and writes sharing capacity', SHARED],
  ];
  const rows = treatments.flatMap(([name, treatment]) =>
    [500, 1_000, 1_500, 2_000, 4_000].map((callsPerSecond) => {
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
    const heeding = { ...NO_RETRIES, fallback: 'heeds the limit' } as const;
    return [whole(callsPerSecond), timesOf(AS_IT_IS), timesOf(NO_RETRIES), timesOf(heeding)];
  });
  const headings = [
    'calls a second',
    'as it is',
    'throttled operations not tried again',
    'and the read heeding a limit that is used up',
  ];
  return table('rrrr', headings, rows);
}

export function describeHotRead(): string {
  const rows = [2_000, 3_000, 4_000, 6_000].map((callsPerSecond) => {
    const outcomes = [AS_IT_IS, NO_RETRIES].flatMap((treatment) => {
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
