import { Command } from 'commander';
import { forTerminal, write } from '../output.ts';
import { addBackupCommands } from './backups.ts';
import { addBootstrapCommand, addCredentialCommands, addManagementKeyCommands } from './credentials.ts';
import { addDeploymentOptions } from './deployment.ts';
import { addProfileCommands, addSecretPatternCommand } from './profiles.ts';

/** Makes the operator's command line: every command with its options, before any argument is read. */
export function createProgram(): Command {
  const program = new Command('keyward')
    .description('Manages a deployed Keyward under your AWS credentials.')
    .configureOutput({
      writeOut: (text) => write(1, text),
      writeErr: (text) => process.stderr.write(forTerminal(text)),
    });
  const findDeployment = addDeploymentOptions(program);
  addBootstrapCommand(program, findDeployment);
  addManagementKeyCommands(program, findDeployment);
  addCredentialCommands(program, findDeployment);
  addBackupCommands(program, findDeployment);
  addProfileCommands(program);
  addSecretPatternCommand(program);
  program.addHelpText(
    'after',
    '\nCredentials and the Region are those of the AWS command line: AWS_PROFILE, AWS_REGION. HTTPS_PROXY and NO_PROXY are respected.',
  );
  return program;
}
