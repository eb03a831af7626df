import { describe, expect, test } from '@jest/globals';
import { accentColours, contrastOf, readColour } from '../../console/text/accent.ts';
import { daysUntil, relativeTime } from '../../console/text/relative-time.ts';

const NOW = Date.parse('2026-11-28T12:00:00Z');

describe('a time is told as people say it', () => {
  test.each([
    ['2026-11-28T12:00:00Z', 'just now'],
    ['2026-11-28T11:59:30Z', 'just now'],
    ['2026-11-28T12:00:20Z', 'in less than a minute'],
    ['2026-11-28T11:57:00Z', '3 minutes ago'],
    ['2026-11-28T11:00:00Z', '1 hour ago'],
    ['2026-11-27T12:00:00Z', '1 day ago'],
    ['2026-12-10T12:00:00Z', 'in 12 days'],
    ['2026-09-28T12:00:00Z', '2 months ago'],
    ['2028-11-28T12:00:00Z', 'in 2 years'],
  ])('%s is %s', (time, words) => expect(relativeTime(time, NOW)).toBe(words));

  test('days before a time are counted in parts, and below zero once it has passed', () => {
    expect(daysUntil('2026-11-29T00:00:00Z', NOW)).toBe(0.5);
    expect(daysUntil('2026-11-27T12:00:00Z', NOW)).toBe(-1);
  });
});

describe('text on the colour of a product can be read, in the light theme and in the dark one', () => {
  const accents = ['#4f46e5', '#ffe600', '#000000', '#ffffff', '#00d1b2', '#db2777', '#7f7f7f'];
  test.each(accents.flatMap((accent) => [[accent, '#ffffff'] as const, [accent, '#16181d'] as const]))(
    '%s on %s',
    (accent, paper) => {
      const { solid, onSolid, text } = accentColours(accent, paper);
      expect(contrastOf(readColour(solid), readColour(onSolid))).toBeGreaterThanOrEqual(4.5);
      expect(contrastOf(readColour(text), readColour(paper))).toBeGreaterThanOrEqual(4.5);
    },
  );

  test('a text that is no colour leaves the default', () => {
    expect(accentColours('red; background: url(x)', '#ffffff').solid).toBe('#4f46e5');
  });
});
