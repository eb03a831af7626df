import { type Command, InvalidArgumentError } from 'commander';
import type { ChosenSession, Session } from '../session.ts';
import { parseSlug } from './arguments.ts';
import { addNote } from './help-words.ts';
import type { Surroundings } from './surroundings.ts';

/** What every command of the management API can be told. */
export interface ApiOptions extends ChosenSession {
  readonly json?: true;
}

/** What a command that shows times can be told. */
export interface TimeOptions {
  readonly exact?: true;
}

/** What a command that lists can be told. */
export interface ListOptions extends ApiOptions, TimeOptions {
  readonly limit?: number;
  readonly all?: true;
}

/**
 * Adds the options of a command of the management API, with an example.
 * @param example the command as somebody would type it, without `keyward`.
 */
export function addApiOptions(command: Command, ...examples: readonly [string, ...string[]]): Command {
  const lines = examples.map((example) => `  keyward ${example}`).join('\n');
  command
    .option('--connection <name>', 'the connection to use, instead of the current one')
    .option('--json', 'print JSON for programs, an object a line')
    .addHelpText('after', `\nExample${examples.length > 1 ? 's' : ''}:\n${lines}\n`);
  return addNote(command, CREDENTIALS);
}

const CREDENTIALS = 'The credential is that of `keyward login`, or KEYWARD_URL and KEYWARD_KEY.';

export function addWorkspaceOption(command: Command): Command {
  return command.option(
    '--workspace <slug>',
    'the workspace, instead of the one of the connection',
    parseSlug,
  );
}

export function addTimeOption(command: Command): Command {
  return command.option('--exact', 'show times to the second');
}

export function addListOptions(command: Command): Command {
  return addTimeOption(
    command
      .option('--limit <number>', 'show at most this many', parseCount)
      .option('--all', 'show all, however many there are'),
  );
}

/** Opens the API that a command is for. The client is loaded here, when a command runs. */
export async function connect(surroundings: Surroundings, options: ApiOptions): Promise<Session> {
  const { openSession } = await import('../session.ts');
  return openSession(surroundings, options);
}

function parseCount(text: string): number {
  if (/^[1-9]\d{0,6}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('It must be a whole number from 1.');
}
