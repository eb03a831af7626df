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

interface Parameter {
  readonly name: string;
  readonly in: 'path' | 'query' | 'header';
  readonly required: boolean;
  readonly description: string;
  readonly schema: JsonSchema;
  readonly example?: string;
}

const PATH_PARAMETERS: Readonly<Record<string, { readonly description: string; readonly example: string }>> =
  {
    workspace: { description: 'The slug of the workspace.', example: 'acme' },
    key: { description: 'The id of the key.', example: EXAMPLE_IDS.key },
    token: { description: 'The id of the token.', example: EXAMPLE_IDS.token },
    invitation: { description: 'The id of the invitation.', example: EXAMPLE_IDS.invitation },
    user_id: { description: 'The id of the user.', example: EXAMPLE_IDS.user },
  };

/** @throws for a parameter of a path that nobody has described. */
export function pathParametersOf(path: string): readonly Parameter[] {
  return [...path.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => {
    const described = PATH_PARAMETERS[name];
    if (described === undefined) throw new Error(`Describe the parameter ${name} of ${path}.`);
    return { name, in: 'path', required: true, ...described, schema: { type: 'string', minLength: 1 } };
  });
}

const PAGE: readonly Parameter[] = [
  query('limit', 'How many things a page holds at most.', {
    ...convert(integerField(1, LONGEST_PAGE)),
    default: DEFAULT_PAGE,
  }),
  query('cursor', 'The `next_cursor` of an earlier page.', { type: 'string', minLength: 1 }),
];

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
): readonly Parameter[] {
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
export const IDEMPOTENCY_KEY: Parameter = {
  name: 'Idempotency-Key',
  in: 'header',
  required: false,
  description:
    'A text of your own, new for each thing to make. Sent again by the same caller within 24 hours, it makes nothing twice: the answer is `already_done`.',
  schema: { type: 'string', pattern: '^[!-~]{1,255}$' },
  example: '8f14e45f-ceea-4c6a-9d3b-5d1c0f7a2b11',
};

function query(name: string, description: string, schema: JsonSchema): Parameter {
  return { name, in: 'query', required: false, description, schema };
}
