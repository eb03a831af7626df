import type * as v from 'valibot';
import { findClosestWord, hintOf } from './closest-word.ts';
import { describeIssue, fieldsAt, LEFT_OUT } from './invalid-input.ts';

export type Path = readonly (string | number)[];

/** A mistake in data that people write into a file. */
export interface Mistake {
  /** Its place: names of members and positions in lists. Empty for the whole. */
  readonly path: Path;
  /** A whole sentence that names the field and says what it must be. */
  readonly sentence: string;
}

/** A mistake of one field. */
export type FieldMistake = UnknownField | (Mistake & { readonly kind: 'missing' | 'wrong' });

interface UnknownField extends Mistake {
  readonly kind: 'unknown';
  /** The field that was probably meant. */
  readonly meant?: string;
}

/** The data that has mistakes. */
export interface FlawedData {
  readonly schema: unknown;
  /** What the sentences call it, such as `profile`. */
  readonly subject: string;
}

/** Turns the issues of the schema into mistakes, each once. */
export function readIssues(issues: readonly v.BaseIssue<unknown>[], data: FlawedData): FieldMistake[] {
  const mistakes = issues.flatMap((issue) => readIssue(issue, data));
  const sentences = mistakes.map(({ sentence }) => sentence);
  return mistakes.filter(({ sentence }, index) => sentences.indexOf(sentence) === index);
}

/** Drops "must be given" for a field that is misspelt: the misspelling is one mistake, not two. */
export function dropMisspeltFields(mistakes: readonly FieldMistake[]): FieldMistake[] {
  const meant = mistakes.flatMap((mistake) =>
    mistake.kind === 'unknown' && mistake.meant !== undefined
      ? [nameField([...mistake.path.slice(0, -1), mistake.meant])]
      : [],
  );
  return mistakes.filter(({ kind, path }) => kind !== 'missing' || !meant.includes(nameField(path)));
}

/** The schema names only the first of several unknown fields in one object, so this looks for the others. */
function readIssue(issue: v.BaseIssue<unknown>, { schema, subject }: FlawedData): FieldMistake[] {
  const steps = issue.path ?? [];
  const path = steps.map(({ key }) => key as string | number);
  // Valibot takes a list for an object, whose fields would then all be missing.
  const list = steps.findIndex(({ type, input }) => type === 'object' && Array.isArray(input));
  if (list !== -1)
    return [describeMistake(subject, { kind: 'wrong', path: path.slice(0, list), expected: 'an object' })];
  if (issue.type === 'strict_object' && issue.expected === 'never') {
    const parent = path.slice(0, -1);
    const known = fieldsAt(schema, parent);
    const given = Object.keys((steps.at(-1) as { input?: object } | undefined)?.input ?? {});
    const unknown = new Set([...path.slice(-1), ...given.filter((name) => !known.includes(name))]);
    return [...unknown].map((name) => describeUnknown(subject, [...parent, name], known));
  }
  const isMissing = issue.type === 'strict_object' && issue.expected !== 'Object';
  const { expected } = describeIssue(issue);
  return [describeMistake(subject, { kind: isMissing ? 'missing' : 'wrong', path, expected })];
}

function describeMistake(
  subject: string,
  { kind, path, expected }: { kind: 'missing' | 'wrong'; path: Path; expected: string },
): FieldMistake {
  const where = path.length === 0 ? `The ${subject}` : `The ${subject}'s ${nameField(path)}`;
  return { kind, path, sentence: `${where} must be ${expected}.` };
}

function describeUnknown(subject: string, path: Path, known: readonly string[]): FieldMistake {
  const name = path.at(-1);
  // Of several kinds of an object, only one has the field.
  if (typeof name === 'string' && known.includes(name))
    return {
      kind: 'unknown',
      path,
      sentence: `The ${subject}'s ${nameField(path)} must be left out, since it is for another kind.`,
    };
  const meant = findClosestWord(name, known);
  const sentence = `The ${subject}'s ${nameField(path)} must be ${LEFT_OUT}${hintOf(name, known)}.`;
  return { kind: 'unknown', path, sentence, ...(meant !== undefined && { meant }) };
}

function nameField(path: Path): string {
  return path.join('.');
}
