/** A row of a file, as a key to import has its fields in the management API. It may be wrong. */
export interface SourceRow {
  /** Where the row begins. The first line is 1. */
  readonly line: number;
  readonly fields: Readonly<Record<string, unknown>>;
}

/** A row that cannot be read. `sentence` repeats nothing of it. */
export interface UnreadableRow {
  readonly line: number;
  readonly sentence: string;
}

export type ReadRow = SourceRow | UnreadableRow;

export const FORMATS = ['csv', 'jsonl'] as const;

export type Format = (typeof FORMATS)[number];

/** The columns and members that a file may have. `secret` is the text of a key, for an export that has no hashes. */
export const COLUMNS = [
  'hash',
  'secret',
  'algorithm',
  'encoding',
  'lookup_prefix',
  'start',
  'shape',
  'name',
  'description',
  'scopes',
  'created_by',
  'created_at',
  'expires_at',
  'allowed_cidrs',
  'rate_limit',
  'enabled',
  'external_id',
  'last_used_at',
] as const;

export type Column = (typeof COLUMNS)[number];

/** How the columns of a file become fields. */
export interface ColumnChoices {
  /** By field: the column that holds it, where the file calls it otherwise. */
  readonly renamed: Readonly<Partial<Record<Column, string>>>;
  /** Columns that are left out. */
  readonly ignored: ReadonlySet<string>;
  /** The values of fields that a row does not have. */
  readonly defaults: Readonly<Partial<Record<Column, string>>>;
}

/** Makes a function that says which field a column of the file is; `undefined` for one that is left out. */
export function fieldNames({ renamed, ignored }: ColumnChoices): (column: string) => string | undefined {
  const fields = new Map(Object.entries(renamed).map(([field, column]) => [column, field]));
  return (column) => {
    const field = fields.get(column);
    if (field !== undefined) return field;
    // The column that has the name of a renamed field holds something else.
    return ignored.has(column) || column in renamed ? undefined : column;
  };
}
