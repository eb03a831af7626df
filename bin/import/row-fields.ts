import { readValue } from './field-value.ts';
import type { ColumnChoices } from './source-row.ts';

/** Makes the fields of a row from its named values, and adds the defaults. */
export function makeFields(
  { defaults }: Pick<ColumnChoices, 'defaults'>,
  values: Iterable<readonly [field: string, value: unknown]>,
): Readonly<Record<string, unknown>> {
  // Without a prototype: a column may have any name.
  const fields: Record<string, unknown> = Object.create(null);
  for (const [field, value] of [...Object.entries(defaults), ...values]) {
    const read = readValue(field, value);
    if (read !== undefined) fields[field] = read;
  }
  return fields;
}
