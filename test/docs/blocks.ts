import { globSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

export const ROOT = resolve(import.meta.dirname, '..', '..');

/** A block of code on a page. */
export interface Block {
  readonly page: string;
  /** From 1: the line of the page at which its text begins. */
  readonly line: number;
  /** The language; empty for a block that names none. */
  readonly language: string;
  /** What stands behind the language, such as `aws` or `file=orders.json`. */
  readonly mark: string;
  readonly text: string;
}

/** Pages that tell people what to do. Decisions say why, and are left as they were made. */
export const PAGES: readonly string[] = globSync(['*.md', 'docs/**/*.md', 'local/*.md'], { cwd: ROOT })
  .filter((page) => !page.startsWith('docs/decisions/'))
  .sort();

export function blocksOf(page: string): Block[] {
  const lines = readFileSync(join(ROOT, page), 'utf8').split('\n');
  const blocks: Block[] = [];
  let open: { fence: string; indent: string; line: number; language: string; mark: string } | undefined;
  for (const [index, line] of lines.entries()) {
    const [, indent = '', fence = '', language = '', mark = ''] = /^( *)(`{3,})(\w*) *(.*)$/.exec(line) ?? [];
    if (open === undefined && fence !== '') open = { fence, indent, line: index + 2, language, mark };
    else if (open !== undefined && line.trim() === open.fence) {
      const { indent: outer, ...start } = open;
      const text = lines
        .slice(start.line - 1, index)
        .map((each) => each.slice(outer.length))
        .join('\n');
      blocks.push({ page, line: start.line, language: start.language, mark: start.mark, text });
      open = undefined;
    }
  }
  return blocks;
}

export function isShell({ language }: Block): boolean {
  return ['sh', 'bash', 'console'].includes(language);
}

/** Commands that need an AWS account, or take minutes and are run elsewhere: `package` in new projects, by test/package. */
export function isRunElsewhere({ mark }: Block): boolean {
  return mark === 'aws' || mark === 'long' || mark === 'package';
}
