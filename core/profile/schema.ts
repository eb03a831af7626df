import * as v from 'valibot';
import { findActionMistake, findRouteMistake, isToolName } from '../access/action-pattern.ts';
import { HIGHEST_LIMIT, LONGEST_WINDOW_SECONDS } from '../access/rate-limit.ts';
import { ROLES } from '../access/role.ts';
import { PRODUCT_CREDENTIAL_KINDS } from '../access/scope.ts';
import { isMethod, isNotification, MCP_METHODS } from '../mcp/message.ts';
import { hintOf } from '../text/closest-word.ts';
import { acceptsSchema } from './accepts.ts';
import { consoleSchema } from './console-schema.ts';
import { errorsSchema } from './error-body-schema.ts';
import {
  choice,
  integer,
  LETTER,
  list,
  name,
  nonEmptyList,
  quoteWords,
  record,
  spelled,
  text,
  UNNAMEABLE,
} from './schema-parts.ts';

/** Gateway responses print scope names and escape nothing. */
const scopeName = spelled({
  what: 'a scope name',
  character: /[a-z0-9:._-]/,
  characters: 'lower-case letters, digits and : . _ -',
  start: LETTER,
  longest: 32,
  emptyIs: 'refused',
});
const realm = spelled({
  what: 'a realm',
  character: /[A-Za-z0-9 ._-]/,
  characters: 'letters, digits, blanks and . _ -',
  longest: 60,
  emptyIs: 'refused',
});
const headerName = spelled({
  what: 'a header name',
  character: /[a-z0-9-]/,
  characters: 'lower-case letters, digits and hyphens',
  start: [/x-[a-z0-9-]/, 'x-, such as x-orders-key'],
  longest: 62,
  emptyIs: 'refused',
});
const prefix = spelled({
  what: 'a prefix',
  character: /[a-z0-9_]/,
  characters: 'lower-case letters, digits and _',
  start: LETTER,
  end: '_',
  longest: 32,
  emptyIs: 'allowed',
});

const checked = (holds: (value: string) => boolean, expected: string) =>
  v.pipe(v.string(expected), v.check(holds, expected));
/** @param mistakeIn returns the end of "must be …" for a wrong text. */
const explained = (mistakeIn: (value: string) => string | undefined, expected: string) =>
  v.pipe(
    v.string(expected),
    v.check(
      (value) => mistakeIn(value) === undefined,
      ({ input }) => mistakeIn(input) ?? expected,
    ),
  );
const pattern = explained(findActionMistake, 'an action pattern such as "GET /users/**" or "records.*"');
const routePattern = explained(findRouteMistake, 'a route pattern such as "GET /users/**"');
const tool = checked(
  isToolName,
  'the name of a tool, such as "records.list": letters, digits, _ and -, in parts between dots',
);
/** One route, as it is deployed. A pattern would open more routes than the author meant. */
const route = text(/^(GET|HEAD|POST) \/([\w.-]+(\/[\w.-]+)*)?$/, 'a route such as "GET /mcp.json"');
const sentence = text(/^\S.{0,199}$/, 'a message of 1 to 200 characters');
const flag = v.boolean('true or false');

const keyText = {
  prefix,
  random_length: integer(22, 64),
  checksum: flag,
};
const kind = choice(PRODUCT_CREDENTIAL_KINDS);

const PRESENTATIONS = ['bearer', 'header'];
const presentation = v.variant(
  'kind',
  [
    v.strictObject({ kind: v.literal('bearer') }),
    v.strictObject({
      kind: v.literal('header'),
      header: headerName,
    }),
  ],
  ({ input, path }) =>
    path === undefined
      ? `an object whose kind is ${quoteWords(PRESENTATIONS)}`
      : quoteWords(PRESENTATIONS) + hintOf(input, PRESENTATIONS),
);

/** Plans by their names. */
export const plansSchema = v.record(
  name,
  v.strictObject({
    limit: integer(1, HIGHEST_LIMIT),
    window_seconds: integer(1, LONGEST_WINDOW_SECONDS),
  }),
  'an object of plans',
);

/** Tools are for known callers only: the caller decides which tools they see and may call. */
const PUBLIC_METHODS = MCP_METHODS.filter((method) => !method.startsWith('tools/'));
const PUBLIC_METHOD = `one of ${PUBLIC_METHODS.join(', ')} or a method that starts with notifications/`;
const publicMethod = explained(publicMethodMistake, PUBLIC_METHOD);

function publicMethodMistake(method: string): string | undefined {
  if (PUBLIC_METHODS.some((known) => known === method) || isNotification(method)) return undefined;
  if (isMethod(method)) return 'left out, since only callers with a key may list or call tools';
  return PUBLIC_METHOD + hintOf(method, PUBLIC_METHODS);
}

const roleScopes = v.pipe(
  v.union(
    [v.literal('all'), nonEmptyList(scopeName, 'scope name')],
    ({ input }) => `"all" or a list of at least one scope name${hintOf(input, ['all'])}`,
  ),
  // Outside of the union, which would not recognize a list with a mistake in it as a list.
  v.guard(isScopes),
);

function isScopes(scopes: 'all' | string[]): scopes is 'all' | [string, ...string[]] {
  return scopes.length > 0;
}

/** The data of a profile. Each message is the end of "must be …". */
export const profileSchema = v.strictObject({
  /** Editors find the schema by it. */
  $schema: v.optional(v.string('the address of a JSON Schema')),
  name,
  realm,
  presentation,
  api_key: v.strictObject({
    ...keyText,
    stored_as: v.optional(choice(['sha256', 'bcrypt']), 'sha256'),
    accepts: v.optional(acceptsSchema),
  }),
  personal_access_tokens: v.optional(v.strictObject({ ...keyText, workspace_header: headerName })),
  last_used: v.optional(choice(['every_call', 'each_minute'])),
  issuing: v.strictObject({ requires_name: flag, requires_scopes: flag }),
  scopes: v.optional(
    v.pipe(
      list(
        v.strictObject({
          name: scopeName,
          description: text(/^\S.{0,199}$/, 'a description of 1 to 200 characters'),
          grants: list(pattern),
          implies: v.optional(list(scopeName), []),
          held_by: v.optional(nonEmptyList(kind, 'kind of credential')),
        }),
      ),
      v.minLength(1, 'at least one scope; leave `scopes` out where there are none'),
      v.maxLength(32, 'at most 32 scopes'),
    ),
  ),
  role_scopes: v.optional(v.strictObject(v.entriesFromList(ROLES, roleScopes))),
  max_active_keys: v.optional(integer(1, 50)),
  rate_limits: v.optional(
    v.strictObject({
      default_plan: name,
      plans: record(plansSchema, `an object of plans, none of which is called ${UNNAMEABLE.join(', ')}`),
    }),
  ),
  errors: v.optional(errorsSchema),
  routes: v.optional(list(routePattern), []),
  public_routes: v.optional(list(route), []),
  mcp: v.optional(
    v.strictObject({
      path: text(/^\/([a-z0-9._-]+(\/[a-z0-9._-]+)*)?$/, 'a path such as /api/mcp'),
      tools: v.optional(nonEmptyList(tool, 'tool')),
      public_methods: list(publicMethod),
      unauthorized_code: integer(-32_099, 599),
      wording: v.optional(
        v.strictObject({ missing: sentence, invalid: sentence, expired: sentence, fault: sentence }),
      ),
      verified_by: v.optional(choice(['guard', 'authorizer']), 'guard'),
    }),
  ),
  inherits_role: v.optional(flag, false),
  console: v.optional(consoleSchema, {}),
});
