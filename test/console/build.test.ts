import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, describe, expect, test } from '@jest/globals';
import * as esbuild from 'esbuild';
import { buildConsole } from '../../console/build.ts';

const directory = mkdtempSync(join(tmpdir(), 'keyward-console-'));
const { files } = buildConsole(esbuild, { outDirectory: directory });
afterAll(() => rmSync(directory, { recursive: true }));

const read = (name: string) => readFileSync(join(directory, name), 'utf8');

/** A script and everything that it loads at once. */
function loadedWith(name: string, found = new Set<string>()): Set<string> {
  if (found.has(name)) return found;
  found.add(name);
  for (const [, next = ''] of read(name).matchAll(/(?:from|import)"\.\/([\w.-]+\.js)"/g))
    loadedWith(next, found);
  return found;
}

describe('the built page', () => {
  const page = read('index.html');
  const [, entry = ''] = /<script type="module" src="\.\/([^"]+)">/.exec(page) ?? [];
  // The entry signs in. The script that it loads meanwhile shows the page.
  const [, shown = ''] = /import\("\.\/(page\.\w+\.js)"\)/.exec(read(entry)) ?? [];
  const scripts = [...loadedWith(shown, loadedWith(entry))];

  test('has nothing inline, and names its files by what is in them', () => {
    expect(page).not.toMatch(/<style|style=|<script>|\son\w+=|javascript:/);
    expect(page.match(/<script/g)).toHaveLength(1);
    for (const name of files.filter((each) => each !== 'index.html' && each !== 'icon.svg'))
      expect(name).toMatch(/^[\w-]+\.[0-9A-Z]{8}\.(?:js|css)$/);
  });

  test('asks no other origin for anything, and has only relative addresses', () => {
    const addresses = [...page.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, address]) => address);
    expect(addresses.length).toBeGreaterThan(3);
    for (const address of addresses) expect(address).toMatch(/^\.\//);
    const styles = files.filter((name) => name.endsWith('.css')).map(read);
    expect(styles.join('')).not.toMatch(/url\(|@import/);
  });

  test('asks at once for every script that it needs to begin, and for its configuration', () => {
    const preloaded = [...page.matchAll(/rel="modulepreload" href="\.\/([^"]+)"/g)].map(([, name]) => name);
    expect([...preloaded, entry].sort()).toEqual([...scripts].sort());
    expect(page).toContain('<link rel="preload" href="./config.json" as="fetch" crossorigin>');
  });

  test('needs less than 200 kB of script to begin, as it travels', () => {
    expect(scripts).toContain(shown);
    const bytes = scripts.reduce((sum, name) => sum + gzipSync(read(name)).length, 0);
    expect(bytes).toBeLessThan(200_000);
    expect(bytes).toBeGreaterThan(50_000);
  });

  test('signs in and asks for the first keys with the scripts that come first, which are less than 40 kB', () => {
    const bytes = [...loadedWith(entry)].reduce((sum, name) => sum + gzipSync(read(name)).length, 0);
    expect(bytes).toBeLessThan(40_000);
    expect(bytes).toBeGreaterThan(5_000);
  });

  test('takes the place of the style element that the policy forbids', () => {
    expect(page).toMatch(/<link id="react-aria-pressable-style" rel="stylesheet"/);
    const styles = files.filter((name) => name.endsWith('.css')).map(read);
    expect(styles.join('')).toContain('[data-react-aria-pressable]');
  });
});
