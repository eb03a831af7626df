import { type ConversionConfig, toJsonSchema, toJsonSchemaDefs } from '@valibot/to-json-schema';
import type { GenericSchema } from 'valibot';

/** JSON Schemas (2020-12, as OpenAPI 3.1 has them) of the schemas that check requests and give answers their types. */

export type JsonSchema = Readonly<Record<string, unknown>>;

const CONFIG: ConversionConfig = {
  target: 'draft-2020-12',
  // What a caller sends, and not what a function makes of it.
  typeMode: 'input',
  // A check that JSON Schema has no word for is described by its message.
  errorMode: 'ignore',
  overrideSchema: ({ valibotSchema, jsonSchema }) => {
    // JSON Schema has no empty enumeration.
    if ('options' in valibotSchema && isEmptyList(valibotSchema.options)) return { not: {} };
    return describeBy(valibotSchema, jsonSchema);
  },
  overrideAction: ({ valibotAction, jsonSchema }) =>
    valibotAction.type === 'check' ? describeBy(valibotAction, jsonSchema) : undefined,
  overrideRef: ({ referenceId }) => refTo(referenceId),
};

/** @returns the reference to a schema among the components of the document. */
export function refTo(name: string): string {
  return `#/components/schemas/${name}`;
}

/** Converts schemas that refer to each other by their names. */
export function convertAll(schemas: Readonly<Record<string, GenericSchema>>): Record<string, JsonSchema> {
  const converted = Object.entries(toJsonSchemaDefs({ ...schemas }, CONFIG));
  return Object.fromEntries(converted.map(([name, schema]) => [name, tidy(schema) as JsonSchema]));
}

/** Converts the schema of one query parameter. */
export function convert(schema: GenericSchema): JsonSchema {
  const { $schema: _, ...converted } = tidy(toJsonSchema(schema, CONFIG)) as JsonSchema;
  return converted;
}

type Converted = ReturnType<NonNullable<ConversionConfig['overrideSchema']>>;

/** The messages of requests complete "must be …". Those that depend on the input say nothing of the field in general. */
function describeBy(part: object, converted: NonNullable<Converted>): Converted {
  const message = 'message' in part ? part.message : undefined;
  return typeof message === 'string' ? { ...converted, description: `Must be ${message}.` } : undefined;
}

function isEmptyList(value: unknown): boolean {
  return Array.isArray(value) && value.length === 0;
}

/** Leaves out fields that a product does not have, and lets lists of nothing be empty. */
function tidy(part: unknown): unknown {
  if (Array.isArray(part)) return part.map(tidy);
  if (typeof part !== 'object' || part === null) return part;
  const tidied = Object.entries(part).map(([name, value]) => [name, tidy(value)] as const);
  const { items, ...others } = Object.fromEntries(
    tidied.map(([name, value]) => [name, name === 'properties' ? possibleOf(value) : value]),
  );
  if (items === undefined) return others;
  return isImpossible(items) ? { ...others, maxItems: 0 } : { ...others, items };
}

function possibleOf(properties: unknown): object {
  return Object.fromEntries(
    Object.entries(properties as object).filter(([, property]) => !isImpossible(property)),
  );
}

function isImpossible(schema: unknown): boolean {
  return typeof schema === 'object' && schema !== null && 'not' in schema;
}
