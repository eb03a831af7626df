import { basename } from 'node:path';
import { type Command, CommanderError, Option } from 'commander';
import { pathOfProfile, readProfileFile } from '../../lib/profile-file.ts';
import { readCommittedSettings } from '../../lib/settings.ts';
import { forTerminal, type Output } from '../output.ts';
import { PATTERN_FORMATS, type PatternFormat, secretPatternText } from '../secret-pattern.ts';
import { parseProfileArgument } from './arguments.ts';

/** Commands about profiles, which need no account. */
export function addProfileCommands(program: Command, output: Output): void {
  program
    .command('profile')
    .description('looks at the rules of a product before anything is deployed; needs no account')
    .command('check')
    .description('tells every mistake of a profile with its line and column; exit code 1 where there is one')
    .argument('<file>', 'the profile: a JSON file, or the name of one in profiles/')
    .action((file: string) => {
      const path = parseProfileArgument(file);
      const read = readProfileFile(path);
      if (read.kind === 'profile') {
        output.write(1, forTerminal(`${file} is a profile of the product ${read.profile.name}.\n`));
        return;
      }
      const where = basename(pathOfProfile(path));
      for (const { line, column, sentence } of read.mistakes)
        output.write(1, forTerminal(`${where}:${line}:${column}: ${sentence}\n`));
      throw new CommanderError(1, 'keyward.mistakes', 'The profile has mistakes.');
    });
}

export function addSecretPatternCommand(program: Command, output: Output): void {
  program
    .command('secret-pattern')
    .description('prints what secret scanners need to find the keys of a product; needs no account')
    .option(
      '--profile <name>',
      'a file in profiles/, or the path of one; without it, the one that cdk.json names',
      parseProfileArgument,
    )
    .addOption(
      new Option('--format <format>', 'lines of JSON, or rules for gitleaks')
        .choices(PATTERN_FORMATS)
        .default('json'),
    )
    .action(({ profile, format }: { profile?: string; format: PatternFormat }) => {
      output.write(1, `${secretPatternText(profile ?? readCommittedSettings().profile, format)}\n`);
    });
}
