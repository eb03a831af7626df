import { expect, test } from '@jest/globals';
import { wordForCommand } from '../../../bin/commands/api-wording.ts';
import { createProgram } from '../../../bin/commands/program.ts';
import { NO_SUCH } from '../../../core/management/problem.ts';

const PROGRAM = await createProgram();
const find = (group: string, name: string) =>
  PROGRAM.commands.find((each) => each.name() === group)?.commands.find((each) => each.name() === name);

test.each([
  ['keys', 'issue', 'scopes.0', '--scope'],
  ['keys', 'issue', 'rate_limit.limit', '--rate-limit'],
  ['keys', 'issue', 'allowed_cidrs.3', '--network'],
  ['keys', 'rotate', 'overlap_seconds', '--overlap'],
  ['workspaces', 'create', 'created_by', '--owner'],
  ['members', 'set-role', 'role', '<role>'],
  ['members', 'add', 'role', '--role'],
  ['invitations', 'create', 'email', '<e-mail>'],
  // A field that no option fills is named as the API names it.
  ['keys', 'list', 'scopes.0', 'scopes.0'],
  ['keys', 'issue', 'constructor', 'constructor'],
])('%s %s names the field %s as %s', (group, name, field, option) => {
  const words = wordForCommand(`${field} must be right.`, { field, command: find(group, name) });
  expect(words).toBe(`${option} must be right.`);
});

test('what the API says of things that are not there names commands, and no route', () => {
  const command = find('keys', 'issue');
  for (const detail of Object.values(NO_SUCH))
    expect(wordForCommand(detail, { field: null, command })).not.toMatch(/\/v1|created_by|GET|PUT|POST/);
});

test('every option that stands for a field is one of a command', () => {
  const all = PROGRAM.commands.flatMap(({ commands }) => commands.flatMap(({ options }) => options));
  const longs = new Set(all.map(({ long }) => long));
  for (const option of ['--network', '--overlap', '--only-in', '--unused-since', '--expires-before'])
    expect(longs).toContain(option);
});
