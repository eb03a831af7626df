import type { KeyType } from '../../core/credential/credential-type.ts';
import { hashImportedText } from '../../core/credential/imported-hash.ts';
import type { ReadRow, SourceRow, UnreadableRow } from './source-row.ts';

/**
 * Replaces the texts of keys by their hashes, so that no text is sent to anybody or stored anywhere.
 * @param keyType of the product; `undefined` if nobody said which product it is.
 */
export async function* hashSecrets(
  rows: AsyncIterable<ReadRow>,
  keyType: KeyType | undefined,
): AsyncGenerator<ReadRow> {
  for await (const row of rows) {
    if ('sentence' in row || row.fields.secret === undefined) yield row;
    else yield { line: row.line, ...(await hashSecret(keyType, row.fields)) };
  }
}

type Hashed = Pick<SourceRow, 'fields'> | Pick<UnreadableRow, 'sentence'>;

async function hashSecret(keyType: KeyType | undefined, fields: SourceRow['fields']): Promise<Hashed> {
  const { secret, ...others } = fields;
  if (keyType === undefined)
    return { sentence: 'It has the text of a key: say --profile, which tells how such keys are hashed.' };
  if (typeof secret !== 'string') return { sentence: 'secret must be a text.' };
  if (others.hash !== undefined) return { sentence: 'It has both hash and secret: leave one out.' };
  const hashed = await hashImportedText(keyType, secret, NO_BCRYPT);
  if (hashed.kind === 'refused') return { sentence: hashed.sentence };
  if (hashed.kind === 'by_prefix') return { sentence: SLOW };
  const { locator: hash, start } = hashed;
  return { fields: { ...others, hash, start, algorithm: 'sha256', encoding: 'base64url' } };
}

/** Every hash of bcrypt has another salt, so a repeated import would not find the key that is there. */
const NO_BCRYPT = { hash: async () => '' };

const SLOW =
  'Keys of this shape are kept as bcrypt, and an import takes only their hashes: give hash and lookup_prefix instead of secret.';
