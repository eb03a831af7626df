import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Command, CommanderError } from 'commander';
import { findClosestWord } from '../../core/text/closest-word.ts';
import { forTerminal, OutputClosed } from '../output.ts';
import type { Terminal } from '../terminal.ts';
import { CommandFailure, EXIT, SilentFailure } from './failure.ts';
import { GROUPS, type Group } from './groups.ts';
import { addNote, describeArgument, describeOption } from './help-words.ts';
import { addDeploymentOptions, DEPLOYMENT_OPTIONS } from './operator/deployment-options.ts';
import { OF_THIS_PROCESS } from './process-surroundings.ts';
import type { Surroundings } from './surroundings.ts';

/**
 * Runs one command to its end. Whatever goes wrong is one sentence on stderr.
 * @returns the exit code.
 */
export async function runCommand(
  args: readonly string[],
  surroundings: Surroundings = OF_THIS_PROCESS,
): Promise<number> {
  let called: Command | undefined;
  try {
    const program = await createProgram(surroundings, firstWordOf(args));
    program.hook('preAction', (_, command) => {
      called = command;
    });
    if (args.length === 0) program.outputHelp();
    else await program.parseAsync(withHelpAsOption(args, program), { from: 'user' });
    return EXIT.done;
  } catch (error) {
    if (error instanceof SilentFailure) return error.exitCode;
    // Its sentence, or the help, is written already.
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.done : EXIT.usage;
    const { exitCode, sentence } = await explain(error, called);
    surroundings.terminal.write(2, `${forTerminal(`keyward: ${sentence}`)}\n`);
    return exitCode;
  }
}

/**
 * Makes the command line before any argument is read.
 * @param called the group to make whole; of the others there is only a line of the overview. @default every group
 */
export async function createProgram(
  surroundings: Surroundings = OF_THIS_PROCESS,
  called?: string | 'every group',
): Promise<Command> {
  const { terminal } = surroundings;
  const program = new Command('keyward')
    .description('Keys for your product’s API: issue, list, rotate and revoke them.')
    .version(readVersion(), '--version', 'print the version')
    .usage('<command> [options]')
    .helpCommand(false)
    .helpOption('-h, --help', 'show this help')
    .exitOverride()
    .configureOutput({
      writeOut: (text) => writeHelp(terminal, text),
      outputError: (text, write) => write(wordMistake(text)),
      writeErr: (text) => terminal.write(2, forTerminal(text)),
      getOutHelpWidth: () => terminal.columns ?? 80,
      getErrHelpWidth: () => terminal.columns ?? 80,
    })
    .configureHelp({
      subcommandTerm: (command) => command.name(),
      optionDescription: describeOption,
      argumentDescription: describeArgument,
      showGlobalOptions: false,
    })
    // `keys issue --name` is not the `--name` of a deployment.
    .enablePositionalOptions();
  addNote(program, `\n${MORE_HELP}`);
  addDeploymentOptions(program, 'hidden');
  for (const [heading, groups] of Object.entries(GROUPS)) {
    program.commandsGroup(heading);
    for (const group of groups) await addGroup(program, { group, surroundings, called });
  }
  return program;
}

const MORE_HELP =
  '`keyward <command> --help` shows its options and an example. docs/command-line.md lists the exit codes.';

/** `keyward help`, `keyward help keys` and `keyward keys help` are `--help`. The argument of a single command may be this word. */
function withHelpAsOption(args: readonly string[], program: Command): readonly string[] {
  const [first, second, ...others] = args;
  if (first === 'help') return [...args.slice(1), '--help'];
  const group = program.commands.find((command) => command.name() === first);
  if (first === undefined || second !== 'help' || !group?.commands.length) return args;
  return [first, ...others, '--help'];
}

/** Words a mistake as every other error is worded. A value in the wrong place may be a secret, and stderr is often kept. */
function wordMistake(message: string): string {
  const hint = message.includes("for 'login'") ? ' The key is read from stdin.' : '';
  return message
    .replace(/^error: /, 'keyward: ')
    .replace(/'--overlap <time span>' not specified$/m, `$&: ${OVERLAPS}`)
    .replace(/'(\S+)'\n\(Did you mean (\S+)\?\)/, (text, typed: string, meant: string) =>
      findClosestWord(typed, [meant]) === undefined ? `'${typed}'` : text,
    )
    .replace(/(too many arguments.*? but got \d+): .*/s, `$1.${hint}\n`)
    .replace(/(unknown option '[^'=]+)=.*'/s, "$1'");
}

const OVERLAPS = '0 ends the older secret at once; 1h, 24h or 7d let it work on';

/** Somebody may have read enough of it, as `head` does. */
function writeHelp(terminal: Terminal, text: string): void {
  try {
    terminal.write(1, text);
  } catch (error) {
    if (!(error instanceof OutputClosed)) throw error;
  }
}

/** The one of the package. A later command must not wait for more than this small file. */
function readVersion(): string {
  return JSON.parse(readFileSync(join(import.meta.dirname, '..', '..', 'package.json'), 'utf8')).version;
}

async function addGroup(
  program: Command,
  {
    group,
    surroundings,
    called = 'every group',
  }: {
    readonly group: Group;
    readonly surroundings: Surroundings;
    readonly called: string | undefined;
  },
): Promise<void> {
  if (called === group.name || called === 'every group') (await group.load())(program, surroundings);
  else program.command(group.name).summary(group.summary);
}

/** The first word that is no option of a deployment, and no value of one. */
function firstWordOf(args: readonly string[]): string {
  const at = args.findIndex(
    (arg, index) => !arg.startsWith('-') && !DEPLOYMENT_OPTIONS.includes(args[index - 1] ?? ''),
  );
  const word = args[at] ?? '';
  return word === 'help' ? (args[at + 1] ?? '') : word;
}

async function explain(error: unknown, command: Command | undefined) {
  if (error instanceof CommandFailure) return { exitCode: error.exitCode, sentence: error.message };
  const { explainFault } = await import('./fault.ts');
  return explainFault(error, command);
}
