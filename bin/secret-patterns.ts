import { type SecretPattern, secretPatternsOf } from '../core/profile/secret-pattern.ts';
import { readDeploymentFile } from '../lib/files/deployment-file.ts';
import { loadProfile } from '../lib/files/profile-file.ts';

export type PatternFormat = 'json' | 'gitleaks';

/**
 * The patterns by which a secret scanner finds a product's credentials: a line of JSON each, or rules for gitleaks.
 * @param profileName without it, the profile that keyward.json names.
 * @throws {Error} where nothing tells a credential from ordinary text.
 */
export function secretPatternText(profileName: string | undefined, format: PatternFormat): string {
  const { profile } = loadNamedProfile(profileName);
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

/** The accepted shapes whose keys nothing tells from ordinary text. */
export function shapesWithoutPattern(profileName: string | undefined): readonly string[] {
  return secretPatternsOf(loadNamedProfile(profileName).profile).flatMap(({ shape, pattern }) =>
    pattern === undefined && shape !== undefined ? [shape] : [],
  );
}

function loadNamedProfile(profileName: string | undefined) {
  return loadProfile(profileName ?? readDeploymentFile().profile);
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
