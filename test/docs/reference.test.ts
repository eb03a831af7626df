import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import type { Command } from 'commander';
import { createProgram } from '../../bin/commands/program.ts';
import { VALUES } from '../../bin/start-checks.ts';
import { MANAGEMENT_ROUTES } from '../../core/management/route.ts';
import { blocksOf, isShell, PAGES, ROOT } from './blocks.ts';

const pageOf = (name: string) => readFileSync(join(ROOT, 'docs', name), 'utf8');

/** Every command that does something, by the words that call it: `management-keys issue`. */
function commandsOf(program: Command, words: readonly string[] = []): Map<string, Command> {
  if (program.commands.length === 0) return new Map([[words.join(' '), program]]);
  return new Map(program.commands.flatMap((each) => [...commandsOf(each, [...words, each.name()])]));
}

const PROGRAM = await createProgram();
const COMMANDS = commandsOf(PROGRAM);

test('the page of the management API lists every route, and no other', () => {
  // Pages and code name the parameters of a path in other words.
  const shapeOf = (route: string) => route.replaceAll(/\{\w+\}/g, '{}');
  const listed = [...pageOf('management-api.md').matchAll(/^\| `([A-Z]+ \/v1\/\S*)` /gm)];
  expect(new Set(listed.map(([, route = '']) => shapeOf(route)))).toEqual(
    new Set(MANAGEMENT_ROUTES.map(({ method, path }) => shapeOf(`${method} ${path}`))),
  );
});

test('the page of the command line lists every command, and every option of npm start', () => {
  const page = pageOf('command-line.md');
  const listed = [...page.matchAll(/^\| (`.*?`) +\|/gm)].flatMap(([, cell = '']) => namesIn(cell));
  for (const command of COMMANDS.keys()) expect(listed).toContain(command);
  for (const option of Object.keys(VALUES)) expect(listed).toContain(`--${option}`);
});

/** The commands and options of a table's cell: `backup`, `restore`; `keys issue`, `list` stands for `keys list` as well. */
function namesIn(cell: string): string[] {
  const names = [...cell.matchAll(/`([a-z -]+)/g)].map(([, name = '']) => name.trim());
  const group = names[0]?.split(' ').slice(0, -1).join(' ') ?? '';
  return names.flatMap((name) => [name, `${group} ${name}`]);
}

test('a page names every script of package.json', () => {
  const { scripts } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
  const text = PAGES.map((page) => readFileSync(join(ROOT, page), 'utf8')).join('\n');
  for (const name of Object.keys(scripts))
    expect(text).toMatch(new RegExp(`npm (?:run (?:--silent )?)?${name}\\b`));
});

test('pages use commands and options of the command line that there are', () => {
  const uses = PAGES.flatMap(blocksOf)
    .filter(isShell)
    .flatMap(({ page, text }) => usesIn(text).map((use) => ({ page, ...use })));
  expect(uses.length).toBeGreaterThan(10);
  for (const { page, words, options } of uses) {
    const command = [...COMMANDS].find(([name]) => words === name || words.startsWith(`${name} `))?.[1];
    expect([page, words, command?.name()]).toEqual([page, words, expect.any(String)]);
    const known = [...PROGRAM.options, ...(command?.options ?? [])].map(({ long }) => long);
    expect([page, words, known]).toEqual([page, words, expect.arrayContaining(options)]);
  }
});

/** Calls of the command line in a text, each without its options, and the options. */
function usesIn(text: string): { words: string; options: string[] }[] {
  const calls = text
    .replaceAll('\\\n', ' ')
    .matchAll(/(?:npm run (?:--silent )?keyward --|^keyward) (?!"\$@")(.*?)(?:[|<>#]|$)/gm);
  return [...calls].map(([, call = '']) => ({
    // The global option takes a value, and stands before the command.
    words: call
      .replace(/^--tables \S+ /, '')
      .replace(/ --.*/, '')
      .trim(),
    options: [...call.matchAll(/(?:^| )(--[a-z-]+)/g)].map(([, option = '']) => option),
  }));
}
