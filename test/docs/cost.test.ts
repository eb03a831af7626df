import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { describeBcrypt, describeWaysIn } from '../../bench/capacity/ways-in.ts';
import { ROOT } from './blocks.ts';

test('the tables of the page on costs are what the prices and the memory of the functions come to', () => {
  const page = readFileSync(join(ROOT, 'docs/cost.md'), 'utf8');
  for (const table of [describeWaysIn(), describeBcrypt()]) expect(page).toContain(table);
});
