import type { CredentialKind } from '../access/scope.ts';
import { type AcceptedFormat, ALPHABETS, isOfAlphabet, shapeOf } from '../credential/accepted-shape.ts';
import { MANAGEMENT_KEY } from '../credential/credential-type.ts';
import { credentialTypesOf, type Presentation, type Profile } from './profile.ts';

/**
 * How a secret scanner finds one kind of credential in a text. The first group of the pattern is the credential.
 *
 * The pattern uses only features that RE2 (Go, gitleaks, TruffleHog), Hyperscan (GitHub), PCRE and JavaScript have in common: no
 * lookahead or lookbehind, no references, no flags. A regular expression cannot check a checksum, so it finds mistyped keys too.
 */
export interface SecretPattern {
  readonly kind: CredentialKind;
  /** The name of an accepted shape; absent for the shape that Keyward issues. */
  readonly shape?: string;
  readonly regex: string;
  /** A text in lower case that every match contains. Scanners look for it first. */
  readonly keyword: string;
}

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

export interface FindableSecret {
  readonly kind: CredentialKind;
  readonly shape?: string;
  /** `undefined` if it has neither a prefix nor a header of its own: nothing tells it from ordinary text. */
  readonly pattern: SecretPattern | undefined;
}

/** The patterns for the credentials of a product, for management keys, and last for the keys that other systems issued. */
export function secretPatternsOf(profile: Profile): readonly FindableSecret[] {
  const issued = [...credentialTypesOf(profile), MANAGEMENT_KEY].map(({ kind, format }) => {
    const presentation = kind === 'management_key' ? BEARER : profile.presentation;
    const found = findBy(presentation, shapeOf(format));
    return { kind, pattern: found && { kind, ...found } };
  });
  const older = profile.apiKey.accepts?.map(({ name: shape, format }) => {
    const { kind } = profile.apiKey;
    const found = findBy(profile.presentation, format);
    return { kind, shape, pattern: found && { kind, shape, ...found } };
  });
  return [...issued, ...(older ?? [])];
}

const BEARER: Presentation = { kind: 'bearer' };

type Found = Pick<SecretPattern, 'regex' | 'keyword'>;

function findBy(presentation: Presentation, format: AcceptedFormat): Found | undefined {
  return format.prefix === '' ? byHeader(presentation, format) : byPrefix(format);
}

function byPrefix(format: AcceptedFormat): Found {
  const { prefix } = format;
  // Before a full stop or a hyphen nothing begins a word.
  const before = /^\w/.test(prefix) ? BEFORE : '';
  return {
    regex: `${before}(${escaped(prefix)}${bodyOf(format)})${afterOf(format)}`,
    keyword: prefix.toLowerCase(),
  };
}

/** A key without a prefix looks like any hash, so the pattern finds it only next to the name of its header. */
function byHeader(presentation: Presentation, format: AcceptedFormat): Found | undefined {
  if (presentation.kind === 'bearer') return undefined;
  const { header } = presentation;
  const name = [...header].map(inAnyCase).join('');
  return {
    regex: `${name}${BETWEEN}(${bodyOf(format)})${afterOf(format)}`,
    // As a variable, its hyphens are underscores.
    keyword: header.split('-').reduce((longest, part) => (part.length > longest.length ? part : longest)),
  };
}

function bodyOf({ alphabet, minLength, maxLength }: AcceptedFormat): string {
  const length = minLength === maxLength ? `${minLength}` : `${minLength},${maxLength}`;
  return `[${ALPHABETS[alphabet].characters}]{${length}}`;
}

/** A key whose last character is none of a word ends where another character follows, or the text ends. */
function afterOf({ alphabet }: AcceptedFormat): string {
  const isOfWords = !['-', '+'].some((character) => isOfAlphabet(alphabet, character));
  return isOfWords ? AFTER : `(?:[^${ALPHABETS[alphabet].characters}]|$)`;
}

function escaped(text: string): string {
  return text.replaceAll(/[^0-9A-Za-z_]/g, String.raw`\$&`);
}

function inAnyCase(character: string): string {
  if (character === '-') return '[-_]';
  const upper = character.toUpperCase();
  return upper === character ? character : `[${upper}${character}]`;
}
