import { expect, test } from '@jest/globals';
import type { Command } from 'commander';
import { createProgram } from '../../../bin/commands/program.ts';
import { fakeTerminal, surroundingsOf } from '../fake-terminal.ts';

/** The help of every command, by its name. */
function helpOf(command: Command, path: string): readonly (readonly [name: string, help: string])[] {
  let text = '';
  command.configureOutput({
    ...command.configureOutput(),
    writeOut: (part) => {
      text += part;
    },
  });
  command.outputHelp();
  return [[path, text], ...command.commands.flatMap((each) => helpOf(each, `${path} ${each.name()}`))];
}

test.each([80, 120])(
  'every help fits a terminal of %d columns, but for examples, which are to be copied',
  async (columns) => {
    const program = await createProgram(surroundingsOf(fakeTerminal({ columns })), 'every group');
    const all = helpOf(program, 'keyward');
    expect(all.length).toBeGreaterThan(50);
    const wide = all.flatMap(([name, help]) =>
      help
        .split('\n')
        .filter((line) => line.length > columns && !/^ {2}(keyward|source) /.test(line))
        .map((line) => `${name}: ${line}`),
    );
    expect(wide).toEqual([]);
  },
);

test('choices read as a sentence, and what is required says so', async () => {
  const program = await createProgram(surroundingsOf(fakeTerminal({ columns: 120 })), 'every group');
  const help = Object.fromEntries(helpOf(program, 'keyward'));
  expect(help['keyward members add']).toContain('what the member may do: owner, admin or member (required)');
  expect(help['keyward completion']).toContain('the shell: bash, zsh or fish');
  for (const text of Object.values(help)) expect(text).not.toContain('choices');
});
