import { hintOf } from '../text/closest-word.ts';
import {
  type AcceptedShape,
  hasAcceptedFormat,
  hashedText,
  isOfAlphabet,
  lookupLengthOf,
  lookupPrefixIn,
} from './accepted-shape.ts';
import type { KeyType } from './credential-type.ts';
import { canImprove, shapesOf } from './key-shapes.ts';
import { hasFormat, SHOWN_RANDOM } from './key-text.ts';
import { type Bcrypt, digestHashOf, digestOf, type SecretLocator } from './secret.ts';

/** A hash from another system, unverified. */
export type ImportedHash = ImportedDigest | ImportedBcrypt;

interface ImportedDigest extends Described {
  readonly algorithm: 'sha256';
  readonly encoding: 'hex' | 'base64' | 'base64url';
  readonly text: string;
}

interface ImportedBcrypt extends Described {
  readonly algorithm: 'bcrypt';
  readonly text: string;
  /** The first characters of the key, with or without the prefix of its shape. */
  readonly lookupPrefix: string;
}

interface Described {
  /** The first characters of the key, which lists may show. */
  readonly start?: string | undefined;
  /** The name of an accepted shape, or `issued`; absent if any shape that is hashed so may be meant. */
  readonly shape?: string | undefined;
}

/** What a store keeps of an imported key. */
export type ImportedSecret =
  /** The digest finds the secret and proves it. */
  | { readonly kind: 'by_digest'; readonly locator: SecretLocator; readonly start: string }
  /** It takes a free slot under its look-up prefix: `slotLocator` names it. */
  | {
      readonly kind: 'by_prefix';
      readonly lookupPrefix: string;
      readonly secretHash: string;
      readonly start: string;
    }
  /** `sentence` says what was expected. It repeats nothing of the hash or of the key. */
  | { readonly kind: 'refused'; readonly sentence: string };

/** Turns the hash of another system into what verification looks for, if it can ever verify a key with it. */
export function parseImportedHash(keyType: KeyType, hash: ImportedHash): ImportedSecret {
  const shapes = findShapes(keyType, hash);
  if ('kind' in shapes) return shapes;
  return hash.algorithm === 'sha256' ? parseDigest(shapes, hash) : parseBcrypt(shapes, hash);
}

/**
 * Hashes the text of a key from another system, for an export that holds the texts.
 * @param bcrypt hashes a text for a product that has promised bcrypt, and for keys with few random bits.
 */
export async function hashImportedText(
  keyType: KeyType,
  text: string,
  bcrypt: Pick<Bcrypt, 'hash'>,
): Promise<ImportedSecret> {
  const [issued, ...accepted] = shapesOf(keyType);
  const shape = hasFormat(keyType.format, text)
    ? issued
    : accepted.find(({ format }) => hasAcceptedFormat(format, text));
  if (shape === undefined)
    return refuse(
      'The text of the key must have the shape that the profile issues, or one of api_key.accepts.',
    );
  const hashed = hashedText(shape, text);
  if (shape.storedAs.kind === 'sha256')
    return { kind: 'by_digest', locator: digestOf(hashed), start: cutStart(shape, text) };
  const lookupPrefix = lookupPrefixIn(shape, text);
  const secretHash = canImprove(keyType, shape) ? digestHashOf(text) : await bcrypt.hash(hashed);
  return { kind: 'by_prefix', lookupPrefix, secretHash, start: shape.format.prefix + lookupPrefix };
}

type Shapes = readonly [AcceptedShape, ...AcceptedShape[]];

const ALGORITHMS = { sha256: 'SHA-256', bcrypt: 'bcrypt' };

/** The shapes that a hash may belong to. */
function findShapes(keyType: KeyType, { algorithm, shape: named }: ImportedHash): Shapes | Refused {
  const all = shapesOf(keyType);
  if (named !== undefined && !all.some(({ name }) => name === named)) {
    const names = all.map(({ name }) => name);
    return refuse(`The shape must be one of ${names.join(', ')}${hintOf(named, names)}.`);
  }
  const [first, ...others] = all.filter(
    ({ name, storedAs }) => storedAs.kind === algorithm && (named ?? name) === name,
  );
  if (first !== undefined) return [first, ...others];
  const hashed = ALGORITHMS[algorithm];
  return refuse(
    named === undefined
      ? `The profile accepts no key whose hash is of ${hashed}: api_key.accepts must describe such keys.`
      : `The hash must not be of ${hashed}, because the profile says otherwise of the shape ${named}.`,
  );
}

