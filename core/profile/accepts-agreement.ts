import {
  type AcceptedFormat,
  type AcceptedShape,
  ALPHABETS,
  countHiddenBits,
  isOfAlphabet,
  LEAST_DIGEST_BITS,
  shapeOf,
  UUID_LENGTH,
} from '../credential/accepted-shape.ts';
import { OWN_FORMATS } from '../credential/credential-type.ts';
import { ISSUED, shapesOf } from '../credential/key-shapes.ts';
import { LONGEST_BCRYPT_BYTES } from '../credential/secret.ts';
import type { ProfilePart, Report } from './mistakes.ts';
import type { Profile } from './profile.ts';

/** The least random bits of a key that is kept as bcrypt, besides its look-up prefix. Each guess costs milliseconds. */
const LEAST_BCRYPT_BITS = 64;

/** Checks each accepted shape alone, and against every other shape that a text could have. */
export function checkAccepts({ apiKey, personalAccessTokens: tokens }: Profile, report: Report): void {
  const [issued, ...accepted] = shapesOf(apiKey);
  for (const [index, shape] of accepted.entries()) {
    const refuse = (sentence: string, field?: string, other: ProfilePart = 'api_key') => {
      const at = field === undefined ? [] : [field];
      report({ between: ['api_key', other], path: ['api_key', 'accepts', index, ...at], sentence });
    };
    const { name } = shape;
    const earlier = accepted.slice(0, index);
    if (name === ISSUED)
      refuse(
        `The profile names an accepted shape ${ISSUED}, which is the name of the shape that it issues.`,
        'name',
      );
    if (earlier.some((other) => other.name === name))
      refuse(`The profile names two accepted shapes ${name}.`, 'name');
    checkAlone(shape, refuse);
    if (issued.storedAs.kind === 'bcrypt' && shape.storedAs.kind === 'sha256')
      refuse('The profile keeps keys as bcrypt, so it accepts none that are kept as SHA-256.', 'stored_as');
    const own = Object.entries(OWN_FORMATS).filter(([, format]) => overlap(shape.format, shapeOf(format)));
    if (own.length > 0)
      refuse(`The profile's accepted shape ${name} fits texts of ${own.map(([what]) => what).join(', ')}.`);
    if (tokens !== undefined && overlap(shape.format, shapeOf(tokens.format)))
      refuse(
        `The profile's accepted shape ${name} fits texts of personal access tokens.`,
        undefined,
        'personal_access_tokens',
      );
    if (overlap(shape.format, issued.format) && (apiKey.format.hasChecksum || !areHashedAlike(shape, issued)))
      refuse(`The profile's accepted shape ${name} fits texts of the shape that the profile issues.`);
    for (const other of earlier)
      if (overlap(shape.format, other.format) && !areHashedAlike(shape, other))
        refuse(
          `The profile's accepted shapes ${other.name} and ${name} fit the same texts and hash them in two ways.`,
        );
  }
}

type Refuse = (sentence: string, field?: string) => void;

function checkAlone(shape: AcceptedShape, refuse: Refuse): void {
  const { name, format, storedAs } = shape;
  const { alphabet, minLength, maxLength } = format;
  if (maxLength < minLength) {
    refuse(`The profile's accepted shape ${name} has a max_length below its min_length.`, 'max_length');
    return;
  }
  if (alphabet === 'uuid' && (minLength !== UUID_LENGTH || maxLength !== UUID_LENGTH))
    refuse(
      `The profile's accepted shape ${name} is a UUID, so its min_length must be ${UUID_LENGTH}.`,
      'min_length',
    );
  checkBits(shape, refuse);
  if (storedAs.kind === 'bcrypt' && longestHashed(shape) > LONGEST_BCRYPT_BYTES)
    refuse(
      `The profile's accepted shape ${name} is kept as bcrypt, which looks at the first ${LONGEST_BCRYPT_BYTES} characters only.`,
      'max_length',
    );
}

/** A short text can be found by trying: quickly where it is kept as SHA-256, slowly where it is kept as bcrypt. */
function checkBits(shape: AcceptedShape, refuse: Refuse): void {
  const { name, format, storedAs } = shape;
  const isDigest = storedAs.kind === 'sha256';
  const least = isDigest ? LEAST_DIGEST_BITS : LEAST_BCRYPT_BITS;
  const bits = countHiddenBits(shape);
  if (bits >= least) return;
  const characters =
    Math.ceil(least / ALPHABETS[format.alphabet].bits) + (isDigest ? 0 : storedAs.lookupLength);
  const kept = isDigest ? 'kept as SHA-256' : 'kept as bcrypt with a look-up prefix in the clear';
  refuse(
    `The profile's accepted shape ${name} has ${Math.max(0, bits)} random bits, and a key that is ${kept} needs ${least}: min_length must be at least ${characters}.`,
    'min_length',
  );
}

function longestHashed({ format, hashing }: AcceptedShape): number {
  const prefix = hashing.part === 'whole' ? format.prefix.length : 0;
  return hashing.before.length + prefix + format.maxLength + hashing.after.length;
}

/** Tells whether any text has both formats. */
export function overlap(one: AcceptedFormat, other: AcceptedFormat): boolean {
  const [short, long] = one.prefix.length <= other.prefix.length ? [one, other] : [other, one];
  const shortest = Math.max(short.prefix.length + short.minLength, long.prefix.length + long.minLength);
  const longest = Math.min(short.prefix.length + short.maxLength, long.prefix.length + long.maxLength);
  if (shortest > longest || !long.prefix.startsWith(short.prefix)) return false;
  const between = long.prefix.slice(short.prefix.length);
  // Any two alphabets have letters in common, so only the characters of the prefixes can keep the formats apart.
  return [...between].every((character) => isOfAlphabet(short.alphabet, character));
}

/** Tells whether two shapes lead from the same text to the same stored secret. */
function areHashedAlike(one: AcceptedShape, other: AcceptedShape): boolean {
  const key = ({ format, hashing, storedAs }: AcceptedShape) =>
    JSON.stringify([
      hashing,
      storedAs,
      hashing.part === 'whole' && storedAs.kind === 'sha256' ? '' : format.prefix,
    ]);
  return key(one) === key(other);
}
