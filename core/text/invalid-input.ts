import { type BaseIssue, getDotPath } from 'valibot';
import { findClosestWord, hintOf } from './closest-word.ts';

/** An invalid field of an input, and what it must be. It never repeats the input itself. */
export interface InvalidInput {
  /** A dotted path such as `rate_limit.limit`; `body` for the whole input. */
  readonly field: string;
  /** Completes "must be …", without a full stop. */
  readonly expected: string;
}

/** The expectation for an unknown field. */
export const LEFT_OUT = 'left out, since no such field is known';

/** Turns an issue of a valibot schema into the parts of one sentence. The schema's messages say what was expected. */
export function describeIssue(issue: BaseIssue<unknown>): InvalidInput {
  const field = getDotPath(issue) ?? 'body';
  if (issue.type !== 'strict_object') return { field, expected: issue.message };
  if (issue.expected === 'never') return { field, expected: LEFT_OUT };
  if (issue.expected === 'Object') return { field, expected: 'an object' };
  return { field, expected: 'given' };
}

/** More unknown names than these are not typing errors, and comparing them all would take long. */
const MOST_COMPARED = 20;

/** As {@link describeIssue}, and says how an unknown or missing field is spelled. */
export function describeFieldIssue(issue: BaseIssue<unknown>, schema: object): InvalidInput {
  const described = describeIssue(issue);
  const last = issue.path?.at(-1);
  if (issue.type !== 'strict_object' || last?.type !== 'object' || last.origin !== 'key') return described;
  const known = fieldsAt(schema, issue.path?.slice(0, -1).map(({ key }) => key) ?? []);
  if (issue.expected === 'never')
    return { ...described, expected: described.expected + hintOf(last.key, known) };
  const unknown = Object.keys(last.input).filter((name) => !known.includes(name));
  const isMisspelt = unknown
    .slice(0, MOST_COMPARED)
    .some((name) => findClosestWord(name, known) === last.key);
  return isMisspelt
    ? { ...described, expected: `${described.expected}, in exactly this spelling` }
    : described;
}

/** The parts of valibot's schemas of objects, lists, records and unions that hold names of fields. */
interface SchemaPart {
  readonly entries?: Readonly<Record<string, unknown>>;
  readonly item?: unknown;
  readonly value?: unknown;
  readonly options?: readonly unknown[];
}

/** Lists the fields that a schema has at a path. Of a union it lists the fields of every option. */
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

/** The schema inside its wrappers: not optional, and without the checks that follow it. */
function unwrapSchema(schema: unknown): SchemaPart {
  const { wrapped, pipe = [] } = schema as { wrapped?: unknown; pipe?: readonly { kind: string }[] };
  const inner = wrapped ?? pipe.findLast(({ kind }) => kind === 'schema');
  return inner === undefined ? (schema as SchemaPart) : unwrapSchema(inner);
}

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export type JsonObject = Readonly<Record<string, unknown>>;