const DIGESTS = {
  hex: { pattern: /^[0-9A-Fa-f]{64}$/, expected: '64 hexadecimal digits' },
  base64: { pattern: /^[0-9A-Za-z+/]{43}=?$/, expected: '43 characters of base64 and an optional =' },
  base64url: { pattern: /^[\w-]{43}=?$/, expected: '43 characters of base64url and an optional =' },
};

function parseDigest(shapes: Shapes, { text, encoding, start }: ImportedDigest): ImportedSecret {
  const { pattern, expected } = DIGESTS[encoding];
  const digest = Buffer.from(text, encoding);
  // The last character of base64 has two bits to spare. Other values than zero are no digest that anybody has written.
  const isWhole = encoding === 'hex' || digest.toString(encoding).slice(0, 43) === text.slice(0, 43);
  if (!pattern.test(text) || !isWhole) return refuse(`The hash must be a SHA-256 of ${expected}.`);
  const shown = readStart(shapes, start);
  if (shown === undefined) return refuse(STARTS);
  return { kind: 'by_digest', locator: digest.toString('base64url') as SecretLocator, start: shown };
}

/** The highest cost of an imported hash. Four comparisons of it take a whole processor more than a second. */
const HIGHEST_COST = 12;

function parseBcrypt(shapes: Shapes, { text, lookupPrefix, start }: ImportedBcrypt): ImportedSecret {
  const cost = Number(/^\$2[aby]\$(\d\d)\$[./0-9A-Za-z]{53}$/.exec(text)?.[1]);
  if (!(cost >= 4 && cost <= HIGHEST_COST))
    return refuse(
      `The hash must be one of bcrypt, such as $2b$10$ and 53 more characters, of cost 4 to ${HIGHEST_COST}.`,
    );
  for (const shape of shapes) {
    const found = readLookupPrefix(shape, lookupPrefix);
    if (found === undefined || readStart([shape], start) === undefined) continue;
    return {
      kind: 'by_prefix',
      lookupPrefix: found,
      secretHash: text,
      start: shape.format.prefix + found,
    };
  }
  if (start !== undefined && readStart(shapes, start) === undefined) return refuse(STARTS);
  const expected = shapes.map(
    ({ format, storedAs }) =>
      `the first ${lookupLengthOf(storedAs)} characters after ${format.prefix === '' ? 'an empty prefix' : format.prefix}`,
  );
  return refuse(`The look-up prefix must be ${[...new Set(expected)].join(', or ')}.`);
}

function readLookupPrefix({ format, storedAs }: AcceptedShape, text: string): string | undefined {
  const length = lookupLengthOf(storedAs);
  const isLong = text.length === format.prefix.length + length && text.startsWith(format.prefix);
  const lookupPrefix = isLong ? text.slice(format.prefix.length) : text;
  return lookupPrefix.length === length && isOfAlphabet(format.alphabet, lookupPrefix)
    ? lookupPrefix
    : undefined;
}

const STARTS =
  'The start must be the first characters of the key, which has the shape that the profile issues or one of api_key.accepts.';

/**
 * What lists show of a key: the prefix and a few characters. Other systems show more than Keyward does, and the prefix alone tells
 * nothing if several shapes may be meant.
 * @returns `undefined` where the start fits no shape.
 */
function readStart(shapes: Shapes, start: string | undefined): string | undefined {
  if (start === undefined) return shapes.length === 1 ? shapes[0].format.prefix : '';
  const shape = shapes.find(({ format: { prefix, alphabet } }) =>
    start.startsWith(prefix) ? isOfAlphabet(alphabet, start.slice(prefix.length)) : prefix.startsWith(start),
  );
  return shape && cutStart(shape, start);
}

function cutStart({ format }: AcceptedShape, text: string): string {
  return text.slice(0, format.prefix.length + SHOWN_RANDOM);
}

type Refused = Extract<ImportedSecret, { kind: 'refused' }>;

function refuse(sentence: string): Refused {
  return { kind: 'refused', sentence };
}
