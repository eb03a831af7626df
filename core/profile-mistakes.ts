import type * as v from 'valibot';
import { didYouMean } from './closest-word.ts';
import { describeIssue, type ProfileMistake } from './invalid.ts';
import { fieldsAt } from './schema-fields.ts';

type Path = ProfileMistake['path'];

/** What a profile says, part by part: rules that compare parts are only tried on parts that can be read. */
export type ProfilePart =
  | 'api_key'
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
export interface Disagreement extends ProfileMistake {
  /** The parts that it was found in. */
  readonly between: readonly ProfilePart[];
}

/** Takes note of a mistake and goes on. */
export type Report = (disagreement: Disagreement) => void;

/** What an issue of the schema means. Of several unknown fields in one object the schema names the first only. */
export function mistakesOf(schema: unknown, issue: v.BaseIssue<unknown>): ProfileMistake[] {
  const path = (issue.path ?? []).map(({ key }) => key as string | number);
  if (issue.type === 'strict_object' && issue.expected === 'never') {
    const parent = path.slice(0, -1);
    const known = fieldsAt(schema, parent);
    const given = Object.keys((issue.path?.at(-1) as { input?: object } | undefined)?.input ?? {});
    const unknown = new Set([...path.slice(-1), ...given.filter((name) => !known.includes(name))]);
    return [...unknown].map((name) => unknownField([...parent, name], known));
  }
  const { field, expected } = describeIssue(issue);
  const where = path.length === 0 ? 'The profile' : `The profile's ${field}`;
  return [{ path, sentence: `${where} must be ${expected}.` }];
}

const UNKNOWN = 'must be left out, since no such field is known';

function unknownField(path: Path, known: readonly string[]): ProfileMistake {
  const meant = didYouMean(path.at(-1), known);
  return { path, sentence: `The profile's ${path.join('.')} ${UNKNOWN}${meant}` };
}

/** A profile that has every field it needs, to stand in for parts that cannot be read. */
const STAND_IN: Readonly<Record<string, unknown>> = {
  name: 'stand-in',
  realm: 'stand-in',
  presentation: { kind: 'bearer' },
  api_key: { prefix: 'stand_in_', random_length: 30, checksum: true },
  issuing: { requires_name: false, requires_scopes: false },
};

type JsonObject = Readonly<Record<string, unknown>>;

/** What of a scope may be missing without taking the others along, and the part that cannot be read then. */
const OF_SCOPE: Readonly<Record<string, { readonly standIn: unknown; readonly part?: ProfilePart }>> = {
  description: { standIn: 'A scope' },
  grants: { standIn: [], part: 'grants' },
  implies: { standIn: [], part: 'implies' },
  held_by: { standIn: undefined, part: 'held_by' },
};

/**
 * Puts something harmless in the place of what cannot be read, so that all other rules can be tried as well.
 * @returns the data, and the parts that are no longer what the file says.
 */
export function mendProfile(
  data: JsonObject,
  mistakes: readonly ProfileMistake[],
): { readonly data: JsonObject; readonly mended: ReadonlySet<string> } {
  const mended = new Set<string>();
  const fields = copyOf(data);
  for (const { path, sentence } of mistakes) {
    const [field = '', index, member] = path;
    if (sentence.includes(UNKNOWN)) {
      removeAt(fields, path);
      // What was meant by an unknown field is missing, and no second mistake.
      mended.add(/did you mean (\w+)\?$/.exec(sentence)?.[1] ?? '');
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

/** What is no JSON, and cannot be copied, has mistakes enough. */
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
