import { Ajv2020, type AnySchemaObject, type ValidateFunction } from 'ajv/dist/2020.js';
import type { Profile } from '../core/profile/profile.ts';
import { type ApiDescription, describeApi, type Operation } from '../openapi/describe-api.ts';
import { DESCRIPTION_PATH } from '../openapi/open-paths.ts';
import type { Response } from '../openapi/responses.ts';

/** An answer of the management API, as a test sees it. */
export interface SeenAnswer {
  readonly method: string;
  /** The path of the request, or the route that it went to. */
  readonly path: string;
  readonly status: number;
  /** `null` where the answer does not say. */
  readonly contentType: string | null;
  readonly body: unknown;
}

/** One product's description, ready to be compared with answers. */
interface Contract {
  readonly description: ApiDescription;
  readonly ajv: Ajv2020;
  readonly compiled: Map<string, ValidateFunction>;
}

/** All suites of a worker share this module, so each description is made and compiled once a process. */
const contracts = new Map<string, Contract>();

/** RFC 3339, as the API writes it. */
const DATE_TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;

/**
 * Compares an answer with the description of the API.
 * @throws where the description lacks the route, the status, the type of content, a field or a code.
 */
export function assertDescribed(profile: Profile, answer: SeenAnswer): void {
  const fault = faultOf(contractOf(profile), answer);
  if (fault === undefined) return;
  const { method, path, status, body } = answer;
  throw new Error(
    `${method} ${path} was answered ${status} ${JSON.stringify(body)}, which the description of the API lacks: ${fault}`,
  );
}

function contractOf(profile: Profile): Contract {
  const name = JSON.stringify(profile);
  const known = contracts.get(name);
  if (known !== undefined) return known;
  const description = describeApi(profile);
  const ajv = new Ajv2020({ strict: false, allErrors: true, formats: { 'date-time': DATE_TIME } });
  ajv.addSchema({ $id: 'api', components: description.components });
  const contract: Contract = { description, ajv, compiled: new Map() };
  contracts.set(name, contract);
  return contract;
}

function faultOf(contract: Contract, answer: SeenAnswer): string | undefined {
  const { status, contentType, body } = answer;
  const responses = responsesTo(contract.description, answer);
  const described = responses[status] ?? responses[`${Math.floor(status / 100)}XX`];
  if (described === undefined) return `no status ${status}`;
  const { content = {} } = resolve(contract.description, described);
  // API Gateway names a type of content for an empty body too.
  const isEmpty = body === null && (Object.keys(content).length === 0 || answer.method === 'HEAD');
  if (isEmpty) return undefined;
  const mediaType = contentType?.split(';')[0] ?? '';
  const schema = content[mediaType]?.schema;
  if (schema === undefined) return `no content of the type ${mediaType} with the status ${status}`;
  const validate = compile(contract, schema);
  return validate(body) ? undefined : contract.ajv.errorsText(validate.errors);
}

/** What API Gateway answers where the API has no such route. */
const NO_ROUTE: Readonly<Record<string, Response>> = {
  404: {
    description: 'There is no such route.',
    content: { 'application/json': { schema: { $ref: '#/components/schemas/NotFoundProblem' } } },
  },
};

function responsesTo({ paths }: ApiDescription, { method, path }: SeenAnswer): Operation['responses'] {
  // A fixed part of a path wins over a parameter, as in API Gateway.
  const [found] = Object.entries(paths)
    .filter(([template]) => matches(template, path))
    .sort(([one], [other]) => parametersIn(one) - parametersIn(other));
  const operation = found?.[1][method.toLowerCase()];
  if (operation !== undefined) return operation.responses;
  // A route that only API Gateway answers has the errors that every path has.
  const { 200: _, 304: __, ...errors } = paths[DESCRIPTION_PATH]?.get?.responses ?? {};
  return { ...errors, ...NO_ROUTE };
}

function parametersIn(template: string): number {
  return template.split('{').length;
}

/** A route also matches its own path, whose parameters stand in braces. */
function matches(template: string, path: string): boolean {
  const wanted = template.split('/');
  const given = path.split('/');
  return (
    wanted.length === given.length &&
    wanted.every((part, index) => (part.startsWith('{') ? given[index] !== '' : part === given[index]))
  );
}

function resolve({ components }: ApiDescription, response: Response | { readonly $ref: string }): Response {
  if (!('$ref' in response)) return response;
  const named = components.responses[response.$ref.split('/').at(-1) ?? ''];
  if (named === undefined) throw new Error(`The description refers to nothing: ${response.$ref}`);
  return named;
}

function compile({ ajv, compiled }: Contract, schema: object): ValidateFunction {
  const text = JSON.stringify(schema).replaceAll('"#/', '"api#/');
  const known = compiled.get(text);
  if (known !== undefined) return known;
  const validate = ajv.compile(JSON.parse(text) as AnySchemaObject);
  compiled.set(text, validate);
  return validate;
}
