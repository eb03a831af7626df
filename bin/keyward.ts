import { Command, Option } from 'commander';
import { sentenceOf } from './aws-access.ts';
import { addBackupCommands } from './commands/backups.ts';
import { addCredentialCommands } from './commands/credentials.ts';
import { addDeploymentOptions } from './commands/deployment.ts';
import { addBootstrapCommand, addManagementKeyCommands } from './commands/management-keys.ts';
import { addProfileCommands, profileArgument } from './commands/profiles.ts';
import { committedSettings } from './committed-settings.ts';
import { write } from './output.ts';
import { PATTERN_FORMATS, type PatternFormat, secretPatternText } from './secret-pattern.ts';
import { forTerminal } from './terminal.ts';

/** The operator's command line: acts on a deployed account under the AWS credentials of whoever runs it. */
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
program.addHelpText(
  'after',
  '\nCredentials and the Region are those of the AWS command line: AWS_PROFILE, AWS_REGION. HTTPS_PROXY and NO_PROXY are heeded.',
);

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

try {
  await program.parseAsync();
} catch (error) {
  console.error(forTerminal(`keyward: ${sentenceOf(error)}`));
  process.exitCode = 1;
}
