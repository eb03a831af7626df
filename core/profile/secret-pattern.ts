import type { CredentialKind } from '../access/scope.ts';
import { MANAGEMENT_KEY } from '../credential/credential-type.ts';
import { type KeyFormat, keyLength } from '../credential/key-text.ts';
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

const HEX = '[0-9A-Fa-f]';

/** Ways of writing a character that end in a letter or a digit. A regular expression sees no word begin behind them. */
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
 * What may stand before a key: where a word begins, behind an escape, and behind the underscore that sets text in italics.
 * Behind `%25` and `\0` the rest of a longer escape may stand as well. Only the prefix shows where that rest ends and the key begins.
 */
const BEFORE = String.raw`(?:\b|_|%25|\\0|${ESCAPE})`;
const AFTER = String.raw`(?:\b|_)`;

/** What stands between a header's name and its value in code, commands, JSON and settings. */
const BETWEEN = String.raw`(?:[\s"':;=,>]|\\{1,8}["']|${ESCAPE}){1,8}`;

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
