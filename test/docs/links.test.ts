import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { expect, test } from '@jest/globals';
import { ROOT } from './blocks.ts';

/** Every page of Markdown in the repository. */
const ALL_PAGES = globSync(['*.md', 'docs/**/*.md', 'local/**/*.md'], { cwd: ROOT }).sort();

/** The text of a page without its code, where brackets and `#` mean something else. */
function proseOf(page: string): string {
  return readFileSync(join(ROOT, page), 'utf8')
    .replaceAll(/^( *)(`{3,}).*\n[\s\S]*?^\1\2$/gm, '')
    .replaceAll(/`[^`\n]*`/g, (code) => code.replaceAll(/[[\]()#]/g, '.'));
}

/** In backticks: a file or folder from the root of the repository, or a suite from `test/`. */
const CODE_PATH = /`((?:bin|core|stores|lambdas|lib|local|profiles|examples|bench|test)\/[\w./-]+)`/g;

interface Link {
  readonly page: string;
  /** From the root of the repository. */
  readonly target: string;
  /** Empty where the link is to a whole page. */
  readonly anchor: string;
}

/** Links to places in the repository, images included. */
function linksIn(page: string): Link[] {
  const prose = proseOf(page);
  const addresses = [/\]\(([^)\s]+)\)/g, /\bsrc(?:set)?="([^"\s]+)"/g].flatMap((link) => [
    ...prose.matchAll(link),
  ]);
  return addresses.flatMap(([, address = '']) => {
    if (/^[a-z]+:/.test(address)) return [];
    const [path = '', anchor = ''] = address.split('#');
    const target = path === '' ? page : relative(ROOT, join(ROOT, dirname(page), path));
    return [{ page, target, anchor }];
  });
}

/** The anchors that GitHub gives the headings of a page; of equal headings only the first one has a plain anchor. */
function anchorsOf(page: string): Set<string> {
  const headings = readFileSync(join(ROOT, page), 'utf8')
    .replaceAll(/^( *)(`{3,}).*\n[\s\S]*?^\1\2$/gm, '')
    .matchAll(/^#+ (.+)$/gm);
  return new Set(
    [...headings].map(([, heading = '']) =>
      heading
        .replaceAll(/\[([^\]]*)\]\([^)]*\)/g, '$1')
        .toLowerCase()
        .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
        .trim()
        .replaceAll(/\s/g, '-'),
    ),
  );
}

const LINKS = ALL_PAGES.flatMap(linksIn);

test('every link to a place in the repository leads somewhere, anchors included', () => {
  expect(LINKS.length).toBeGreaterThan(200);
  const broken = LINKS.filter(({ target, anchor }) => {
    if (!existsSync(join(ROOT, target))) return true;
    return anchor !== '' && !anchorsOf(target).has(anchor);
  });
  expect(broken).toEqual([]);
});

test('the index of the docs links to every page there is', () => {
  const linked = new Set(linksIn('docs/README.md').map(({ target }) => target));
  const pages = ALL_PAGES.filter((page) => page !== 'docs/README.md');
  expect(pages.length).toBeGreaterThan(40);
  expect(pages.filter((page) => !linked.has(page))).toEqual([]);
});

test('every file in docs is linked to from a page', () => {
  const targets = new Set(LINKS.map(({ target }) => target));
  const files = globSync('docs/**/*.*', { cwd: ROOT }).sort();
  expect(files.filter((file) => !targets.has(file))).toEqual([]);
});

test('every file that a page names is there', () => {
  const isThere = (path: string) =>
    [path, `${path}.ts`, `test/${path}.test.ts`, `test/${path}.campaign.ts`, `test/${path}.ts`].some((each) =>
      existsSync(join(ROOT, each)),
    );
  const named = ALL_PAGES.flatMap((page) =>
    [...readFileSync(join(ROOT, page), 'utf8').matchAll(CODE_PATH)].map(([, path = '']) => ({ page, path })),
  );
  expect(named.length).toBeGreaterThan(100);
  expect(named.filter(({ path }) => !isThere(path))).toEqual([]);
});
