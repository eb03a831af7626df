import type { JsonSchema } from './json-schema.ts';

/** Writes JSON Schemas as types of TypeScript. It knows the keywords that the description uses, and refuses others. */

/** What says nothing about the type. Descriptions are written where there is a place for them. */
const WITHOUT_TYPE: ReadonlySet<string> = new Set([
  ...['title', 'description', 'default', 'examples', 'format', 'pattern', 'propertyNames'],
  ...['minLength', 'maxLength', 'minItems', 'maxItems', 'uniqueItems', 'minimum', 'maximum'],
]);

const KNOWN: ReadonlySet<string> = new Set([
  ...['$ref', 'const', 'enum', 'anyOf', 'oneOf', 'type', 'items'],
  ...['properties', 'required', 'additionalProperties'],
]);

/** @param names the values that stand for all names of their kind, and so for any text. */
export function typeOf(schema: JsonSchema, names: ReadonlySet<string>): string {
  const unknown = Object.keys(schema).find((keyword) => !KNOWN.has(keyword) && !WITHOUT_TYPE.has(keyword));
  if (unknown !== undefined) throw new Error(`Say how ${unknown} is written as a type.`);
  if (typeof schema.$ref === 'string') return schema.$ref.split('/').at(-1) ?? '';
  if ('const' in schema) return literal(schema.const, names);
  if (Array.isArray(schema.enum)) return union(schema.enum.map((value) => literal(value, names)));
  const choices = schema.anyOf ?? schema.oneOf;
  if (Array.isArray(choices)) return union(choices.map((choice: JsonSchema) => typeOf(choice, names)));
  return typeOfKind(schema, names);
}

/** @returns the comment that says what something is, or nothing where there is nothing to say of every product. */
export function commentOf(text: unknown, names: ReadonlySet<string>): string {
  if (typeof text !== 'string' || [...names].some((name) => text.includes(name))) return '';
  return `/** ${text.replaceAll('*/', '* /')} */\n`;
}

function typeOfKind(schema: JsonSchema, names: ReadonlySet<string>): string {
  switch (schema.type) {
    case 'string':
    case 'boolean':
    case 'null':
      return schema.type;
    case 'number':
    case 'integer':
      return 'number';
    case 'array':
      // Lists of nothing are without items.
      return `readonly (${schema.items === undefined ? 'never' : typeOf(schema.items as JsonSchema, names)})[]`;
    case 'object':
      return objectType(schema, names);
    default:
      throw new Error(`Say how the type ${schema.type} is written.`);
  }
}

function objectType(schema: JsonSchema, names: ReadonlySet<string>): string {
  const properties = Object.entries((schema.properties ?? {}) as Readonly<Record<string, JsonSchema>>);
  const { additionalProperties: others } = schema;
  if (properties.length === 0 && typeof others === 'object' && others !== null)
    return `Readonly<Record<string, ${typeOf(others as JsonSchema, names)}>>`;
  const required = new Set(schema.required as readonly string[] | undefined);
  const fields = properties.map(([name, property]) => {
    const type = typeOf(property, names);
    const field = required.has(name) ? `${name}: ${type}` : `${name}?: ${type} | undefined`;
    return `${commentOf(property.description, names)}readonly ${field};`;
  });
  return fields.length === 0 ? 'Readonly<Record<string, never>>' : `{\n${fields.join('\n')}\n}`;
}

function literal(value: unknown, names: ReadonlySet<string>): string {
  return typeof value === 'string' && names.has(value) ? 'string' : JSON.stringify(value);
}

function union(types: readonly string[]): string {
  return [...new Set(types)].join(' | ');
}
