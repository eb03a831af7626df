import * as v from 'valibot';
import type { ImportedHash } from '../../../core/credential/imported-hash.ts';
import type { Profile } from '../../../core/profile/profile.ts';
import { choiceField } from '../http/field.ts';
import { pastTimeField } from '../http/time-field.ts';
import { issueBody } from './issue-key.ts';

/** How many keys one call imports at the most. */
export const MOST_ROWS = 100;

const ROWS = `a list of 1 to ${MOST_ROWS} keys`;
const HASH = 'the hash of a key, as a text of at most 128 characters';
const LOOKUP_PREFIX = 'the beginning of the key by which the hash is found, at most 64 characters';
const START = 'the beginning of the key, at most 64 characters';
const SHAPE = 'the name of a shape in api_key.accepts of the profile';

const shortText = (expected: string, length: number) =>
  v.pipe(v.string(expected), v.minLength(1, expected), v.maxLength(length, expected));

export type ImportRow = v.InferOutput<ReturnType<typeof rowSchema>>;

/** A key of another system: what issuing it would take, and its hash. @param now Unix seconds. */
export function rowSchema(profile: Profile, now: number) {
  return v.strictObject({
    hash: shortText(HASH, 128),
    algorithm: choiceField(['sha256', 'bcrypt']),
    encoding: v.optional(choiceField(['hex', 'base64', 'base64url'])),
    lookup_prefix: v.optional(shortText(LOOKUP_PREFIX, 64)),
    start: v.optional(shortText(START, 64)),
    shape: v.optional(shortText(SHAPE, 64)),
    enabled: v.optional(v.boolean('true or false')),
    created_at: v.optional(pastTimeField(now)),
    last_used_at: v.optional(v.nullable(pastTimeField(now))),
    ...issueBody(profile, now).entries,
  });
}

/** The body of an import. Each row is checked by itself, so that a bad one does not hold up the others. */
export function importBody(profile: Profile, now: number) {
  return bodyOf(rowSchema(profile, now));
}

/** The body of an import whose rows are not checked yet. */
export const importEnvelope = bodyOf(v.unknown());

function bodyOf<const Row extends v.GenericSchema>(row: Row) {
  return v.strictObject({
    keys: v.pipe(v.array(row, ROWS), v.minLength(1, ROWS), v.maxLength(MOST_ROWS, ROWS)),
    dry_run: v.optional(v.boolean('true or false')),
  });
}

/** @returns a sentence for a row whose fields do not say what its hash is. */
export function readHash({
  hash: text,
  algorithm,
  encoding = 'hex',
  lookup_prefix: lookupPrefix,
  start,
  shape,
}: ImportRow): ImportedHash | string {
  if (algorithm === 'sha256') {
    if (lookupPrefix !== undefined) return 'lookup_prefix must be left out: only hashes of bcrypt have one.';
    return { algorithm, encoding, text, start, shape };
  }
  return lookupPrefix === undefined
    ? 'lookup_prefix must be given: a hash of bcrypt is found by it.'
    : { algorithm, text, lookupPrefix, start, shape };
}
