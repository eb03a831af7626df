import { execFile } from 'node:child_process';
import { stripTypeScriptTypes } from 'node:module';
import { promisify } from 'node:util';
import { describe, expect, test } from '@jest/globals';
import { blocksOf, isRunElsewhere, isShell, PAGES } from './blocks.ts';

const run = promisify(execFile);
const BLOCKS = PAGES.flatMap(blocksOf);
const SHELL = BLOCKS.filter(isShell);

describe('what the pages print', () => {
  test('is in languages that are looked at, and says of few commands that they need an account', () => {
    const known = ['', 'sh', 'json', 'ts', 'toml', 'python'];
    expect(BLOCKS.filter(({ language }) => !known.includes(language))).toEqual([]);
    const marks = ['', 'aws', 'long'];
    expect(SHELL.filter(({ mark }) => !marks.includes(mark))).toEqual([]);
    expect(SHELL.filter(({ mark }) => mark === '').length).toBeGreaterThan(25);
    expect(SHELL.filter(isRunElsewhere).length).toBeLessThan(16);
  });

  test.each(SHELL.map(({ page, line, text }) => [page, line, text] as const))(
    'is a script of bash: %s, line %i',
    async (_page, _line, text) => {
      await run('bash', ['-n', '-c', text]);
    },
  );

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
