import { Command, CommanderError } from 'commander';
import { awsAccess, sentenceOf } from '../aws-access.ts';
import { forTerminal, type Output, PROCESS_OUTPUT } from '../output.ts';
import { addBackupCommands } from './backups.ts';
import { addBootstrapCommand, addCredentialCommands, addManagementKeyCommands } from './credentials.ts';
import { type Access, addDeploymentOptions, type CommandContext } from './deployment.ts';
import { addProfileCommands, addSecretPatternCommand } from './profiles.ts';

/** What a command reaches outside this program. */
export interface Surroundings {
  readonly output: Output;
  readonly access: Access;
}

const OF_THIS_PROCESS: Surroundings = { output: PROCESS_OUTPUT, access: () => awsAccess() };

/**
 * Runs one command to its end. Whatever goes wrong is one sentence on stderr.
 * @returns the exit code.
 */
export async function runCommand(
  args: readonly string[],
  surroundings: Surroundings = OF_THIS_PROCESS,
): Promise<number> {
  try {
    await createProgram(surroundings).parseAsync(args, { from: 'user' });
    return 0;
  } catch (error) {
    // Its sentence, or the help, is written already.
    if (error instanceof CommanderError) return error.exitCode;
    surroundings.output.write(2, `${forTerminal(`keyward: ${sentenceOf(error)}`)}\n`);
    return 1;
  }
}

/** Makes the operator's command line: every command with its options, before any argument is read. */
export function createProgram({ output, access }: Surroundings = OF_THIS_PROCESS): Command {
  const program = new Command('keyward')
    .description('Manages a deployed Keyward under your AWS credentials.')
    .exitOverride()
    .configureOutput({
      writeOut: (text) => output.write(1, text),
      writeErr: (text) => output.write(2, forTerminal(text)),
    });
  const context: CommandContext = { findDeployment: addDeploymentOptions(program, access), output };
  addBootstrapCommand(program, context);
  addManagementKeyCommands(program, context);
  addCredentialCommands(program, context);
  addBackupCommands(program, context);
  addProfileCommands(program, output);
  addSecretPatternCommand(program, output);
  program.addHelpText(
    'after',
    '\nCredentials and the Region are those of the AWS command line: AWS_PROFILE, AWS_REGION. HTTPS_PROXY and NO_PROXY are respected.',
  );
  return program;
}
