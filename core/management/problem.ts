import { MANAGEMENT_KEY_FORMAT } from '../credential/credential-type.ts';
import { PROBLEMS, type PublicProblem, UNAVAILABLE } from '../errors/public-problem.ts';
import { credentialTypesOf, type Profile } from '../profile/profile.ts';
import { REFUSALS } from '../verification/refusal.ts';
import { managementRoutesOf } from './route.ts';

/** The problems of the management API alone. They stand apart from {@link PROBLEMS}, because products bundle those. */
export const MANAGEMENT_PROBLEMS = {
  /** For a request that makes something. */
  maybe_made: {
    ...UNAVAILABLE,
    detail:
      'The request could not be completed now, but it may have made something. List what exists before you repeat it, or there may be two.',
  },
  /** For a request that met other changes until its time was over. */
  conflict: {
    status: 409,
    title: 'Conflict',
    code: 'conflict',
    detail:
      'Other changes were made at the same time, again and again. Nothing was changed by this request. Try again.',
  },
} as const satisfies Record<string, PublicProblem>;

const KINDS = { api_key: 'an API key', personal_access_token: 'a personal access token' } as const;

/**
 * Says where a credential is expected and which kinds there are, but never which check failed. API Gateway prints the text, so it
 * holds no quotes and no backslashes.
 */
export function describeUnauthorized(profile: Profile): PublicProblem {
  const kinds = credentialTypesOf(profile).flatMap(({ kind, format }) =>
    kind === 'management_key' ? [] : [KINDS[kind] + shapeOf(format.prefix)],
  );
  return {
    ...REFUSALS.unknown,
    detail: `A valid credential is required in the header Authorization: Bearer CREDENTIAL. It is a management key${shapeOf(MANAGEMENT_KEY_FORMAT.prefix)}, ${kinds.join(' or ')} that has the right to make this call, or the access token (not the id token) of a person who has signed in. What was sent is missing, malformed, not copied whole, unknown, expired, disabled or revoked.`,
  };
}

function shapeOf(prefix: string): string {
  return prefix === '' ? '' : ` (${prefix}...)`;
}

/**
 * Says that this is not the product's API, and lists the routes. API Gateway prints the text to everybody, so it holds public facts
 * only, and neither quotes nor backslashes.
 */
export function describeUnknownRoute(profile: Profile): PublicProblem {
  const methods = new Map<string, string[]>();
  for (const { method, path } of managementRoutesOf(profile))
    methods.set(path, [...(methods.get(path) ?? []), method]);
  const routes = [...methods].map(([path, known]) => `${known.join(' and ')} ${path}`);
  return {
    ...PROBLEMS.no_route,
    detail: `${PROBLEMS.no_route.detail} This is the management API: the API of the product has another address. Keys and tokens are not deleted but revoked, by POST to their path with /revoke behind it. The routes are: ${routes.join(', ')}.`,
  };
}
