import type * as v from 'valibot';
import { findClosestWord, hintOf } from '../text/closest-word.ts';
import { describeIssue, fieldsAt, LEFT_OUT } from '../text/invalid-input.ts';

type Path = readonly (string | number)[];

/** A mistake in the data of a profile. */
export type ProfileMistake = FieldMistake | Disagreement;

interface Mistake {
  /** Its place: names of members and positions in lists. Empty for the whole profile. */
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

/** The parts of a profile. A rule that compares parts needs parts that can be read. */
export type ProfilePart =
  | 'api_key'
  | 'console'
  | 'grants'
  | 'held_by'
  | 'implies'
  | 'issuing'
  | 'last_used'
  | 'mcp'
  | 'personal_access_tokens'
  | 'presentation'
  | 'public_routes'
  | 'rate_limits'
  | 'role_scopes'
  | 'routes'
  | 'scopes';

/** A mistake in how parts of a profile agree. */
export interface Disagreement extends Mistake {
  readonly kind: 'disagreement';
  /** The parts that disagree. */
  readonly between: readonly ProfilePart[];
}

/** Records a disagreement. The check goes on. */
export type Report = (disagreement: Omit<Disagreement, 'kind'>) => void;

/** Turns the issues of the schema into mistakes, each once. */
export function readIssues(schema: unknown, issues: readonly v.BaseIssue<unknown>[]): FieldMistake[] {
  const mistakes = issues.flatMap((issue) => readIssue(schema, issue));
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
function readIssue(schema: unknown, issue: v.BaseIssue<unknown>): FieldMistake[] {
  const steps = issue.path ?? [];
  const path = steps.map(({ key }) => key as string | number);
  // Valibot takes a list for an object, whose fields would then all be missing.
  const list = steps.findIndex(({ type, input }) => type === 'object' && Array.isArray(input));
  if (list !== -1) return [describeMistake('wrong', path.slice(0, list), 'an object')];
  if (issue.type === 'strict_object' && issue.expected === 'never') {
    const parent = path.slice(0, -1);
    const known = fieldsAt(schema, parent);
    const given = Object.keys((steps.at(-1) as { input?: object } | undefined)?.input ?? {});
    const unknown = new Set([...path.slice(-1), ...given.filter((name) => !known.includes(name))]);
    return [...unknown].map((name) => describeUnknown([...parent, name], known));
  }
  const isMissing = issue.type === 'strict_object' && issue.expected !== 'Object';
  return [describeMistake(isMissing ? 'missing' : 'wrong', path, describeIssue(issue).expected)];
}

function describeMistake(kind: 'missing' | 'wrong', path: Path, expected: string): FieldMistake {
  const where = path.length === 0 ? 'The profile' : `The profile's ${nameField(path)}`;
  return { kind, path, sentence: `${where} must be ${expected}.` };
}

function describeUnknown(path: Path, known: readonly string[]): FieldMistake {
  const name = path.at(-1);
  const meant = findClosestWord(name, known);
  const sentence = `The profile's ${nameField(path)} must be ${LEFT_OUT}${hintOf(name, known)}.`;
  return { kind: 'unknown', path, sentence, ...(meant !== undefined && { meant }) };
}

function nameField(path: Path): string {
  return path.join('.');
}

/** A profile with every required field. Its fields replace those that cannot be read. */
const STAND_IN: Readonly<Record<string, unknown>> = {
  name: 'stand-in',
  realm: 'stand-in',
  presentation: { kind: 'bearer' },
  api_key: { prefix: 'stand_in_', random_length: 30, checksum: true },
  issuing: { requires_name: false, requires_scopes: false },
};

type JsonObject = Readonly<Record<string, unknown>>;

/** The fields of a scope that can be replaced alone, and the part that then cannot be read. */
const OF_SCOPE: Readonly<Record<string, { readonly standIn: unknown; readonly part?: ProfilePart }>> = {
  description: { standIn: 'A scope' },
  grants: { standIn: [], part: 'grants' },
  implies: { standIn: [], part: 'implies' },
  held_by: { standIn: undefined, part: 'held_by' },
};

/**
 * Replaces the fields that cannot be read with harmless ones, so that all other rules can be checked too.
 * @returns the data, and the parts that no longer say what the file says.
 */
export function mendProfile(
  data: JsonObject,
  mistakes: readonly FieldMistake[],
): { readonly data: JsonObject; readonly mended: ReadonlySet<string> } {
  const mended = new Set<string>();
  const fields = copyOf(data);
  for (const mistake of mistakes) {
    const { path } = mistake;
    const [field = '', index, member] = path;
    if (mistake.kind === 'unknown') {
      removeAt(fields, path);
      if (mistake.meant !== undefined) mended.add(partOf([...path.slice(0, -1), mistake.meant]));
      continue;
    }
    const ofScope = field === 'scopes' && typeof member === 'string' ? OF_SCOPE[member] : undefined;
    const scope = ofScope && (fields.scopes as Record<string, unknown>[] | undefined)?.[Number(index)];
    if (scope !== undefined) {
      Object.assign(scope, { [String(member)]: ofScope?.standIn });
      mended.add(ofScope?.part ?? '');
      continue;
    }
    if (Object.hasOwn(STAND_IN, field)) fields[field] = STAND_IN[field];
    else delete fields[field];
    mended.add(String(field));
  }
  return { data: fields, mended };
}

/** The part that cannot be read when the field at a path cannot. */
function partOf([field = '', , member]: Path): string {
  const part = field === 'scopes' ? OF_SCOPE[String(member)]?.part : undefined;
  return part ?? String(field);
}

/** Data that cannot be copied is not JSON, and has mistakes enough. */
function copyOf(data: JsonObject): Record<string, unknown> {
  try {
    return structuredClone(data);
  } catch {
    return {};
  }
}

function removeAt(data: Record<string, unknown>, path: Path): void {
  let parent: unknown = data;
  for (const step of path.slice(0, -1)) parent = (parent as Record<string, unknown> | undefined)?.[step];
  if (typeof parent === 'object' && parent !== null)
    delete (parent as Record<string, unknown>)[String(path.at(-1))];
}
