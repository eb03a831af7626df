import { basename, resolve } from 'node:path';
import type { Command } from 'commander';
import { isProfilePath, pathOfProfile, readProfileFile } from '../../lib/profile-file.ts';
import { write } from '../output.ts';
import { forTerminal } from '../terminal.ts';

/** Commands about profiles, which need no account. */
export function addProfileCommands(program: Command): void {
  program
    .command('profile')
    .description('looks at the rules of a product, before anything is deployed; needs no account')
    .command('check')
    .description('tells every mistake of a profile with its line and column; exit code 1 where there is one')
    .argument('<file>', 'the profile: a JSON file, or the name of one in profiles/')
    .action((file: string) => {
      const path = profileArgument(file);
      const read = readProfileFile(path);
      if (read.kind === 'profile') {
        write(1, forTerminal(`${file} is a profile of the product ${read.profile.name}.\n`));
        return;
      }
      const where = basename(pathOfProfile(path));
      for (const { line, column, sentence } of read.mistakes)
        write(1, forTerminal(`${where}:${line}:${column}: ${sentence}\n`));
      process.exitCode = 1;
    });
}

/**
 * A profile as it is named on the command line.
 * @returns a name, or an absolute path. npm runs its scripts in the folder of the package, and says where it was called.
 */
export function profileArgument(text: string): string {
  return isProfilePath(text) ? resolve(process.env.INIT_CWD ?? '.', text) : text;
}
