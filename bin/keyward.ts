import { runCommand } from './commands/program.ts';

/** The operator's command line: acts on a deployed account, under the AWS credentials of the person who runs it. */
process.exitCode = await runCommand(process.argv.slice(2));
