import { basename } from 'node:path';
import { type Command, CommanderError, Option } from 'commander';
import { type SecretPattern, secretPatternsOf } from '../../core/profile/secret-pattern.ts';
import { loadProfile, pathOfProfile, readProfileFile } from '../../lib/profile-file.ts';
import { readCommittedSettings } from '../../lib/settings.ts';
import { forTerminal, type Output } from '../output.ts';
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

const PATTERN_FORMATS = ['json', 'gitleaks'] as const;

type PatternFormat = (typeof PATTERN_FORMATS)[number];

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
      const name = profile ?? readCommittedSettings().profile;
      output.write(1, `${secretPatternText(name, format)}\n`);
      for (const { shape, pattern } of secretPatternsOf(loadProfile(name).profile))
        if (pattern === undefined)
          output.write(
            2,
            `No pattern finds keys of the accepted shape ${shape}: they have no prefix and are sent as any bearer token.\n`,
          );
    });
}

/**
 * The patterns by which a secret scanner finds a product's credentials: a line of JSON each, or rules for gitleaks.
 * @throws {Error} where nothing tells a credential from ordinary text.
 */
export function secretPatternText(profileName: string, format: PatternFormat): string {
  const { profile } = loadProfile(profileName);
  const patterns = secretPatternsOf(profile).flatMap(({ kind, shape, pattern }) => {
    if (pattern !== undefined) return [pattern];
    // Their shape is what it is. The issued keys could be given a prefix.
    if (shape !== undefined) return [];
    throw new Error(
      `The ${wordOf(kind)} of ${profile.name} has no prefix and is sent as any bearer token: a pattern would match hashes and ids as well. Give it a prefix in the profile.`,
    );
  });
  if (format === 'json') {
    const line = ({ kind, shape, regex, keyword }: SecretPattern) =>
      JSON.stringify({ profile: profile.name, kind, shape, regex, secret_group: 1, keywords: [keyword] });
    return patterns.map(line).join('\n');
  }
  return patterns.map((pattern) => gitleaksRule(profile.name, pattern)).join('\n\n');
}

/** TOML reads a text in three apostrophes as it is, and no pattern holds three in a row. */
function gitleaksRule(profileName: string, { kind, shape, regex, keyword }: SecretPattern): string {
  const [id, description] = shape === undefined ? ['', ''] : [`-${shape}`, ` of the shape ${shape}`];
  return `[[rules]]
id = "${profileName}-${kind.replaceAll('_', '-')}${id}"
description = "${profileName}: ${wordOf(kind)}${description}"
regex = '''${regex}'''
secretGroup = 1
keywords = ["${keyword}"]`;
}

function wordOf(kind: string): string {
  return kind === 'api_key' ? 'API key' : kind.replaceAll('_', ' ');
}
