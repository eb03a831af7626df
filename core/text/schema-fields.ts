/** What valibot's schemas of objects, lists, records and choices have in common, as far as names of fields stand in them. */
interface SchemaPart {
  readonly entries?: Readonly<Record<string, unknown>>;
  readonly item?: unknown;
  readonly value?: unknown;
  readonly options?: readonly unknown[];
}

/** Lists the fields that a schema has at a path. Of a choice it lists the fields of every option. */
export function fieldsAt(schema: unknown, path: readonly unknown[]): string[] {
  const part = unwrapSchema(schema);
  const [step, ...rest] = path;
  if (step === undefined) return fieldsOf(part);
  const next = part.entries?.[String(step)] ?? part.item ?? part.value;
  if (next !== undefined) return fieldsAt(next, rest);
  const option = part.options?.find((each) => unwrapSchema(each).entries?.[String(step)] !== undefined);
  return option === undefined ? [] : fieldsAt(option, path);
}

function fieldsOf({ entries = {}, options = [] }: SchemaPart): string[] {
  return [
    ...new Set([...Object.keys(entries), ...options.flatMap((option) => fieldsOf(unwrapSchema(option)))]),
  ];
}

/** The schema without what makes it optional and without the checks that follow it. */
function unwrapSchema(schema: unknown): SchemaPart {
  const { wrapped, pipe = [] } = schema as { wrapped?: unknown; pipe?: readonly { kind: string }[] };
  const inner = wrapped ?? pipe.findLast(({ kind }) => kind === 'schema');
  return inner === undefined ? (schema as SchemaPart) : unwrapSchema(inner);
}
