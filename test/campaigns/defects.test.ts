import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { DEFECTS } from './defects.ts';

test.each(DEFECTS.map(({ name, edits }) => [name, edits] as const))(
  'it can still be planted that %s',
  (_, edits) => {
    expect(edits.length).toBeGreaterThan(0);
    for (const { file, text } of edits) {
      const source = readFileSync(join(import.meta.dirname, '..', '..', file), 'utf8');
      expect([file, source.split(text)]).toEqual([file, [expect.any(String), expect.any(String)]]);
    }
  },
);
