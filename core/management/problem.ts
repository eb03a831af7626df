import { MANAGEMENT_KEY_FORMAT } from '../credential/credential-type.ts';
import { GATEWAY_PROBLEMS } from '../errors/gateway-problem.ts';
import { type PublicProblem, UNAVAILABLE } from '../errors/public-problem.ts';
import { credentialTypesOf, type Profile } from '../profile/profile.ts';
import { REFUSALS } from '../verification/refusal.ts';
import { managementRoutesOf } from './route.ts';

/** The problems that only functions of the management API answer. */
export const MANAGEMENT_PROBLEMS = {
  /** For a request that is safe to repeat: it reads, or doing it twice changes nothing more. */
  unavailable: {
    ...UNAVAILABLE,
    detail: 'The request could not be completed now. It is safe to try again.',
  },
  /** For a request that makes something. */
  maybe_made: {
    ...UNAVAILABLE,
    detail:
      'The request could not be completed now, but it may have made something. List what exists before you repeat it, or there may be two. A request with the header Idempotency-Key is safe to repeat.',
  },
  /** For a request that makes something once at most, because it has an `Idempotency-Key`. */
  made_once: {
    ...UNAVAILABLE,
    detail:
      'The request could not be completed now. It is safe to try again with the same Idempotency-Key and the same body: nothing is made twice.',
  },
  /** For a repeated request. What it made is named, and how to get a secret is added. */
  already_done: {
    status: 409,
    title: 'Conflict',
    code: 'already_done',
    detail:
      'An earlier request with this Idempotency-Key was carried out, and this one changed nothing. The member made_id names what was made.',
  },
  idempotency_mismatch: {
    status: 422,
    title: 'Unprocessable Content',
    code: 'idempotency_mismatch',
    detail:
      'This Idempotency-Key came with another path or another body within the last 24 hours. Nothing was changed. Use a new key for a new request.',
  },
  /** For a request that met other changes until its time was over. */
  conflict: {
    status: 409,
    title: 'Conflict',
    code: 'conflict',
    detail:
      'Other changes were made at the same time, again and again. Nothing was changed by this request. Try again.',
  },
  /** One answer for a code that was used, that is too old, and that nobody made: a guess learns nothing. */
  link_ended: {
    status: 410,
    title: 'Gone',
    code: 'link_ended',
    detail:
      'This link does not work: a link works once, within a minute. Ask the product for a new one, on the page that led here.',
  },
  no_invitations: {
    status: 409,
    title: 'Conflict',
    code: 'no_invitations',
    detail:
      'People sign in at an issuer that tells Keyward no addresses, so nobody could accept an invitation. The operator adds members, with PUT /v1/workspaces/{workspace}/members/{user_id} and a role in the body.',
  },
  no_console: {
    status: 409,
    title: 'Conflict',
    code: 'no_console',
    detail:
      'The deployment does not know the address of its console: set console.url in keyward.json, and deploy again.',
  },
} as const satisfies Record<string, PublicProblem>;

/** The details of a 404, for callers who may know what exists. None repeats text that the caller sent. */
export const NO_SUCH = {
  workspace:
    'There is no workspace with this slug. A slug is 1 to 40 lower-case letters, digits and hyphens. POST /v1/workspaces makes a workspace with the slug that you name.',
  key: 'There is no key with this id in the workspace. An id begins with key_, and GET /v1/workspaces/{workspace}/keys lists them. The name or the secret of a key is not an id.',
  token: 'The user has no token with this id. An id begins with pat_, and the list of tokens names them.',
  invitation:
    'There is no open invitation with this id in the workspace. It may have been accepted or revoked, or it has expired. GET /v1/workspaces/{workspace}/invitations lists the open ones.',
  member:
    'The user is not a member of the workspace. GET /v1/workspaces/{workspace}/members lists the members by their user ids.',
  creator:
    'The user in created_by is not a member of the workspace. Add them first, with PUT /v1/workspaces/{workspace}/members/{user_id} and a role in the body, or name a member: GET /v1/workspaces/{workspace}/members lists them.',
  holder:
    'The user is a member of no workspace, so the token could do nothing. Add them to one first, with PUT /v1/workspaces/{workspace}/members/{user_id} and a role in the body.',
  session_user:
    'The user in user_id is not a member of the workspace. Add them first, with PUT /v1/workspaces/{workspace}/members/{user_id} and a role in the body.',
  user: 'There is no such user: nobody with this id is a member of a workspace or has a token.',
} as const;

const KINDS = { api_key: 'an API key', personal_access_token: 'a personal access token' } as const;

/**
 * Says where a credential is expected and which kinds there are, but never which check failed. API Gateway prints the text, so it
 * holds no quotes and no backslashes.
 */
export function describeUnauthorized(profile: Profile): PublicProblem {
  const kinds = credentialTypesOf(profile).flatMap((type) => {
    if (type.kind === 'management_key') return [];
    const older = type.kind === 'api_key' ? (type.accepts ?? []) : [];
    return [KINDS[type.kind] + shapeOf(type.format.prefix, ...older.map(({ format }) => format.prefix))];
  });
  return {
    ...REFUSALS.unknown,
    detail: `A valid credential is required in the header Authorization: Bearer CREDENTIAL. It is a management key${shapeOf(MANAGEMENT_KEY_FORMAT.prefix)}, ${kinds.join(' or ')} that has the right to make this call, or the access token (not the id token) of a person who has signed in. What was sent is missing, malformed, not copied whole, unknown, expired, disabled or revoked.`,
  };
}

/** Keys without a prefix have no beginning to tell, so nothing is said of any where the issued ones have none. */
function shapeOf(issuedPrefix: string, ...olderPrefixes: readonly string[]): string {
  if (issuedPrefix === '') return '';
  const prefixes = new Set([issuedPrefix, ...olderPrefixes.filter((prefix) => prefix !== '')]);
  return ` (${[...prefixes].map((prefix) => `${prefix}...`).join(' or ')})`;
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
    ...GATEWAY_PROBLEMS.no_route,
    detail: `${GATEWAY_PROBLEMS.no_route.detail} This is the management API: the API of the product has another address. Keys and tokens are not deleted but revoked, by POST to their path with /revoke behind it. The routes are: ${routes.join(', ')}.`,
  };
}
