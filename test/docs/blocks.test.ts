import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { stripTypeScriptTypes } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, test } from '@jest/globals';
import { blocksOf, isRunElsewhere, isShell, PAGES } from './blocks.ts';

const run = promisify(execFile);
const BLOCKS = PAGES.flatMap(blocksOf);
const SHELL = BLOCKS.filter(isShell);

describe('what the pages print', () => {
  test('is in languages that are looked at, and says of few commands that they need an account', () => {
    const known = ['', 'sh', 'json', 'csv', 'ts', 'toml', 'python', 'go', 'java', 'yaml'];
    expect(BLOCKS.filter(({ language }) => !known.includes(language))).toEqual([]);
    const marks = ['', 'aws', 'long', 'package'];
    expect(SHELL.filter(({ mark }) => !marks.includes(mark))).toEqual([]);
    expect(SHELL.filter(({ mark }) => mark === '').length).toBeGreaterThan(25);
    expect(SHELL.filter((block) => isRunElsewhere(block) && block.mark !== 'package').length).toBeLessThan(
      18,
    );
  });

  test('is a script of bash where it says so', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'keyward-blocks-'));
    try {
      for (const [index, { text }] of SHELL.entries()) writeFileSync(join(folder, String(index)), text);
      const checkEach = 'for script in *; do bash -n "$script" || echo "$script"; done';
      const { stdout } = await run('bash', ['-c', checkEach], { cwd: folder });
      const wrong = stdout.split('\n').filter((index) => index !== '');
      expect(wrong.map((index) => SHELL[Number(index)])).toEqual([]);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  test('is TypeScript and JSON where it says so', () => {
    for (const { page, line, language, text } of BLOCKS) {
      // A text that is too long for a page is cut by three dots.
      const whole = text.replaceAll('…', '');
      const isLines = text.split('\n').every((each) => /^\{.*\}$/.test(each));
      const parse = () => {
        if (language === 'ts') stripTypeScriptTypes(text);
        if (language === 'json' && isLines) for (const each of whole.split('\n')) JSON.parse(each);
        else if (language === 'json') JSON.parse(whole);
      };
      expect([page, line, parse]).toEqual([page, line, expect.any(Function)]);
      expect(parse).not.toThrow();
    }
  });
});
