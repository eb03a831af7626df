import * as v from 'valibot';
import { isActionPattern, isRoutePattern } from './action-pattern.ts';
import { errorsSchema } from './error-body-schema.ts';
import { isNotification, MCP_METHODS } from './mcp-message.ts';
import { PRODUCT_CREDENTIAL_KINDS } from './principal.ts';
import { HIGHEST_LIMIT, LONGEST_WINDOW_SECONDS } from './profile.ts';
import { ROLES } from './role.ts';

const integer = (min: number, max: number) => {
  const expected = `a whole number from ${min} to ${max}`;
  return v.pipe(
    v.number(expected),
    v.integer(expected),
    v.minValue(min, expected),
    v.maxValue(max, expected),
  );
};
const text = (pattern: RegExp, expected: string) => v.pipe(v.string(expected), v.regex(pattern, expected));

const name = text(/^[a-z][a-z0-9-]{0,31}$/, 'a name of lower-case letters, digits and hyphens');
/** Scope names are printed into gateway responses, which escape nothing. */
const scopeName = text(/^[a-z][a-z0-9:._-]{0,31}$/, 'a scope name of lower-case letters, digits and : . _ -');
const checked = (holds: (value: string) => boolean, expected: string) =>
  v.pipe(v.string(expected), v.check(holds, expected));
const pattern = checked(isActionPattern, 'an action pattern such as "GET /users/**" or "records.*"');
const routePattern = checked(isRoutePattern, 'a route pattern such as "GET /users/**"');
/** Exactly what is deployed: a pattern would open more than was meant. */
const route = text(/^(GET|HEAD|POST) \/([\w.-]+(\/[\w.-]+)*)?$/, 'a route such as "GET /mcp.json"');
const sentence = text(/^\S.{0,199}$/, 'a message of 1 to 200 characters');
const ONCE = 'a list that names nothing twice';
const isOnce = (items: readonly unknown[]) => new Set(items).size === items.length;
const list = <const Item extends v.GenericSchema>(item: Item) =>
  v.pipe(
    v.array(item, 'a list'),
    v.check((items: v.InferOutput<Item>[]) => isOnce(items), ONCE),
  );
const nonEmptyList = <const Item extends v.GenericSchema>(item: Item) =>
  v.pipe(
    v.tupleWithRest([item], item),
    v.check((items: [v.InferOutput<Item>, ...v.InferOutput<Item>[]]) => isOnce(items), ONCE),
  );
const flag = v.boolean('true or false');

/** `v.record` leaves such members out without a word. */
const UNNAMEABLE = ['__proto__', 'prototype', 'constructor'];
const hasOwnNames = (value: unknown) =>
  typeof value !== 'object' || value === null || !UNNAMEABLE.some((each) => Object.hasOwn(value, each));

const headerName = text(/^x-[a-z0-9-]{1,60}$/, 'a header name in lower case that starts with x-');
const keyText = {
  prefix: text(/^([a-z][a-z0-9_]{0,30}_)?$/, 'a prefix that ends in _, or an empty text'),
  random_length: integer(22, 64),
  checksum: flag,
};
const kind = v.picklist(PRODUCT_CREDENTIAL_KINDS, `one of ${PRODUCT_CREDENTIAL_KINDS.join(', ')}`);

const presentation = v.variant(
  'kind',
  [
    v.strictObject({ kind: v.literal('bearer') }),
    v.strictObject({
      kind: v.literal('header'),
      header: headerName,
    }),
  ],
  'of the kind "bearer" or "header"',
);

/** The data of a profile. Each message completes "must be …". */
export const profileSchema = v.strictObject({
  name,
  realm: text(/^[A-Za-z0-9 ._-]{1,60}$/, 'a realm without quotes'),
  presentation,
  api_key: v.strictObject({
    ...keyText,
    stored_as: v.optional(v.picklist(['sha256', 'bcrypt'], '"sha256" or "bcrypt"'), 'sha256'),
  }),
  personal_access_tokens: v.optional(v.strictObject({ ...keyText, workspace_header: headerName })),
  last_used: v.optional(v.picklist(['every_call', 'each_minute'], '"every_call" or "each_minute"')),
  issuing: v.strictObject({ requires_name: flag, requires_scopes: flag }),
  scopes: v.optional(
    v.pipe(
      list(
        v.strictObject({
          name: scopeName,
          description: text(/^\S.{0,199}$/, 'a description of 1 to 200 characters'),
          grants: list(pattern),
          implies: v.optional(list(scopeName), []),
          held_by: v.optional(nonEmptyList(kind)),
        }),
      ),
      v.minLength(1, 'at least one scope; leave `scopes` out where there are none'),
      v.maxLength(32, 'at most 32 scopes'),
    ),
  ),
  role_scopes: v.optional(
    v.strictObject(
      v.entriesFromList(
        ROLES,
        v.union([v.literal('all'), nonEmptyList(scopeName)], '"all" or a list of at least one scope name'),
      ),
    ),
  ),
  max_active_keys: v.optional(integer(1, 50)),
  rate_limits: v.optional(
    v.strictObject({
      default_plan: name,
      plans: v.pipe(
        v.unknown(),
        v.check(hasOwnNames, `an object of plans, none of which is called ${UNNAMEABLE.join(', ')}`),
        v.record(
          name,
          v.strictObject({
            limit: integer(1, HIGHEST_LIMIT),
            window_seconds: integer(1, LONGEST_WINDOW_SECONDS),
          }),
          'an object of plans',
        ),
      ),
    }),
  ),
  errors: v.optional(errorsSchema),
  routes: v.optional(list(routePattern), []),
  public_routes: v.optional(list(route), []),
  mcp: v.optional(
    v.strictObject({
      path: text(/^\/([a-z0-9._-]+(\/[a-z0-9._-]+)*)?$/, 'a path such as /api/mcp'),
      public_methods: list(checked(isPublishable, 'a method that lists and calls no tools, such as "ping"')),
      unauthorized_code: integer(-32_099, 599),
      wording: v.optional(
        v.strictObject({ missing: sentence, invalid: sentence, expired: sentence, fault: sentence }),
      ),
      verified_by: v.optional(v.picklist(['guard', 'authorizer'], '"guard" or "authorizer"'), 'guard'),
    }),
  ),
  inherits_role: v.optional(flag, false),
});

/** Tools are for callers who are known: what they see and may do depends on who they are. */
function isPublishable(method: string): boolean {
  const isKnown = MCP_METHODS.some((known) => known === method) || isNotification(method);
  return isKnown && !method.startsWith('tools/');
}
