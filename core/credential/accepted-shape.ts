import { type KeyFormat, keyLength } from './key-text.ts';

/**
 * Keys that another system issued and that a product still accepts: what their texts look like, and how that system hashed them.
 * Keyward issues none of this shape.
 */
export interface AcceptedShape {
  /** Imports and messages name the shape by it. */
  readonly name: string;
  readonly format: AcceptedFormat;
  readonly hashing: Hashing;
  readonly storedAs: AcceptedStorage;
}

export interface AcceptedFormat {
  /** May be empty. */
  readonly prefix: string;
  readonly alphabet: Alphabet;
  /** How many characters may follow the prefix. */
  readonly minLength: number;
  readonly maxLength: number;
}

/** What the other system hashed: the text or a part of it, between fixed texts, which are not secret. */
export interface Hashing {
  readonly part: 'whole' | 'after_prefix';
  readonly before: string;
  readonly after: string;
}

/** How the other system kept its hashes. bcrypt hashes are found by the first characters after the prefix. */
export type AcceptedStorage =
  | { readonly kind: 'sha256' }
  | { readonly kind: 'bcrypt'; readonly lookupLength: number };

/** The characters of a text in a character class, and the random bits that each of them holds at most. */
interface Characters {
  readonly characters: string;
  readonly bits: number;
}

/** How many characters the text of a UUID has. */
export const UUID_LENGTH = 36;

/** The names that profiles use. Hexadecimal digits and base36 are accepted in either case. */
export const ALPHABETS = {
  hex: { characters: '0-9A-Fa-f', bits: 4 },
  /** 122 bits of a UUID of version 4 are random (RFC 9562, 5.4). */
  uuid: { characters: '0-9A-Fa-f-', bits: 122 / UUID_LENGTH },
  base32: { characters: 'A-Za-z2-7', bits: 5 },
  base36: { characters: '0-9A-Za-z', bits: Math.log2(36) },
  letters: { characters: 'A-Za-z', bits: Math.log2(52) },
  base58: { characters: '1-9A-HJ-NP-Za-km-z', bits: Math.log2(58) },
  base62: { characters: '0-9A-Za-z', bits: Math.log2(62) },
  base64: { characters: '0-9A-Za-z+/=', bits: 6 },
  base64url: { characters: '0-9A-Za-z_-', bits: 6 },
} as const satisfies Record<string, Characters>;

export type Alphabet = keyof typeof ALPHABETS;

/** Tells whether a text has the shape of a format. A text of another shape cannot be such a key, so it costs no look-up. */
export function hasAcceptedFormat(
  { prefix, alphabet, minLength, maxLength }: AcceptedFormat,
  presentedText: string,
): boolean {
  const length = presentedText.length - prefix.length;
  if (length < minLength || length > maxLength || !presentedText.startsWith(prefix)) return false;
  return isOfAlphabet(alphabet, presentedText.slice(prefix.length));
}

export function isOfAlphabet(alphabet: Alphabet, text: string): boolean {
  return PATTERNS[alphabet].test(text);
}

const PATTERNS = Object.fromEntries(
  Object.entries(ALPHABETS).map(([name, { characters }]) => [name, new RegExp(`^[${characters}]*$`)]),
) as Record<Alphabet, RegExp>;

/** The text that the other system hashed. */
export function hashedText(
  { format, hashing }: Pick<AcceptedShape, 'format' | 'hashing'>,
  text: string,
): string {
  const part = hashing.part === 'whole' ? text : text.slice(format.prefix.length);
  return hashing.before + part + hashing.after;
}

/** The part of a key's text under which a store finds its hash of bcrypt. */
export function lookupPrefixIn(
  { format, storedAs }: Pick<AcceptedShape, 'format' | 'storedAs'>,
  text: string,
): string {
  return text.slice(format.prefix.length, format.prefix.length + lookupLengthOf(storedAs));
}

/** How many characters of a text stand in the clear: none where its digest finds it. */
export function lookupLengthOf(storedAs: AcceptedShape['storedAs']): number {
  return storedAs.kind === 'bcrypt' ? storedAs.lookupLength : 0;
}

/**
 * The least random bits of a key that is kept as SHA-256. With fewer, NIST SP 800-63B asks for a salted and slow hash of such a
 * secret, because a reader of the table could try all texts.
 */
export const LEAST_DIGEST_BITS = 112;

/**
 * The random bits of a shape's shortest text, without those that stand in the clear. There may be fewer: nobody can tell how random
 * the other system's characters are.
 */
export function countHiddenBits({ format, storedAs }: Pick<AcceptedShape, 'format' | 'storedAs'>): number {
  return Math.floor((format.minLength - lookupLengthOf(storedAs)) * ALPHABETS[format.alphabet].bits);
}

/** The shape of the texts that Keyward issues, without their checksum. */
export function shapeOf(format: KeyFormat): AcceptedFormat {
  const { prefix } = format;
  const length = keyLength(format) - prefix.length;
  return { prefix, alphabet: 'base62', minLength: length, maxLength: length };
}
