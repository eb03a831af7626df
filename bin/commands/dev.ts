import type { Command } from 'commander';
import { addStartOptions, type StartOptions } from '../start-options.ts';

export function addDevCommand(program: Command): void {
  const command = program
    .command('dev')
    .summary('run a product on this machine, and connect to it')
    .description(
      'Runs a product on this machine, as `npm start` does, until Ctrl-C. Commands use it as the connection `dev`.',
    );
  addStartOptions(command)
    .addHelpText(
      'after',
      '\nExample:\n  keyward dev --profile sophic\n\nIt needs Java 17 or newer, and no AWS account.',
    )
    .action(async (options: StartOptions) => {
      const { runLocally } = await import('../local-run.ts');
      await runLocally(options, { startedAs: 'keyward dev' });
    });
}
