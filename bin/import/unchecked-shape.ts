import type { KeyType } from '../../core/credential/credential-type.ts';
import type { ReadRow } from './source-row.ts';

/** Hashes that do not tell what their keys look like. A hash of a key that the product does not accept can never work. */

/** Passes rows on, and counts those that give the hash of a key alone. Read the count once all rows are through. */
export function countUncheckedShapes(rows: AsyncGenerator<ReadRow>): {
  readonly rows: AsyncGenerator<ReadRow>;
  readonly count: () => number;
} {
  let unchecked = 0;
  async function* pass(): AsyncGenerator<ReadRow> {
    for await (const row of rows) {
      if ('fields' in row && isUnchecked(row.fields)) unchecked += 1;
      yield row;
    }
  }
  return { rows: pass(), count: () => unchecked };
}

/** A start is held against the shapes of the product, as a look-up prefix and the text of a key are. */
function isUnchecked({ secret, start, shape, lookup_prefix }: Readonly<Record<string, unknown>>): boolean {
  return [secret, start, shape, lookup_prefix].every((value) => value === undefined);
}

/** @param keyType of the product; `undefined` if nobody said which product it is. */
export function describeUncheckedShapes(count: number, keyType: KeyType | undefined): string {
  const rows = count === 1 ? '1 row has' : `${count.toLocaleString('en')} rows have`;
  return `Look at the shapes: ${rows} neither start nor shape, so nothing tells what the keys look like. Such a key works only if its text ${shapesOf(keyType)}. Any other is imported, and is refused at each call.`;
}

function shapesOf(keyType: KeyType | undefined): string {
  const { prefix } = keyType?.format ?? { prefix: '' };
  const issued = `has the shape that the product issues${prefix === '' ? '' : ` (${prefix}…)`}`;
  if (keyType === undefined) return `${issued}, or one that its profile names in api_key.accepts`;
  const names = keyType.accepts?.map(({ name }) => name) ?? [];
  return names.length === 0
    ? `${issued}: the profile names no other in api_key.accepts`
    : `${issued}, or one of api_key.accepts: ${names.join(', ')}`;
}
