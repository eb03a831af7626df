import type { BaseIssue } from 'valibot';
import { closestWord, hintOf } from './closest-word.ts';
import { describeIssue, type InvalidInput } from './invalid.ts';

/** What a schema of valibot is made of, as far as fields stand in it. */
interface SchemaPart {
  readonly wrapped?: SchemaPart;
  readonly item?: SchemaPart;
  readonly entries?: Readonly<Record<string, SchemaPart>>;
}

/** As {@link describeIssue}, and says for a field that is not known, or missing, how it would be spelled. */
export function describeFieldIssue(issue: BaseIssue<unknown>, schema: object): InvalidInput {
  const described = describeIssue(issue);
  const last = issue.path?.at(-1);
  if (issue.type !== 'strict_object' || last?.type !== 'object' || last.origin !== 'key') return described;
  const known = fieldsAt(schema, issue.path?.slice(0, -1).map(({ key }) => key) ?? []);
  if (issue.expected === 'never')
    return { ...described, expected: described.expected + hintOf(last.key, known) };
  const isMisspelt = Object.keys(last.input).some(
    (name) => !known.includes(name) && closestWord(name, known) === last.key,
  );
  return isMisspelt
    ? { ...described, expected: `${described.expected}, in exactly this spelling` }
    : described;
}

/** The names of the fields of the object at a path. */
function fieldsAt(schema: SchemaPart, path: readonly unknown[]): string[] {
  let part: SchemaPart | undefined = unwrapped(schema);
  for (const key of path) part = unwrapped(part?.entries?.[String(key)] ?? part?.item);
  return Object.keys(part?.entries ?? {});
}

/** Without what says that it is optional, or may be null. */
function unwrapped(schema: SchemaPart | undefined): SchemaPart | undefined {
  let part = schema;
  while (part?.wrapped !== undefined) part = part.wrapped;
  return part;
}
