import { execFile } from 'node:child_process';
import { stripTypeScriptTypes } from 'node:module';
import { promisify } from 'node:util';
import { describe, expect, test } from '@jest/globals';
import { ROOT } from '../bin/processes.ts';
import { blocksOf, isRunElsewhere, isShell, PAGES } from './blocks.ts';

const run = promisify(execFile);
const BLOCKS = PAGES.flatMap(blocksOf);
const SHELL = BLOCKS.filter(isShell);

/** Each command with all lines that it goes on in. */
const commandsIn = (text: string) => text.replaceAll('\\\n', ' ').split('\n');

/** A command of the command line, by its words, with its flags. */
interface Use {
  readonly words: string;
  readonly flags: readonly string[];
}

const USES: readonly Use[] = SHELL.flatMap(({ text }) => commandsIn(text)).flatMap((command) => {
  const [, said] = /npm run (?:--silent )?keyward -- (.*?)(?:[|>#]|$)/.exec(command) ?? [];
  if (said === undefined) return [];
  const flags = [...said.matchAll(/ ?(--[a-z-]+)/g)].map(([, flag = '']) => flag);
  // The global option takes a value, and stands before the command.
  const words = said
    .replace(/^--tables \S+ /, '')
    .match(/^[a-z-]+(?: (?:issue|list|revoke|migrate|check))?/) ?? [''];
  return [{ words: words[0], flags }];
});

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

  test('names commands and flags of the command line that there are', async () => {
    expect(USES.length).toBeGreaterThan(8);
    const keyward = (...args: string[]) =>
      run(process.execPath, ['bin/keyward.ts', ...args, '--help'], { cwd: ROOT }).then(
        ({ stdout }) => stdout,
      );
    const general = await keyward();
    for (const [words, uses] of Map.groupBy(USES, (use) => use.words)) {
      const help = await keyward(...words.split(' '));
      expect(help).toContain(`Usage: keyward ${words}`);
      for (const flag of uses.flatMap(({ flags }) => flags))
        expect([words, flag, `${general}${help}`.includes(`${flag} `)]).toEqual([words, flag, true]);
    }
  }, 240_000);

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
