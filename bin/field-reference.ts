import { toJsonSchema } from '@valibot/to-json-schema';
import type { GenericSchema } from 'valibot';

/** What is made from the schema that checks a file, so that neither editors nor readers are told other rules. */

/** A part of a JSON Schema, as far as such files use it. */
export interface JsonSchema {
  description?: string;
  readonly type?: string;
  readonly default?: unknown;
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly required?: readonly string[];
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly additionalProperties?: boolean | JsonSchema;
  items?: JsonSchema | JsonSchema[];
  additionalItems?: JsonSchema;
  readonly anyOf?: readonly JsonSchema[];
  readonly oneOf?: readonly JsonSchema[];
}

interface Field {
  readonly path: string;
  readonly part: JsonSchema;
  readonly isRequired: boolean;
}

/** A file that people write. */
export interface FileReference {
  /** What an editor calls it. */
  readonly title: string;
  readonly schema: () => JsonSchema;
  /** What each field says. `[]` is each value of a list, `*` each member of an object whose names are free. */
  readonly meanings: Readonly<Record<string, string>>;
  /** Where the meanings stand. */
  readonly source: string;
}

/** The JSON Schema of a file, for editors. */
export function editorSchemaOf(file: FileReference): object {
  const schema = describeFields(file.schema(), file);
  return { $schema: 'http://json-schema.org/draft-07/schema#', title: file.title, ...schema };
}

/** The table of every field of a file, in Markdown. */
export function fieldTableOf(file: FileReference): string {
  const fields = fieldsOf(describeFields(file.schema(), file));
  const rows = [...Map.groupBy(fields, ({ path }) => path)].map(([path, alternatives]) =>
    rowOf(path, alternatives),
  );
  return `| field | what it is | without it | what it says |
| --- | --- | --- | --- |
${rows.join('\n')}
`;
}

/** @param alternatives the same field, once for each choice that has it. */
function rowOf(path: string, alternatives: readonly Field[]): string {
  const shapes = new Set(alternatives.map(({ part }) => shapeOf(part)));
  const [{ part, isRequired } = { part: {}, isRequired: false }] = alternatives;
  return `| \`${path}\` | ${[...shapes].join(' or ')} | ${absenceOf(part, isRequired)} | ${part.description} |`;
}

/**
 * Writes what each field means into a schema.
 * @throws where a field has no meaning, or a meaning no field.
 */
function describeFields(schema: JsonSchema, { meanings, source }: FileReference): JsonSchema {
  withPlainLists(schema);
  const described = new Set<string>();
  for (const { path, part } of fieldsOf(schema)) {
    const meaning = meanings[path];
    if (meaning === undefined) throw new Error(`The field ${path} has no meaning in ${source}.`);
    part.description = meaning;
    described.add(path);
  }
  const stale = Object.keys(meanings).find((path) => !described.has(path));
  if (stale !== undefined) throw new Error(`There is no field ${stale} any more, which ${source} describes.`);
  return schema;
}

/** Rules that only a program can check are left out. */
export function jsonSchemaOf(schema: GenericSchema, typeMode: 'input' | 'output' = 'input'): JsonSchema {
  const { $schema: _, ...part } = toJsonSchema(schema, {
    errorMode: 'ignore',
    typeMode,
    // The templates of errors, which are objects of any shape.
    overrideSchema: ({ valibotSchema }) => (valibotSchema.type === 'custom' ? { type: 'object' } : undefined),
  });
  return part as JsonSchema;
}

/** A list of at least one is a list like others to editors, and not a first value and a rest. */
function withPlainLists(part: JsonSchema): void {
  if (Array.isArray(part.items)) {
    const [item] = part.items;
    if (item !== undefined) part.items = item;
    delete part.additionalItems;
  }
  for (const child of childrenOf(part)) withPlainLists(child);
}

function childrenOf({
  properties,
  items,
  additionalProperties,
  anyOf = [],
  oneOf = [],
}: JsonSchema): JsonSchema[] {
  const item = items === undefined || Array.isArray(items) ? [] : [items];
  const member = typeof additionalProperties === 'object' ? [additionalProperties] : [];
  return [...Object.values(properties ?? {}), ...item, ...member, ...anyOf, ...oneOf];
}

/** Every field that has a name, with the fields inside of it; those of a choice once for each alternative. */
function fieldsOf(part: JsonSchema, path = ''): Field[] {
  const { properties = {}, required = [], items, additionalProperties, oneOf = [] } = part;
  const inner = (at: string) => (path === '' ? at : `${path}.${at}`);
  const own = Object.entries(properties).flatMap(([name, child]) => [
    { path: inner(name), part: child, isRequired: required.includes(name) },
    ...fieldsOf(child, inner(name)),
  ]);
  const ofItems = items === undefined || Array.isArray(items) ? [] : fieldsOf(items, `${path}[]`);
  const ofMembers =
    typeof additionalProperties === 'object' ? fieldsOf(additionalProperties, inner('*')) : [];
  return [...own, ...ofItems, ...ofMembers, ...oneOf.flatMap((each) => fieldsOf(each, path))];
}

function shapeOf(part: JsonSchema): string {
  const { type, enum: values, const: value, minimum, maximum, items, minItems, maxItems, anyOf } = part;
  if (part.oneOf !== undefined || type === 'object') return 'an object';
  if (anyOf !== undefined) return anyOf.map(shapeOf).join(', or ');
  if (value !== undefined) return `\`"${value}"\``;
  if (values !== undefined)
    return values.map((each) => `\`${JSON.stringify(each)}\``).join(values.length > 4 ? ', ' : ' or ');
  if (type === 'integer') return `a whole number from ${minimum} to ${maximum}`;
  if (type === 'boolean') return '`true` or `false`';
  if (type !== 'array') return 'a text';
  const isOfObjects = !Array.isArray(items) && items?.type === 'object';
  return [
    `a list of ${isOfObjects ? 'objects' : 'texts'}`,
    ...(minItems === undefined ? [] : [`at least ${minItems}`]),
    ...(maxItems === undefined ? [] : [`at most ${maxItems}`]),
  ].join(', ');
}

function absenceOf({ default: standard }: JsonSchema, isRequired: boolean): string {
  if (isRequired) return 'refused';
  return standard === undefined ? 'allowed' : `\`${JSON.stringify(standard)}\``;
}
