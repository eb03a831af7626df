import { Command, Option } from 'commander';
import { committedSettings } from '../committed-settings.ts';
import { write } from '../output.ts';
import { PATTERN_FORMATS, type PatternFormat, secretPatternText } from '../secret-pattern.ts';
import { forTerminal } from '../terminal.ts';
import { addBackupCommands } from './backups.ts';
import { addCredentialCommands } from './credentials.ts';
import { addDeploymentOptions } from './deployment.ts';
import { addBootstrapCommand, addManagementKeyCommands } from './management-keys.ts';
import { addProfileCommands, profileArgument } from './profiles.ts';

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

function addSecretPatternCommand(program: Command): void {
  program
    .command('secret-pattern')
    .description('prints what secret scanners need to find the keys of a product; needs no account')
    .option(
      '--profile <name>',
      'a file in profiles/, or the path of one; without it, the one that cdk.json names',
      profileArgument,
    )
    .addOption(
      new Option('--format <format>', 'lines of JSON, or rules for gitleaks')
        .choices(PATTERN_FORMATS)
        .default('json'),
    )
    .action(({ profile, format }: { profile?: string; format: PatternFormat }) => {
      write(1, `${secretPatternText(profile ?? committedSettings().profile, format)}\n`);
    });
}
