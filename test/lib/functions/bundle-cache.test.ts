import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { readOrBundle } from '../../../lib/functions/bundle-cache.ts';
import { hashSources } from '../../../lib/functions/source-hash.ts';

let directory: string;
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'keyward-bundle-cache-'));
});
afterAll(() => rmSync(directory, { recursive: true }));

const made = (code: string, ...sources: string[]) =>
  jest.fn(() => ({ bundles: new Map([['sweeper', code]]), sources }));
const codeOf = (key: string, bundle: ReturnType<typeof made>, within = directory) =>
  readOrBundle({ directory: within, root: directory, key }, bundle).get('sweeper');

test('functions are bundled once for each key, and every later process reads the same code', () => {
  const [first, second] = [made('first'), made('second')];
  expect(codeOf('one', first)).toBe('first');
  expect(codeOf('one', second)).toBe('first');
  expect(second).not.toHaveBeenCalled();
  expect(codeOf('other', second)).toBe('second');
});

test('functions are bundled again once any of their sources is another, or is gone', () => {
  const source = join(directory, 'source.ts');
  writeFileSync(source, '1');
  expect(codeOf('made', made('first', 'source.ts'))).toBe('first');
  expect(codeOf('made', made('second', 'source.ts'))).toBe('first');
  writeFileSync(source, '2');
  expect(codeOf('made', made('third', 'source.ts'))).toBe('third');
  rmSync(source);
  expect(codeOf('made', made('fourth'))).toBe('fourth');
});

test('a file that a dying process left half written is made again', () => {
  writeFileSync(join(directory, 'bundles-broken.zst'), 'half');
  expect(codeOf('broken', made('whole'))).toBe('whole');
  expect(codeOf('broken', made('again'))).toBe('whole');
});

test('a cache that cannot be written costs time and nothing else', () => {
  const file = join(directory, 'a-file');
  writeFileSync(file, '');
  expect(codeOf('one', made('code'), join(file, 'inside'))).toBe('code');
});

test('the cache keeps the newest bundles and does not grow without end', () => {
  for (let number = 0; number < 50; number += 1) codeOf(`${number}`, made('code'));
  const kept = readdirSync(directory).filter((name) => name.startsWith('bundles-'));
  expect(kept).toHaveLength(40);
  expect(kept).toContain('bundles-49.zst');
});

test('the hash of sources changes with a source, with its name, with a new one and with a choice', () => {
  const sources = join(directory, 'sources');
  mkdirSync(sources);
  const hashes: string[] = [];
  const look = (...choices: string[]) => hashes.push(hashSources([`${sources}/**`], choices));
  writeFileSync(join(sources, 'a.ts'), '1');
  look();
  look();
  writeFileSync(join(sources, 'a.ts'), '2');
  look();
  writeFileSync(join(sources, 'b.ts'), '');
  look();
  rmSync(join(sources, 'b.ts'));
  writeFileSync(join(sources, 'c.ts'), '');
  look();
  look('a choice');
  expect(hashes[0]).toBe(hashes[1]);
  expect(new Set(hashes).size).toBe(hashes.length - 1);
});
