import { basename } from 'node:path';
import { type Command, Option } from 'commander';
import { forTerminal } from '../output.ts';
import { parseProfileArgument } from './arguments.ts';
import { EXIT, SilentFailure } from './failure.ts';
import type { Surroundings } from './surroundings.ts';

/** Commands about profiles, which need no account. */
export function addProfileCommands(program: Command, { terminal }: Surroundings): void {
  program
    .command('profile')
    .summary('check the file that describes a product')
    .description('Looks at the rules of a product before anything is deployed. Needs no account.')
    .command('check')
    .description('Tells every mistake of a profile with its line and column; exit code 1 where there is one.')
    .argument('<file>', 'the profile: a JSON file, or the name of one in profiles/')
    .addHelpText('after', '\nExample:\n  keyward profile check ./my-product.json')
    .action(async (file: string) => {
      const path = parseProfileArgument(file);
      const { pathOfProfile, readProfileFile } = await import('../../lib/files/profile-file.ts');
      const read = readProfileFile(path);
      if (read.kind === 'value') {
        terminal.write(1, forTerminal(`${file} is a profile of the product ${read.value.profile.name}.\n`));
        return;
      }
      const where = basename(pathOfProfile(path));
      for (const { line, column, sentence } of read.mistakes)
        terminal.write(1, forTerminal(`${where}:${line}:${column}: ${sentence}\n`));
      throw new SilentFailure(EXIT.failed);
    });
}

export function addSecretPatternCommand(program: Command, { terminal }: Surroundings): void {
  program
    .command('secret-pattern')
    .summary('print what secret scanners need to find keys')
    .description('Prints what secret scanners need to find the keys of a product. Needs no account.')
    .option(
      '--profile <name>',
      'a file in profiles/, or the path of one; without it, the one that keyward.json names',
      parseProfileArgument,
    )
    .addOption(
      new Option('--format <format>', 'lines of JSON, or rules for gitleaks')
        .choices(['json', 'gitleaks'])
        .default('json'),
    )
    .addHelpText('after', '\nExample:\n  keyward secret-pattern --format gitleaks')
    .action(async ({ profile, format }: { profile?: string; format: 'json' | 'gitleaks' }) => {
      const { secretPatternText, shapesWithoutPattern } = await import('../secret-patterns.ts');
      terminal.write(1, `${secretPatternText(profile, format)}\n`);
      for (const shape of shapesWithoutPattern(profile))
        terminal.write(
          2,
          `No pattern finds keys of the accepted shape ${shape}: they have no prefix and are sent as any bearer token.\n`,
        );
    });
}
