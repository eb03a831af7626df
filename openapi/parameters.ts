import { KEY_STATUSES } from '../core/credential/credential.ts';
import type { Profile } from '../core/profile/profile.ts';
import { eventFilters } from '../lambdas/management/events/events.ts';
import {
  choiceField,
  externalIdFilter,
  integerField,
  knownUserIdField,
} from '../lambdas/management/http/field.ts';
import { DEFAULT_PAGE, LONGEST_PAGE } from '../lambdas/management/http/page.ts';
import { EXAMPLE_IDS } from './examples.ts';
import { convert, type JsonSchema } from './json-schema.ts';
import type { OperationDescription } from './operation.ts';

export interface Parameter {
  readonly name: string;
  readonly in: 'path' | 'query' | 'header';
  readonly required: boolean;
  readonly description: string;
  readonly schema: JsonSchema;
  readonly example?: string;
}

/** Names a parameter among the components of the document. */
export interface ParameterReference {
  readonly $ref: `${typeof COMPONENTS}${string}`;
}

const COMPONENTS = '#/components/parameters/';

const PATH_PARAMETERS: Readonly<Record<string, Parameter>> = {
  workspace: inPath('workspace', 'The slug of the workspace.', 'acme'),
  key: inPath('key', 'The id of the key.', EXAMPLE_IDS.key),
  token: inPath('token', 'The id of the token.', EXAMPLE_IDS.token),
  invitation: inPath('invitation', 'The id of the invitation.', EXAMPLE_IDS.invitation),
  user_id: inPath('user_id', 'The id of the user.', EXAMPLE_IDS.user),
};

/** Parameters that do not stand in paths, and that several operations have. */
const COMMON = {
  limit: query('limit', 'How many things a page holds at most.', {
    ...convert(integerField(1, LONGEST_PAGE)),
    default: DEFAULT_PAGE,
  }),
  cursor: query('cursor', 'The `next_cursor` of an earlier page.', { type: 'string', minLength: 1 }),
  'Idempotency-Key': {
    name: 'Idempotency-Key',
    in: 'header',
    required: false,
    description:
      'A text of your own, new for each thing to make. Sent again by the same caller within 24 hours, it makes nothing twice: the answer is `already_done`.',
    schema: { type: 'string', pattern: '^[!-~]{1,255}$' },
    example: '8f14e45f-ceea-4c6a-9d3b-5d1c0f7a2b11',
  },
} as const satisfies Readonly<Record<string, Parameter>>;

/**
 * Describes once every parameter that operations refer to.
 * @param paths of all operations.
 */
export function parameterComponents(paths: readonly string[]): Readonly<Record<string, Parameter>> {
  const used = new Set(paths.flatMap(parameterNames));
  const inPaths = Object.entries(PATH_PARAMETERS).filter(([name]) => used.has(name));
  return { ...Object.fromEntries(inPaths), ...COMMON };
}

/** @returns the parameter itself. @param described the `components.parameters` of the document. */
export function resolveParameter(
  parameter: Parameter | ParameterReference,
  described: Readonly<Record<string, Parameter>>,
): Parameter {
  if (!('$ref' in parameter)) return parameter;
  const found = described[parameter.$ref.slice(COMPONENTS.length)];
  if (found === undefined) throw new Error(`The document has no parameter ${parameter.$ref}.`);
  return found;
}

/** @throws for a parameter of a path that nobody has described. */
export function pathParametersOf(path: string): readonly ParameterReference[] {
  return parameterNames(path).map((name) => {
    if (!(name in PATH_PARAMETERS)) throw new Error(`Describe the parameter ${name} of ${path}.`);
    return referTo(name);
  });
}

function parameterNames(path: string): readonly string[] {
  return [...path.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => name);
}

const PAGE: readonly ParameterReference[] = [referTo('limit'), referTo('cursor')];

const STATUS = query('status', 'Only those with this status.', convert(choiceField(KEY_STATUSES)));

const EXTERNAL_ID = query('external_id', 'Only those with this external id.', convert(externalIdFilter));

const EVENT_FILTERS: Readonly<Record<string, string>> = {
  type: 'Only events of this type.',
  key_id: 'Only events of this key or token.',
  actor: 'Only events that this user or credential caused.',
  outcome: 'Only what was done, or only what was refused.',
  from: 'Only events from this time on.',
  to: 'Only events before this time.',
};

export function queryParametersOf(
  profile: Profile,
  kind: NonNullable<OperationDescription['query']>,
): readonly (Parameter | ParameterReference)[] {
  if (kind === 'page') return PAGE;
  if (kind === 'credentials') return [...PAGE, STATUS];
  if (kind === 'keys') {
    const createdBy = convert(knownUserIdField(profile));
    return [
      ...PAGE,
      STATUS,
      EXTERNAL_ID,
      query('created_by', 'Only those that were issued in the name of this user.', createdBy),
    ];
  }
  const filters = Object.entries(eventFilters(profile)).map(([name, schema]) =>
    query(name, EVENT_FILTERS[name] ?? '', convert(schema)),
  );
  return [...PAGE, ...filters];
}

/** Of every operation that makes something, or rotates. */
export const IDEMPOTENCY_KEY = referTo('Idempotency-Key');

function referTo(name: string): ParameterReference {
  return { $ref: `${COMPONENTS}${name}` };
}

function inPath(name: string, description: string, example: string): Parameter {
  return { name, in: 'path', required: true, description, example, schema: { type: 'string', minLength: 1 } };
}

function query(name: string, description: string, schema: JsonSchema): Parameter {
  return { name, in: 'query', required: false, description, schema };
}
