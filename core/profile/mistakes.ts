import type { FieldMistake, Mistake, Path } from '../text/field-mistakes.ts';

/** A mistake in the data of a profile. */
export type ProfileMistake = FieldMistake | Disagreement;

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
