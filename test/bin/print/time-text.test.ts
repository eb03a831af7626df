import { expect, test } from '@jest/globals';
import { describeTime } from '../../../bin/print/time-text.ts';

const NOW = Date.parse('2026-11-28T12:00:00Z');

test.each([
  ['2026-11-28T11:59:57Z', 'now'],
  ['2026-11-28T11:59:20Z', '40 seconds ago'],
  ['2026-11-28T11:57:00Z', '3 minutes ago'],
  ['2026-11-28T10:00:00Z', '2 hours ago'],
  ['2026-11-26T12:00:00Z', '2 days ago'],
  ['2026-12-28T12:00:00Z', 'in 30 days'],
  ['2027-02-26T11:59:50Z', 'in 90 days'],
  ['2026-06-01T12:00:00Z', '6 months ago'],
  ['2030-11-28T12:00:00Z', 'in 4 years'],
])('%s is told as "%s"', (time, text) => {
  expect(describeTime(time, NOW)).toBe(text);
});
