import { expect, test } from '@jest/globals';
import { ServerClock } from '../../console/api/server-clock.ts';

const HOUR_MS = 3_600_000;
const dateIn = (milliseconds: number) => new Date(Date.now() + milliseconds).toUTCString();

test('the page goes by the clock of the API where that of the computer is wrong', () => {
  const clock = new ServerClock();
  const told: number[] = [];
  clock.listen(() => told.push(clock.now()));
  expect(Math.abs(clock.now() - Date.now())).toBeLessThan(1_000);
  clock.learn(dateIn(-2 * HOUR_MS));
  expect(Math.abs(clock.now() - (Date.now() - 2 * HOUR_MS))).toBeLessThan(2_000);
  // The next answers say the same, and nothing on the page has to be drawn again.
  clock.learn(dateIn(-2 * HOUR_MS + 3_000));
  expect(told).toHaveLength(1);
  clock.learn(dateIn(0));
  expect(Math.abs(clock.now() - Date.now())).toBeLessThan(1_000);
  expect(told).toHaveLength(2);
});

test('an answer that was a while on its way, or shows no time, moves no clock', () => {
  const clock = new ServerClock();
  for (const date of [dateIn(-20_000), dateIn(20_000), null, '', 'yesterday']) clock.learn(date);
  expect(Math.abs(clock.now() - Date.now())).toBeLessThan(1_000);
});
