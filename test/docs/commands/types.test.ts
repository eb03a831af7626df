import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from '@jest/globals';
import { type Block, blocksOf, PAGES, ROOT } from '../blocks.ts';

const fileOf = ({ mark }: Block) => /^file=(\S+)$/.exec(mark)?.[1];

/**
 * test/package compiles the modules of these pages, in projects of their own: servers need packages that are not here, and a
 * synthesizer of CDK does not pass this repository's `exactOptionalPropertyTypes`.
 */
const COMPILED_ELSEWHERE = ['docs/install.md', 'docs/cloudformation.md'];

/** Modules that stand on a page as a whole, and the files that they import. */
const MODULES = PAGES.filter((page) => !COMPILED_ELSEWHERE.includes(page))
  .flatMap(blocksOf)
  .filter(
    (block) => (block.language === 'ts' && /^import /m.test(block.text)) || fileOf(block) !== undefined,
  );

test('every module on a page passes the compiler, against the code that it imports', async () => {
  expect(MODULES.length).toBeGreaterThan(4);
  const folder = mkdtempSync(join(tmpdir(), 'keyward-types-'));
  try {
    for (const name of readdirSync(ROOT)) symlinkSync(join(ROOT, name), join(folder, name));
    mkdirSync(join(folder, 'pages'));
    for (const [index, block] of MODULES.entries())
      writeFileSync(join(folder, 'pages', fileOf(block) ?? `${index}.ts`), block.text);
    const config = { extends: '../tsconfig.json', include: ['*.ts', '*.mts'], exclude: [] };
    writeFileSync(join(folder, 'pages', 'tsconfig.json'), JSON.stringify(config));
    const compiler = join(ROOT, 'node_modules/typescript/bin/tsc');
    const { stdout } = await promisify(execFile)(process.execPath, [compiler, '-p', 'pages'], {
      cwd: folder,
    }).catch((error) => error);
    expect(stdout).toBe('');
  } finally {
    rmSync(folder, { recursive: true });
  }
});
