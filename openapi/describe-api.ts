import { ADMINISTER } from '../core/access/action-pattern.ts';
import { requirementOf } from '../core/access/scope.ts';
import { MANAGEMENT_KEY, SESSION_FORMAT } from '../core/credential/credential-type.ts';
import {
  isOpenToSessions,
  type ManagementRoute,
  managementRoutesOf,
  takesIdempotencyKey,
} from '../core/management/route.ts';
import type { Profile } from '../core/profile/profile.ts';
import { answerNameIn, answersOf, bodiesOf } from './components.ts';
import { type Examples, examplesOf } from './examples.ts';
import { convertAll, type JsonSchema, refTo } from './json-schema.ts';
import { openPathsOf } from './open-paths.ts';
import { type OperationDescription, type RouteName, TAGS } from './operation.ts';
import { OPERATIONS } from './operations.ts';
import {
  IDEMPOTENCY_KEY,
  type Parameter,
  type ParameterReference,
  parameterComponents,
  pathParametersOf,
  queryParametersOf,
} from './parameters.ts';
import { PROBLEM_CODES, type ProblemCode, problemName, problemSchema } from './problems.ts';
import { errorComponents, type Response, referToErrors, TOO_LONG } from './responses.ts';

/** An OpenAPI document, as far as anybody here looks into it. */
export interface ApiDescription {
  readonly openapi: '3.1.1';
  readonly info: object;
  readonly servers: readonly object[];
  readonly tags: readonly object[];
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: {
    readonly securitySchemes: object;
    readonly schemas: Readonly<Record<string, JsonSchema>>;
    readonly parameters: Readonly<Record<string, Parameter>>;
    readonly responses: Readonly<Record<string, Response>>;
  };
}

export interface Operation {
  readonly operationId: string;
  readonly summary: string;
  readonly parameters?: readonly (Parameter | ParameterReference)[];
  /** Empty where no credential is needed. */
  readonly security: readonly object[];
  readonly responses: Readonly<Record<string, Response | { readonly $ref: string }>>;
}

/**
 * Describes the management API of a product as OpenAPI 3.1. The same profile always gives the same document. It runs when a
 * deployment is synthesized, and in tests; no function carries it.
 * @see docs/decisions/0030-one-description.md
 */
