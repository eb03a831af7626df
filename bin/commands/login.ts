import type { Command } from 'commander';
import { parsePrintable, parseSlug } from './arguments.ts';
import { addNote } from './help-words.ts';
import type { Surroundings } from './surroundings.ts';

export interface LoginOptions {
  readonly connection?: string;
  readonly workspace?: string;
  readonly key?: true;
  /** Commander's way to name the option `--no-browser`. */
  readonly browser: boolean;
}

export function addLoginCommand(program: Command, surroundings: Surroundings): void {
  const command = program
    .command('login')
    .summary('sign in to a management API')
    .description(
      'Signs you in to a management API, through the browser or with a key, and keeps the connection.',
    )
    .argument('[url]', 'where the API is: the output ManagementUrl of the stack; or KEYWARD_URL')
    .option('--connection <name>', 'how to call the connection, if not by its host', parsePrintable)
    .option('--workspace <slug>', 'the workspace of commands that name none', parseSlug)
    .option('--key', 'read a management key, an API key or a token from stdin, instead of the browser')
    .option('--no-browser', 'print the address of the sign-in page, and open nothing')
    .addHelpText('after', EXAMPLES);
  addNote(command, NOTE).action(async (url: string | undefined, options: LoginOptions) => {
    const { logIn } = await import('../sign-in/log-in.ts');
    await logIn(surroundings, url, options);
  });
}

const EXAMPLES = `
Examples:
  keyward login https://keys.example.com
  keyward login https://keys.example.com --key < management-key.txt
`;

const NOTE =
  'The browser comes back to a port of this machine, so run it where the browser is. Programs need no login: they set KEYWARD_URL and KEYWARD_KEY.';

export function addLogoutCommand(program: Command, surroundings: Surroundings): void {
  program
    .command('logout')
    .summary('sign out, and forget the connection')
    .description('Signs you out, and forgets the connection. A key works on until it is revoked.')
    .option('--connection <name>', 'the connection, instead of the current one', parsePrintable)
    .addHelpText('after', '\nExample:\n  keyward logout')
    .action(async ({ connection }: { connection?: string }) => {
      const { logOut } = await import('../sign-in/log-in.ts');
      await logOut(surroundings, connection);
    });
}
