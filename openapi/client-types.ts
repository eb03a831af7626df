import { isRepeatable } from '../core/management/route-path.ts';
import type { ApiDescription } from './describe-api.ts';
import { describeEveryProduct, STAND_INS } from './every-product.ts';
import type { JsonSchema } from './json-schema.ts';
import { type Parameter, resolveParameter } from './parameters.ts';
import { PROBLEM_CODES } from './problems.ts';
import { commentOf, typeOf } from './type-text.ts';

/** What the client has no method for: a deployment's own description. */
const WITHOUT_METHOD: ReadonlySet<string> = new Set(['GET /openapi.json']);

const NAMES: ReadonlySet<string> = new Set(Object.values(STAND_INS));

/** An operation, as far as its types go. */
interface Described {
  readonly summary: string;
  readonly description?: string;
  readonly parameters?: readonly Parameter[];
  readonly requestBody?: { readonly content: Contents };
  readonly responses: Readonly<Record<string, { readonly content?: Contents }>>;
  readonly security: readonly object[];
}

type Contents = Readonly<Record<string, { readonly schema: JsonSchema }>>;

/**
 * Writes the types of the client, and what it has to know of each operation, from one description of every product.
 * @returns the source of `client/api.ts`, before it is formatted.
 * @see docs/decisions/0035-typed-client.md
 */
export function writeClientTypes(description: ApiDescription = describeEveryProduct()): string {
  const { schemas } = description.components;
  const operations = operationsOf(description);
  const posts = operations.filter(({ method }) => method === 'POST');
  return [
    '/** `npm run api-client-types` writes this file, from the description of the management API. */\n',
    ...Object.entries(schemas)
      .filter(([name]) => !/Problem$|^RequestTooLong$|^Nothing$/.test(name))
      .map(([name, schema]) => `export type ${name} = ${typeOf(schema, NAMES)};\n`),
    '/** What a problem of the API is called, for programs. `docs/problems.md` says what to do about each. */',
    `export type ProblemCode = ${Object.keys(PROBLEM_CODES).map(quote).join(' | ')};\n`,
    '/** What each operation takes, by the names of its parameters and fields, and what it answers. */',
    `export interface Operations {\n${operations.map((operation) => writeOperation(operation, schemas)).join('\n')}\n}\n`,
    '/** Sending these twice does no more than sending them once. */',
    listOf(
      'REPEATABLE_POSTS',
      posts.filter(({ path }) => isRepeatable('POST', path)),
    ),
    '/** Sending these twice with one `Idempotency-Key` does no more than sending them once. */',
    listOf('KEYED_POSTS', posts.filter(takesKey)),
    '/** Sending these needs no credential. */',
    listOf(
      'PUBLIC_POSTS',
      posts.filter(({ described }) => described.security.length === 0),
    ),
  ].join('\n');
}

interface NamedOperation {
  readonly name: string;
  readonly method: string;
  readonly path: string;
  readonly described: Described;
}

function operationsOf({ paths, components }: ApiDescription): readonly NamedOperation[] {
  return Object.entries(paths)
    .flatMap(([path, operations]) =>
      Object.entries(operations).map(([verb, described]) => {
        const method = verb.toUpperCase();
        const parameters = described.parameters?.map((one) => resolveParameter(one, components.parameters));
        return {
          name: `${method} ${path}`,
          method,
          path,
          described: { ...described, ...(parameters && { parameters }) } as Described,
        };
      }),
    )
    .filter(({ name }) => !WITHOUT_METHOD.has(name));
}

type Schemas = ApiDescription['components']['schemas'];

function writeOperation({ name, described }: NamedOperation, schemas: Schemas): string {
  const { summary, description } = described;
  const comment = description === undefined ? `${summary}.` : `${summary}. ${description}`;
  const fields = `readonly fields: ${fieldsOf(described, schemas)};`;
  const answer = `readonly answer: ${answerOf(described)};`;
  return `${commentOf(comment, NAMES)}${quote(name)}: {\n${fields}\n${answer}\n};`;
}

/** One object holds the parameters of the path, and those of the query or the fields of the body. */
function fieldsOf({ parameters = [], requestBody }: Described, schemas: Schemas): string {
  const inUrl = parameters.filter((parameter) => parameter.in === 'path' || parameter.in === 'query');
  const schema = requestBody?.content['application/json']?.schema;
  const body = schema === undefined ? 'Nothing' : typeOf(schema, NAMES);
  if (body !== 'Nothing') assertApart(inUrl, { body, schema: schemas[body] });
  const properties = Object.fromEntries(
    inUrl.map(({ name, description, schema: type }) => [name, { ...type, description }]),
  );
  const required = inUrl.filter((parameter) => parameter.required).map(({ name }) => name);
  const own = typeOf({ type: 'object', properties, required }, NAMES);
  if (body === 'Nothing') return own;
  return inUrl.length === 0 ? body : `${own} & ${body}`;
}

/** The client puts the fields of one object where they belong, by their names and the method. */
function assertApart(
  inUrl: readonly Parameter[],
  { body, schema }: { readonly body: string; readonly schema: JsonSchema | undefined },
): void {
  const both = inUrl.find(
    (parameter) => parameter.in === 'query' || parameter.name in Object(schema?.properties),
  );
  if (both !== undefined)
    throw new Error(`${body} stands beside the parameter ${both.name}: tell them apart.`);
}

function answerOf({ responses }: Described): string {
  const answers = Object.entries(responses).flatMap(([status, { content }]) => {
    const schema = content?.['application/json']?.schema;
    return status.startsWith('2') && schema !== undefined ? [typeOf(schema, NAMES)] : [];
  });
  return [...new Set(answers)].join(' | ');
}

function takesKey({ described }: NamedOperation): boolean {
  return described.parameters?.some(({ name }) => name === 'Idempotency-Key') ?? false;
}

function listOf(constant: string, operations: readonly NamedOperation[]): string {
  const names = operations.map(({ name }) => quote(name)).join(', ');
  return `export const ${constant} = [${names}] as const satisfies readonly (keyof Operations)[];\n`;
}

function quote(text: string): string {
  return `'${text}'`;
}
