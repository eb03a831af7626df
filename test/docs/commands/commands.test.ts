import { expect, test } from '@jest/globals';
import { blocksOf, isRunElsewhere, isShell, PAGES } from '../blocks.ts';
import { followPage } from './page.ts';

const WITH_COMMANDS = PAGES.filter((page) =>
  blocksOf(page).some((block) => isShell(block) && !isRunElsewhere(block)),
);

test('pages with commands are found', () => {
  expect(WITH_COMMANDS).toContain('README.md');
  expect(WITH_COMMANDS.length).toBeGreaterThan(7);
});

test.each(WITH_COMMANDS)(
  'every command of %s works as it is printed, and answers as the page shows',
  async (page) => {
    expect(await followPage(page)).toEqual([]);
  },
);
