import { CHECKSUM_LENGTH } from './checksum.ts';
import type { KeyFormat } from './key-text.ts';
import { MANAGEMENT_KEY } from './management-key.ts';
import type { CredentialKind } from './principal.ts';
import { credentialTypesOf, type Presentation, type Profile } from './profile.ts';

/**
 * How a secret scanner finds one kind of credential in any text. The first group of the pattern is the credential.
 *
 * The dialect is what RE2 (Go, gitleaks, TruffleHog), Hyperscan (GitHub), PCRE and JavaScript have in common: no looking ahead or
 * behind, no references, no flags. A checksum cannot be put into a regular expression, so a mistyped key is found as well.
 */
export interface SecretPattern {
  readonly kind: CredentialKind;
  readonly regex: string;
  /** Some text that is in everything the pattern matches, in lower case: scanners look for it first. */
  readonly keyword: string;
}

const ALPHABET = '[0-9A-Za-z]';

/**
 * What may stand before a key. A word's boundary is not enough: `%3D` in a URL and `\n` in JSON end in a letter, and text that
 * is set in italics in an underscore.
 */
const BEFORE = String.raw`(?:\b|_|%[0-9A-Fa-f]{2}|\\[nrt])`;
const AFTER = String.raw`(?:\b|_)`;

/** What stands between a header's name and its value in code, commands, JSON and settings. */
const BETWEEN = String.raw`[\\"'\s:=,>]{1,8}`;

/**
 * The patterns for the credentials of a product, its operator's own included.
 * @returns `undefined` in the place of a kind that nothing tells from ordinary text: no prefix, and no header of its own.
 */
export function secretPatternsOf(
  profile: Profile,
): readonly { kind: CredentialKind; pattern: SecretPattern | undefined }[] {
  return [...credentialTypesOf(profile), MANAGEMENT_KEY].map(({ kind, format }) => {
    const presentation = kind === 'management_key' ? BEARER : profile.presentation;
    const found = format.prefix === '' ? byHeader(presentation, format) : byPrefix(format);
    return { kind, pattern: found && { kind, ...found } };
  });
}

const BEARER: Presentation = { kind: 'bearer' };

type Found = Omit<SecretPattern, 'kind'>;

function byPrefix(format: KeyFormat): Found {
  const { prefix } = format;
  return {
    regex: `${BEFORE}(${escaped(prefix)}${ALPHABET}{${bodyLength(format)}})${AFTER}`,
    keyword: prefix,
  };
}

/** A key without a prefix looks like any hash, so it is found where the header is named beside it, and nowhere else. */
function byHeader(presentation: Presentation, format: KeyFormat): Found | undefined {
  if (presentation.kind === 'bearer') return undefined;
  const { header } = presentation;
  const name = [...header].map(inAnyCase).join('');
  return {
    regex: `${name}${BETWEEN}(${ALPHABET}{${bodyLength(format)}})${AFTER}`,
    // As a variable, its hyphens are underscores.
    keyword: header.split('-').reduce((longest, part) => (part.length > longest.length ? part : longest)),
  };
}

function bodyLength({ randomLength, hasChecksum }: KeyFormat): number {
  return randomLength + (hasChecksum ? CHECKSUM_LENGTH : 0);
}

function escaped(text: string): string {
  return text.replaceAll(/[^0-9A-Za-z_]/g, String.raw`\$&`);
}

function inAnyCase(character: string): string {
  if (character === '-') return '[-_]';
  const upper = character.toUpperCase();
  return upper === character ? character : `[${upper}${character}]`;
}