export function describeApi(profile: Profile): ApiDescription {
  const routes = managementRoutesOf(profile);
  const codes = routes.map((route) => codesOf(route, profile));
  return {
    openapi: '3.1.1',
    info: {
      title: `Keyward management API (${profile.name})`,
      version: '1',
      summary: 'Issues, changes and revokes credentials, and manages workspaces and their members.',
      description: ABOUT,
      license: { name: 'Apache License 2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: '.', description: 'The deployment that serves this description.' }],
    tags: tagsOf(routes),
    paths: pathsOf(profile, routes),
    components: {
      securitySchemes: securitySchemesOf(profile),
      schemas: schemasOf(profile, new Set(codes.flat())),
      parameters: parameterComponents(routes.map(({ path }) => path)),
      responses: errorComponents([EVERYWHERE, ...codes]),
    },
  };
}

/** The errors of every call, also of those that need no credential. */
const EVERYWHERE: readonly ProblemCode[] = [
  'request_refused',
  'rate_limited',
  'internal_error',
  'unavailable',
];

const ABOUT = [
  'Every call has a credential in `Authorization: Bearer …`, except those whose `security` is empty.',
  'Times are in ISO 8601. Answers show them in UTC, and show `null` for what is absent.',
  'Errors are problem details (RFC 9457). Programs compare their `code`.',
].join(' ');

function pathsOf(profile: Profile, routes: readonly ManagementRoute[]): ApiDescription['paths'] {
  const examples = examplesOf(profile);
  const byPath = Map.groupBy(routes, ({ path }) => path);
  const described = [...byPath].map(([path, found]) => {
    const operations = found.map((route) => [
      route.method.toLowerCase(),
      describeOperation(route, { profile, examples }),
    ]);
    return [path, Object.fromEntries(operations)];
  });
  return {
    ...Object.fromEntries(described),
    ...openPathsOf(referToErrors(EVERYWHERE)),
  };
}

/** What the table of operations says of a route. */
function wordsOf({ method, path }: ManagementRoute): OperationDescription {
  return OPERATIONS[`${method} ${path}` as RouteName];
}

function describeOperation(
  route: ManagementRoute,
  { profile, examples }: { readonly profile: Profile; readonly examples: Examples },
): Operation {
  const { path } = route;
  const { operationId, tag, summary, description, body, query, answers } = wordsOf(route);
  const parameters = [
    ...pathParametersOf(path),
    ...(query === undefined ? [] : queryParametersOf(profile, query)),
    ...(takesIdempotencyKey(route) ? [IDEMPOTENCY_KEY] : []),
  ];
  return {
    operationId,
    tags: [tag],
    summary,
    ...(description !== undefined && { description }),
    security: callersOf(route, profile).map((scheme) => ({ [scheme]: [] })),
    ...(parameters.length > 0 && { parameters }),
    ...(body !== undefined && {
      requestBody: {
        required: body !== 'Nothing',
        content: { 'application/json': contentOf(body, examples) },
      },
    }),
    responses: {
      ...Object.fromEntries(
        Object.entries(answers).map(([status, name]) => [
          status,
          {
            description: status === '201' ? 'It was made.' : 'It was done.',
            content: { 'application/json': contentOf(answerNameIn(profile, name), examples) },
          },
        ]),
      ),
      ...referToErrors(codesOf(route, profile)),
    },
  } as Operation;
}

function contentOf(name: string, examples: Examples) {
  return { schema: { $ref: refTo(name) }, ...examples[name] };
}

function codesOf(route: ManagementRoute, profile: Profile): readonly ProblemCode[] {
  const { caller } = route;
  const { body, query, codes } = wordsOf(route);
  const named = new Set<ProblemCode>([...EVERYWHERE, ...codes]);
  if (caller !== 'public') named.add('unauthorized');
  if (body !== undefined || query !== undefined) named.add('invalid_request');
  if (body !== undefined) named.add('body_too_large');
  if (takesIdempotencyKey(route)) {
    named.add('already_done');
    named.add('idempotency_mismatch');
  }
  if (caller !== 'anyone' && caller !== 'public') named.add('forbidden');
  if (caller === 'administrator' && canKeysAdminister(profile)) named.add('insufficient_scope');
  return (Object.keys(PROBLEM_CODES) as ProblemCode[]).filter((code) => named.has(code));
}

/** Without a scope that administers, no API key of the product can be given that right. */
function canKeysAdminister({ scopes }: Profile): boolean {
  return scopes !== undefined && requirementOf(scopes, ADMINISTER) !== undefined;
}

type Scheme = 'managementKey' | 'accessToken' | 'session' | 'apiKey' | 'personalAccessToken';

/** The credentials with which a route can be called at all. */
function callersOf(route: ManagementRoute, profile: Profile): readonly Scheme[] {
  const session = isOpenToSessions(route) ? (['session'] as const) : [];
  const own: readonly Scheme[] =
    profile.personalAccessTokens === undefined ? ['apiKey'] : ['apiKey', 'personalAccessToken'];
  switch (route.caller) {
    case 'operator':
      return ['managementKey'];
    case 'person':
      return ['managementKey', 'accessToken', ...session];
    case 'administrator':
      return [
        'managementKey',
        'accessToken',
        ...session,
        ...(canKeysAdminister(profile) ? (['apiKey'] as const) : []),
      ];
    case 'anyone':
      return ['managementKey', 'accessToken', ...session, ...own];
    case 'holder':
      return own;
    case 'session':
      return ['session'];
    case 'public':
      return [];
  }
}

function securitySchemesOf({ apiKey, personalAccessTokens: tokens }: Profile): object {
  const olderKeys = apiKey.accepts === undefined ? '' : ' Keys that another system issued work as well.';
  const shapeOf = (prefix: string) => (prefix === '' ? '' : ` It begins with \`${prefix}\`.`);
  const bearer = (description: string) => ({ type: 'http', scheme: 'bearer', description });
  return {
    managementKey: bearer(
      `A management key belongs to the operator of the deployment.${shapeOf(MANAGEMENT_KEY.format.prefix)}`,
    ),
    accessToken: {
      ...bearer('The access token of a person who has signed in. No id token.'),
      bearerFormat: 'JWT',
    },
    session: bearer(
      `The secret of a session, in which a user of the product acts.${shapeOf(SESSION_FORMAT.prefix)}`,
    ),
    apiKey: bearer(
      `An API key of the product.${shapeOf(apiKey.format.prefix)}${olderKeys} It administers if its scopes say so.`,
    ),
    ...(tokens !== undefined && {
      personalAccessToken: bearer(`A personal access token.${shapeOf(tokens.format.prefix)}`),
    }),
  };
}

function tagsOf(routes: readonly ManagementRoute[]): readonly object[] {
  const used = new Set<string>(routes.map((route) => wordsOf(route).tag));
  return Object.entries(TAGS)
    .filter(([name]) => used.has(name))
    .map(([name, description]) => ({ name, description }));
}

function schemasOf(profile: Profile, codes: ReadonlySet<ProblemCode>): Record<string, JsonSchema> {
  const problems = Object.fromEntries([...codes].map((code) => [problemName(code), problemSchema(code)]));
  return convertAll({ ...answersOf(profile), ...bodiesOf(profile), ...problems, RequestTooLong: TOO_LONG });
}
