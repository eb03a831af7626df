import { runLocally } from './local-run.ts';
import { assertNothingIsKeptByNpm } from './start-checks.ts';
import { createStartCommand, type StartOptions } from './start-options.ts';

/** `npm start`. */
const command = createStartCommand().parse();
await runLocally(command.opts<StartOptions>(), {
  startedAs: 'npm start --',
  check: () => assertNothingIsKeptByNpm(command.args, process.env),
});
