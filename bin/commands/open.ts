import type { Command } from 'commander';
import { printSentence } from '../print/list.ts';
import type { ChosenSession } from '../session.ts';
import { connect } from './api-options.ts';
import { CommandFailure, EXIT } from './failure.ts';
import type { Surroundings } from './surroundings.ts';

const LONGEST_WAIT_MS = 10_000;

export function addOpenCommand(program: Command, surroundings: Surroundings): void {
  const { fetch, terminal, openBrowser } = surroundings;
  program
    .command('open')
    .summary('open the console in the browser')
    .description('Opens the console of the API in the browser, where there is one.')
    .option('--connection <name>', 'the connection to use, instead of the current one')
    .addHelpText('after', '\nExample:\n  keyward open')
    .action(async (options: ChosenSession) => {
      const { url } = await connect(surroundings, options);
      const console = `${url}/console/`;
      const isThere = await fetch(console, {
        signal: AbortSignal.timeout(LONGEST_WAIT_MS),
        redirect: 'manual',
      }).then(
        ({ ok }) => ok,
        () => false,
      );
      if (!isThere) throw new CommandFailure(EXIT.not_found, `There is no console at ${console}.`);
      const isOpen = await openBrowser(console);
      printSentence(terminal, isOpen ? `Opened ${console}.` : `The console is at ${console}.`);
    });
}
