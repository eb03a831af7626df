import type { BaseIssue } from 'valibot';
import { closestWord, hintOf } from './closest-word.ts';
import { describeIssue, type InvalidInput } from './invalid-input.ts';
import { fieldsAt } from './schema-fields.ts';

/** More unknown names than these are no slip of the hand, and comparing them all would take long. */
const MOST_COMPARED = 20;

/** As {@link describeIssue}, and says for a field that is not known, or missing, how it would be spelled. */
export function describeFieldIssue(issue: BaseIssue<unknown>, schema: object): InvalidInput {
  const described = describeIssue(issue);
  const last = issue.path?.at(-1);
  if (issue.type !== 'strict_object' || last?.type !== 'object' || last.origin !== 'key') return described;
  const known = fieldsAt(schema, issue.path?.slice(0, -1).map(({ key }) => key) ?? []);
  if (issue.expected === 'never')
    return { ...described, expected: described.expected + hintOf(last.key, known) };
  const unknown = Object.keys(last.input).filter((name) => !known.includes(name));
  const isMisspelt = unknown.slice(0, MOST_COMPARED).some((name) => closestWord(name, known) === last.key);
  return isMisspelt
    ? { ...described, expected: `${described.expected}, in exactly this spelling` }
    : described;
}
