import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { EXPOSED_HEADERS } from '../../core/access/allowed-origins.ts';
import { ROOT } from './blocks.ts';

const PAGE = readFileSync(join(ROOT, 'docs', 'settings.md'), 'utf8');

test('the page of settings names every header that pages of other origins may read', () => {
  const [sentence = ''] = /^Pages may read .*$/m.exec(PAGE) ?? [];
  const named = [...sentence.matchAll(/`([\w-]+)`/g)].map(([, name = '']) => name);
  expect(named).toEqual(expect.arrayContaining(EXPOSED_HEADERS.split(', ')));
});
