import * as v from 'valibot';
import { described, listOf } from './answer-field.ts';

/** The answer of an import. */

/** Why a row was not imported. */
export const IMPORT_CODES = [
  'already_present',
  'already_ended',
  'invalid_row',
  'hash_not_accepted',
  'hash_taken',
  'creator_not_found',
  'creator_may_not_issue',
  'key_limit_reached',
  'lookup_prefix_full',
  'conflict',
  'unavailable',
] as const;

export type ImportResult = v.InferOutput<typeof importResult>;
const importResult = v.strictObject({
  index: described(v.number(), 'Where the row stands among the keys of the request. The first is 0.'),
  outcome: described(
    v.picklist(['imported', 'present', 'skipped']),
    '`present`: the workspace has a key with this hash, and nothing of it was changed.',
  ),
  id: described(v.nullable(v.string()), 'The id of the key. `null` for a row that was skipped.'),
  code: described(v.nullable(v.picklist(IMPORT_CODES)), '`null` for a row that was imported.'),
  reason: described(v.nullable(v.string()), 'Why the row was not imported, as a sentence.'),
});

const count = (text: string) => described(v.number(), text);

export type ImportAnswer = v.InferOutput<typeof importAnswer>;
export const importAnswer = v.strictObject({
  results: described(listOf(importResult), 'One for each row, in their order.'),
  imported: count('How many keys were imported, or would be with `dry_run`.'),
  present: count('How many were there already.'),
  skipped: count('How many rows were not imported for another reason.'),
});
