import * as v from 'valibot';
import { isActionPattern, isRoutePattern, matchesAction } from './action-pattern.ts';
import { describeIssue } from './invalid.ts';
import { MANAGEMENT_KEY_FORMAT } from './management-key.ts';
import { isNotification, MCP_METHODS } from './mcp-message.ts';
import { HIGHEST_LIMIT, LONGEST_WINDOW_SECONDS, type Profile, type RateLimit } from './profile.ts';
import { ROLES } from './role.ts';
import { catalogueOf } from './scope.ts';

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
const list = <const Item extends v.GenericSchema>(item: Item) => v.array(item, 'a list');
const flag = v.boolean('true or false');
const scopeList = v.tupleWithRest([scopeName], scopeName);

const presentation = v.variant(
  'kind',
  [
    v.strictObject({ kind: v.literal('bearer') }),
    v.strictObject({
      kind: v.literal('header'),
      header: text(/^x-[a-z0-9-]{1,60}$/, 'a header name in lower case that starts with x-'),
    }),
  ],
  'of the kind "bearer" or "header"',
);

const shape = v.strictObject({
  name,
  realm: text(/^[A-Za-z0-9 ._-]{1,60}$/, 'a realm without quotes'),
  presentation,
  api_key: v.strictObject({
    prefix: text(/^([a-z][a-z0-9_]{0,30}_)?$/, 'a prefix that ends in _, or an empty text'),
    random_length: integer(22, 64),
    checksum: flag,
  }),
  issuing: v.strictObject({ requires_name: flag, requires_scopes: flag }),
  scopes: v.optional(
    v.pipe(
      list(
        v.strictObject({
          name: scopeName,
          description: text(/^\S.{0,199}$/, 'a description of 1 to 200 characters'),
          grants: list(pattern),
          implies: v.optional(list(scopeName), []),
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
        v.union([v.literal('all'), scopeList], '"all" or a list of at least one scope name'),
      ),
    ),
  ),
  max_active_keys: v.optional(integer(1, 50)),
  rate_limits: v.optional(
    v.strictObject({
      default_plan: name,
      plans: v.record(
        name,
        v.strictObject({
          limit: integer(1, HIGHEST_LIMIT),
          window_seconds: integer(1, LONGEST_WINDOW_SECONDS),
        }),
        'an object of plans',
      ),
    }),
  ),
  routes: v.optional(list(routePattern), []),
  mcp: v.optional(
    v.strictObject({
      path: text(/^\/([a-z0-9._-]+(\/[a-z0-9._-]+)*)?$/, 'a path such as /api/mcp'),
      public_methods: list(checked(isPublishable, 'a method that lists and calls no tools, such as "ping"')),
      unauthorized_code: integer(-32_099, 599),
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

/** A profile that says something it may not. The message names the field and what was expected there. */
export class InvalidProfile extends Error {
  override readonly name = 'InvalidProfile';
}

/**
 * Parses the data of a profile. Runs at synth, so that a wrong profile never reaches an account, and once more when a
 * function starts, so that nothing trusts a file it did not check.
 * @throws {InvalidProfile}
 */
export function parseProfile(data: unknown): Profile {
  const parsed = v.safeParse(shape, data);
  if (!parsed.success) {
    const { field, expected } = describeIssue(parsed.issues[0]);
    throw new InvalidProfile(`The profile's ${field} must be ${expected}.`);
  }
  const { output } = parsed;
  const profile: Profile = {
    name: output.name,
    realm: output.realm,
    presentation: output.presentation,
    apiKey: {
      prefix: output.api_key.prefix,
      randomLength: output.api_key.random_length,
      hasChecksum: output.api_key.checksum,
    },
    issuing: {
      requiresName: output.issuing.requires_name,
      requiresScopes: output.issuing.requires_scopes,
    },
    ...(output.scopes && { scopes: catalogueOf(output.scopes) }),
    ...(output.role_scopes && { roleScopes: output.role_scopes }),
    ...(output.max_active_keys && { maxActiveKeys: output.max_active_keys }),
    ...(output.rate_limits && {
      rateLimits: { defaultPlan: output.rate_limits.default_plan, plans: plansOf(output.rate_limits.plans) },
    }),
    routes: output.routes,
    ...(output.mcp && {
      mcp: {
        path: output.mcp.path,
        verifiedBy: output.mcp.verified_by,
        publicMethods: output.mcp.public_methods,
        unauthorizedCode: output.mcp.unauthorized_code,
      },
    }),
    inheritsRole: output.inherits_role,
  };
  checkNames(profile);
  return profile;
}

function plansOf(
  plans: Record<string, { limit: number; window_seconds: number }>,
): Record<string, RateLimit> {
  return Object.fromEntries(
    Object.entries(plans).map(([plan, { limit, window_seconds }]) => [
      plan,
      { limit, windowSeconds: window_seconds },
    ]),
  );
}

/** What a shape cannot say: names that are used must be defined, and defined once. */
function checkNames({ apiKey, scopes, roleScopes, rateLimits, issuing, routes, mcp }: Profile): void {
  const names = scopes?.definitions.map(({ name }) => name) ?? [];
  const refuse = (sentence: string): never => {
    throw new InvalidProfile(sentence);
  };
  if (new Set(names).size !== names.length) refuse('The profile defines a scope twice.');
  const used = [
    ...(scopes?.definitions.flatMap(({ implies }) => implies) ?? []),
    ...ROLES.flatMap((role) => roleScopes?.[role] ?? []).filter((name) => name !== 'all'),
  ];
  const unknown = used.find((name) => !names.includes(name));
  if (unknown !== undefined) refuse(`The profile uses the scope ${unknown} but does not define it.`);
  const granted = scopes?.definitions.flatMap(({ grants }) => grants).filter(isRoutePattern) ?? [];
  const stray = granted.find((grant) => !routes.some((route) => matchesAction(route, grant)));
  if (stray !== undefined) refuse(`The profile grants ${stray}, which is not among its routes.`);
  const lost = scopes && routes.find((route) => !granted.some((grant) => matchesAction(route, grant)));
  if (lost !== undefined) refuse(`The profile has the route ${lost}, but no scope grants it.`);
  if (apiKey.prefix === MANAGEMENT_KEY_FORMAT.prefix) refuse('The prefix kwm_ is that of management keys.');
  if (routes.length === 0 && mcp === undefined) refuse('The profile has neither routes nor mcp.');
  if (mcp?.verifiedBy === 'authorizer' && mcp.publicMethods.length > 0) {
    refuse('The profile has public methods of MCP, which no authorizer can let through.');
  }
  if (issuing.requiresScopes && names.length === 0) refuse('The profile requires scopes but defines none.');
  if (rateLimits && !Object.hasOwn(rateLimits.plans, rateLimits.defaultPlan)) {
    refuse(`The profile's default plan ${rateLimits.defaultPlan} is not among its plans.`);
  }
}
