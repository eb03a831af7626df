import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, test } from '@jest/globals';

const ROOT = resolve(import.meta.dirname, '..', '..');
/** The threat model, and the requirements of the ASVS. */
const PAGE = ['threat-model.md', 'asvs.md']
  .map((name) => readFileSync(join(ROOT, 'docs', name), 'utf8'))
  .join('\n');

/** A suite by its path under `test/`, and titles of its tests: `core/verification/verdict` “…”, “…”. */
const CITATION = /`([a-z][\w/-]+)` (“[^”]+”(?:, “[^”]+”)*)/g;
const TITLE = /“([^”]+)”/g;

interface Citation {
  readonly suite: string;
  readonly title: string;
}

const CITATIONS: readonly Citation[] = [...PAGE.matchAll(CITATION)].flatMap(([, suite = '', titles = '']) =>
  [...titles.matchAll(TITLE)].map(([, title = '']) => ({ suite, title })),
);

/** A suite with its campaign; and tests that several suites share, which stand in a file that is no suite itself. */
function sourceOf(suite: string): string {
  const files = ['.test.ts', '.campaign.ts', '.ts'].map((ending) => join(ROOT, 'test', `${suite}${ending}`));
  return files
    .filter((file) => existsSync(file))
    .map((file) => readFileSync(file, 'utf8'))
    .join('\n');
}

/** Whether a title stands in a source as a literal, also as that of `test.each`; one that is cut short ends in three dots. */
function holdsTitle(source: string, title: string): boolean {
  const isCut = title.endsWith('…');
  const text = isCut ? title.slice(0, -1) : title;
  return ["'", '"', '`'].some((quote) => source.includes(`${quote}${text}${isCut ? '' : `${quote},`}`));
}

/** The rows of all tables whose first column has this heading, each as its cells. */
function rowsUnder(heading: string): string[][] {
  const cellsOf = (line: string) =>
    line
      .slice(1, -1)
      .split('|')
      .map((cell) => cell.trim());
  const tables = PAGE.matchAll(/^(\|.*\|)\n\|[-| ]+\|\n((?:\|.*\|\n?)+)/gm);
  return [...tables].flatMap(([, headings = '', body = '']) =>
    cellsOf(headings)[0] === heading ? body.trimEnd().split('\n').map(cellsOf) : [],
  );
}

describe('the threat model', () => {
  test('names no test that is not there', () => {
    expect(CITATIONS.length).toBeGreaterThan(100);
    const missing = CITATIONS.filter(({ suite, title }) => !holdsTitle(sourceOf(suite), title));
    expect([...new Set(missing.map(({ suite, title }) => `${suite}: ${title}`))]).toEqual([]);
  });

  test('quotes nothing but tests, each behind its suite', () => {
    expect([...PAGE.matchAll(TITLE)].map(([, title]) => title)).toEqual(CITATIONS.map(({ title }) => title));
  });

  test('names no file that is not there', () => {
    const isPath = /^[\w.-]+(?:\/[\w.-]+)+$|^[\w-]+\.(?:json|md|ts)$/;
    const named = [...PAGE.matchAll(/`([^`\n]+)`/g)].map(([, text = '']) => text);
    const cited = new Set(CITATIONS.map(({ suite }) => suite));
    const missing = named.filter(
      (text) => isPath.test(text) && !cited.has(text) && !existsSync(join(ROOT, text)),
    );
    const links = [...PAGE.matchAll(/\]\(([^)#]+)\)/g)].map(([, target = '']) => target);
    expect(links.length).toBeGreaterThan(5);
    expect([...missing, ...links.filter((target) => !existsSync(join(ROOT, 'docs', target)))]).toEqual([]);
  });

  test('names a test for each threat, or says why there is none', () => {
    const rows = rowsUnder('threat');
    expect(rows.length).toBeGreaterThan(40);
    const bare = rows.filter(
      (cells) => !cells.some((cell) => cell.search(CITATION) >= 0 || /^none: \S/.test(cell)),
    );
    expect(bare).toEqual([]);
  });

  test('says of each requirement of the ASVS, once, where it is met or that it is not', () => {
    const rows = rowsUnder('#');
    expect(rows.length).toBeGreaterThan(120);
    expect(new Set(rows.map(([number]) => number)).size).toBe(rows.length);
    const verdict = /^(?:Partly|Not met|The operator's|AWS's)[:,]|^Not met$|^AWS's$/;
    const pointer = /\]\(|`[\w./-]+\.(?:ts|md|json)`|^(?:The same test|As \d+\.\d+\.\d+)/;
    const bare = rows.filter(
      ([number = '', , where = '']) =>
        !/^\d+\.\d+\.\d+$/.test(number) ||
        !(verdict.test(where) || pointer.test(where) || where.search(CITATION) >= 0),
    );
    expect(bare).toEqual([]);
  });
});
