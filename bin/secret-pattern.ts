import { type SecretPattern, secretPatternsOf } from '../core/profile/secret-pattern.ts';
import { loadProfile } from '../lib/profile-file.ts';

export const PATTERN_FORMATS = ['json', 'gitleaks'] as const;

export type PatternFormat = (typeof PATTERN_FORMATS)[number];

/**
 * The patterns by which a secret scanner finds a product's credentials: a line of JSON each, or rules for gitleaks.
 * @throws {Error} where nothing tells a credential from ordinary text.
 */
export function secretPatternText(profileName: string, format: PatternFormat): string {
  const { profile } = loadProfile(profileName);
  const patterns = secretPatternsOf(profile).map(({ kind, pattern }) => {
    if (pattern !== undefined) return pattern;
    throw new Error(
      `The ${wordOf(kind)} of ${profile.name} has no prefix and is sent as any bearer token: a pattern would match hashes and ids as well. Give it a prefix in the profile.`,
    );
  });
  if (format === 'json') {
    const line = ({ kind, regex, keyword }: SecretPattern) =>
      JSON.stringify({ profile: profile.name, kind, regex, secret_group: 1, keywords: [keyword] });
    return patterns.map(line).join('\n');
  }
  return patterns.map((pattern) => gitleaksRule(profile.name, pattern)).join('\n\n');
}

/** TOML reads a text in three apostrophes as it is, and no pattern holds three in a row. */
function gitleaksRule(profileName: string, { kind, regex, keyword }: SecretPattern): string {
  return `[[rules]]
id = "${profileName}-${kind.replaceAll('_', '-')}"
description = "${profileName}: ${wordOf(kind)}"
regex = '''${regex}'''
secretGroup = 1
keywords = ["${keyword}"]`;
}

function wordOf(kind: string): string {
  return kind === 'api_key' ? 'API key' : kind.replaceAll('_', ' ');
}
