import * as v from 'valibot';
import { type JsonSchema, refTo } from './json-schema.ts';
import { describeProblem, exampleProblem, type ProblemCode, problemName } from './problems.ts';

/** One answer of an operation. */
export interface Response {
  readonly description: string;
  readonly headers?: object;
  readonly content?: Readonly<Record<string, { readonly schema: JsonSchema; readonly example?: object }>>;
}

/** API Gateway's own answer to a request that is too long for it. Nobody can give it another body. */
export const TOO_LONG = v.strictObject({ message: v.string() });

const GATEWAY_TYPE = 'application/json';
const FUNCTION_TYPE = 'application/problem+json';

/** The errors of an operation by their statuses, as references to {@link errorComponents}. */
export function referToErrors(
  codes: readonly ProblemCode[],
): Readonly<Record<string, { readonly $ref: string }>> {
  const errors = errorsOf(codes).map(({ status, name }) => [
    status,
    { $ref: `#/components/responses/${name}` },
  ]);
  return Object.fromEntries(errors);
}

/** Describes every error once. @param operations the codes of each operation. */
export function errorComponents(
  operations: readonly (readonly ProblemCode[])[],
): Readonly<Record<string, Response>> {
  return Object.fromEntries(operations.flatMap(errorsOf).map(({ name, response }) => [name, response]));
}

interface ErrorOfStatus {
  readonly status: string;
  /** Among the components of the document: the codes that the status may come with. */
  readonly name: string;
  readonly response: Response;
}

function errorsOf(codes: readonly ProblemCode[]): readonly ErrorOfStatus[] {
  const byStatus = new Map<string, ProblemCode[]>([['413', []]]);
  for (const code of codes)
    for (const status of describeProblem(code).statuses)
      byStatus.set(String(status), [...(byStatus.get(String(status)) ?? []), code]);
  return [...byStatus].map(([status, found]) => {
    const name = found.map(problemName).join('Or') || 'RequestTooLong';
    return {
      status,
      name,
      response: status === '413' ? describeTooLarge(found) : describeError(status, found),
    };
  });
}

function describeError(status: string, codes: readonly ProblemCode[]): Response {
  const ofFunction = codes.filter((code) => describeProblem(code).sources.includes('function'));
  const ofGateway = codes.filter((code) => describeProblem(code).sources.includes('gateway'));
  const headers = headersOf(status);
  return {
    description: codes.map((code) => `\`${code}\`: ${describeProblem(code).detail}`).join(' '),
    ...(headers !== undefined && { headers }),
    content: {
      ...(ofFunction.length > 0 && { [FUNCTION_TYPE]: contentOf(ofFunction) }),
      ...(ofGateway.length > 0 && { [GATEWAY_TYPE]: contentOf(ofGateway) }),
    },
  };
}

function describeTooLarge(codes: readonly ProblemCode[]): Response {
  const gateway = { [GATEWAY_TYPE]: { schema: { $ref: refTo('RequestTooLong') } } };
  if (codes.length === 0)
    return { description: 'The request is too long for API Gateway.', content: gateway };
  const { description, content } = describeError('413', codes);
  return { description, content: { ...content, ...gateway } };
}

function contentOf(codes: readonly ProblemCode[]) {
  const [first] = codes;
  const refs = codes.map((code) => ({ $ref: refTo(problemName(code)) }));
  const [only] = refs;
  const schema: JsonSchema = refs.length === 1 && only !== undefined ? only : { oneOf: refs };
  return { schema, ...(first !== undefined && { example: exampleProblem(first) }) };
}

function headersOf(status: string): object | undefined {
  const text = { type: 'string' };
  if (status === '401')
    return {
      'WWW-Authenticate': { description: 'Where API Gateway refuses: what it asks for.', schema: text },
    };
  if (status === '429' || status === '503')
    return {
      'Retry-After': { description: 'In how many seconds to try again.', schema: { type: 'integer' } },
    };
  return undefined;
}
