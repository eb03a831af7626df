import type { CredentialKind } from '../access/scope.ts';
import { MANAGEMENT_KEY } from '../credential/credential-type.ts';
import { type KeyFormat, keyLength } from '../credential/key-text.ts';
import { credentialTypesOf, type Presentation, type Profile } from './profile.ts';

/**
 * How a secret scanner finds one kind of credential in a text. The first group of the pattern is the credential.
 *
 * The pattern uses only features that RE2 (Go, gitleaks, TruffleHog), Hyperscan (GitHub), PCRE and JavaScript have in common: no
 * lookahead or lookbehind, no references, no flags. A regular expression cannot check a checksum, so it finds mistyped keys too.
 */
export interface SecretPattern {
  readonly kind: CredentialKind;
  readonly regex: string;
  /** A text in lower case that every match contains. Scanners look for it first. */
  readonly keyword: string;
}

const ALPHABET = '[0-9A-Za-z]';

const HEX = '[0-9A-Fa-f]';

/** Escapes that end in a letter or a digit. After them a regular expression sees no beginning of a word. */
const ESCAPE = [
  // Strings in code and in JSON, also inside one another: \n, \042, \x22, \u0022, \\u0022, \U00000022.
  String.raw`\\{1,8}(?:[abefnrtv]|[0-7]{3}|x${HEX}{2}|u${HEX}{4}|U${HEX}{8})`,
  // URLs, encoded once or more often: %22, %2522, %u0022.
  `%(?:25){0,4}(?:u${HEX}{4}|[013-9A-Fa-f]${HEX}|2[0-46-9A-Fa-f])`,
  // HTML, whose semicolon may be missing: &quot, &#34, &#x22.
  `&(?:amp|apos|gt|lt|nbsp|quot|#[0-9]{1,7}|#[Xx]${HEX}{1,6})`,
  // Mail in quoted-printable: the equals sign itself, and characters of several bytes.
  '=3D|(?:=[0-9A-F]{2}){2}',
  // The colours of a terminal, whose escape character many logs leave out: [32m.
  String.raw`\x1b?\[[0-9;]{1,16}m`,
].join('|');

/**
 * A key may begin where a word begins, after an escape, and after an underscore, which sets text in italics. `%25` and `\0` may be
 * the beginning of a longer escape. Then only the prefix of the key shows where the escape ends.
 */
const BEFORE = String.raw`(?:\b|_|%25|\\0|${ESCAPE})`;
const AFTER = String.raw`(?:\b|_)`;

/** The characters between a header's name and its value in code, commands, JSON and settings. */
const BETWEEN = String.raw`(?:[\s"':;=,>]|\\{1,8}["']|${ESCAPE}){1,8}`;

/**
 * The patterns for the credentials of a product, and for management keys.
 * @returns `undefined` for a kind with neither a prefix nor a header of its own: nothing tells it from ordinary text.
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

/** A key without a prefix looks like any hash, so the pattern finds it only next to the name of its header. */
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

function bodyLength(format: KeyFormat): number {
  return keyLength(format) - format.prefix.length;
}

function escaped(text: string): string {
  return text.replaceAll(/[^0-9A-Za-z_]/g, String.raw`\$&`);
}

function inAnyCase(character: string): string {
  if (character === '-') return '[-_]';
  const upper = character.toUpperCase();
  return upper === character ? character : `[${upper}${character}]`;
}
