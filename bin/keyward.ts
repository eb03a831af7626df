import { sentenceOf } from './aws-access.ts';
import { createProgram } from './commands/program.ts';
import { forTerminal } from './output.ts';

/** The operator's command line: acts on a deployed account, under the AWS credentials of the person who runs it. */
try {
  await createProgram().parseAsync();
} catch (error) {
  console.error(forTerminal(`keyward: ${sentenceOf(error)}`));
  process.exitCode = 1;
}
