import * as v from 'valibot';
import { type AcceptedShape, ALPHABETS, type Alphabet } from '../credential/accepted-shape.ts';
import { LOOKUP_LENGTH } from '../credential/secret.ts';
import type { Report } from './mistakes.ts';
import { choice, integer, list, name, spelled, text } from './schema-parts.ts';

/** These characters can stand in any header that holds a credential. */
const olderPrefix = spelled({
  what: 'a prefix',
  character: /[A-Za-z0-9._-]/,
  characters: 'letters, digits and . _ -',
  longest: 32,
  emptyIs: 'allowed',
});
const fixedText = text(/^[ -~]{0,64}$/, 'at most 64 characters of ASCII');

/** The data of `api_key.accepts`. */
export const acceptsSchema = v.pipe(
  list(
    v.strictObject({
      name,
      prefix: olderPrefix,
      alphabet: choice(Object.keys(ALPHABETS) as Alphabet[]),
      min_length: integer(1, 128),
      max_length: v.optional(integer(1, 128)),
      stored_as: v.optional(choice(['sha256', 'bcrypt']), 'sha256'),
      lookup_length: v.optional(integer(4, 16)),
      hashed: v.optional(choice(['whole', 'after_prefix']), 'whole'),
      hashed_before: v.optional(fixedText, ''),
      hashed_after: v.optional(fixedText, ''),
    }),
  ),
  v.minLength(1, 'at least one shape; leave `accepts` out where there are none'),
  v.maxLength(8, 'at most 8 shapes'),
);

type ShapeData = v.InferOutput<typeof acceptsSchema>[number];

/** Reads the accepted shapes. It reports what only the data shows. */
export function readAccepts(shapes: readonly ShapeData[], report: Report): readonly AcceptedShape[] {
  for (const [index, { stored_as: storedAs, lookup_length: lookupLength }] of shapes.entries()) {
    if (storedAs === 'bcrypt' || lookupLength === undefined) continue;
    const sentence =
      'The profile gives a look-up prefix to keys that a digest finds: lookup_length is for bcrypt.';
    report({ between: ['api_key'], path: ['api_key', 'accepts', index, 'lookup_length'], sentence });
  }
  return shapes.map(readShape);
}

function readShape(data: ShapeData): AcceptedShape {
  const { name, prefix, alphabet, min_length: minLength, max_length: maxLength = minLength } = data;
  return {
    name,
    format: { prefix, alphabet, minLength, maxLength },
    hashing: { part: data.hashed, before: data.hashed_before, after: data.hashed_after },
    storedAs:
      data.stored_as === 'bcrypt'
        ? { kind: 'bcrypt', lookupLength: data.lookup_length ?? LOOKUP_LENGTH }
        : { kind: 'sha256' },
  };
}
