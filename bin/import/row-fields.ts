import { readValue } from './field-value.ts';
import type { ColumnChoices, ReadRow } from './source-row.ts';

const NO_SCOPES =
  'Its scopes are empty, and a key without scopes may do everything. Name its scopes in the row, or those of all such rows with --scopes; leave the column out where keys shall do everything.';

/** Makes a row from its named values, and adds the defaults. */
export function makeRow(
  { defaults }: Pick<ColumnChoices, 'defaults'>,
  {
    line,
    values,
  }: { readonly line: number; readonly values: Iterable<readonly [field: string, value: unknown]> },
): ReadRow {
  // Without a prototype: a column may have any name.
  const fields: Record<string, unknown> = Object.create(null);
  let hasEmptyScopes = false;
  for (const [field, value] of [...Object.entries(defaults), ...values]) {
    const read = readValue(field, value);
    if (field === 'scopes' && isEmpty(read)) hasEmptyScopes = true;
    else if (read !== undefined) fields[field] = read;
  }
  // An export writes an empty list for a key that may do nothing. The API takes it for all scopes.
  return hasEmptyScopes && fields.scopes === undefined ? { line, sentence: NO_SCOPES } : { line, fields };
}

function isEmpty(value: unknown): boolean {
  return value === undefined || (Array.isArray(value) && value.length === 0);
}
