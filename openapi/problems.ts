import * as v from 'valibot';
import { GATEWAY_PROBLEMS } from '../core/errors/gateway-problem.ts';
import { PROBLEMS, type PublicProblem, problemTypeOf } from '../core/errors/public-problem.ts';
import { MANAGEMENT_PROBLEMS } from '../core/management/problem.ts';
import { REFUSALS } from '../core/verification/refusal.ts';
import { EXAMPLE_IDS } from './examples.ts';

/** The errors of the management API by their codes. `docs/problems.md` says what to do about each. */

/**
 * Who answers. The functions send problem details as `application/problem+json`. API Gateway sends the same bodies as
 * `application/json`, because it has no other key for their templates.
 */
type Source = 'function' | 'gateway';

interface ProblemDescription {
  /** `4XX` and `5XX` are for whatever API Gateway answers by itself; the body then has no `status`. */
  readonly statuses: readonly (number | '4XX' | '5XX')[];
  readonly sources: readonly Source[];
  readonly title: string;
  /** What has happened, for the description, and as an example of `detail`. */
  readonly detail: string;
  /** The members beside the usual ones. */
  readonly members?: v.ObjectEntries;
  readonly example?: Readonly<Record<string, unknown>>;
}

const fieldMembers = { field: v.string(), expected: v.string() };

export const PROBLEM_CODES = {
  invalid_request: {
    statuses: [400],
    sources: ['function'],
    title: 'Bad Request',
    detail: 'A field or a parameter is not valid. Nothing was changed.',
    members: fieldMembers,
    example: { field: 'limit', expected: 'a whole number from 1 to 100' },
  },
  request_refused: {
    statuses: [400, '4XX'],
    sources: ['gateway'],
    title: 'Request Refused',
    detail: 'The request is not one that this API answers.',
  },
  unauthorized: {
    statuses: [401],
    sources: ['function', 'gateway'],
    title: 'Unauthorized',
    detail: 'No valid credential was sent.',
  },
  forbidden: {
    statuses: [403],
    sources: ['function', 'gateway'],
    title: 'Forbidden',
    detail: 'The caller is known and may not do this.',
  },
  insufficient_scope: {
    statuses: [403],
    sources: ['gateway'],
    ...wordsOf(REFUSALS.insufficient_scope),
    members: { required_scope: v.string() },
    example: { required_scope: 'admin' },
  },
  not_found: {
    statuses: [404],
    sources: ['function'],
    ...wordsOf(PROBLEMS.not_found),
  },
  slug_taken: conflict('There is a workspace with this slug already.'),
  last_owner: conflict('The last owner of a workspace stays.'),
  key_limit_reached: conflict('The workspace or the member has as many active keys as it may have.'),
  key_revoked: conflict('The key was revoked and cannot be changed.'),
  key_expired: conflict('The key has expired and cannot be changed.'),
  rotation_in_progress: conflict('Two secrets of this key work already.'),
  invitation_exists: conflict('The address has an open invitation already.'),
  too_many_workspaces: conflict('The user is in more workspaces than a token can be for.'),
  token_limit_reached: conflict('The user has too many tokens.'),
  no_invitations: conflict(MANAGEMENT_PROBLEMS.no_invitations.detail),
  no_console: conflict(MANAGEMENT_PROBLEMS.no_console.detail),
  conflict: conflict(MANAGEMENT_PROBLEMS.conflict.detail),
  already_done: {
    ...conflict('An earlier request with this Idempotency-Key was carried out. This one changed nothing.'),
    members: { made_id: v.string() },
    example: { made_id: EXAMPLE_IDS.key },
  },
  idempotency_mismatch: {
    statuses: [422],
    sources: ['function'],
    title: 'Unprocessable Content',
    detail: 'This Idempotency-Key came with another path or another body. Nothing was changed.',
  },
  link_ended: { statuses: [410], sources: ['function'], ...wordsOf(MANAGEMENT_PROBLEMS.link_ended) },
  body_too_large: {
    statuses: [413],
    sources: ['function'],
    title: 'Content Too Large',
    detail: 'The body is too large. Nothing was changed.',
    members: fieldMembers,
    example: { field: 'body', expected: 'at most 65536 bytes' },
  },
  rate_limited: {
    statuses: [429],
    sources: ['gateway'],
    ...wordsOf(GATEWAY_PROBLEMS.throttled),
  },
  internal_error: {
    statuses: [500, '5XX'],
    sources: ['function', 'gateway'],
    ...wordsOf(PROBLEMS.internal_error),
  },
  change_in_progress: {
    statuses: [503],
    sources: ['function'],
    title: 'Service Unavailable',
    detail: 'The change has begun and goes on by itself.',
    members: { progress: v.strictObject({ done: v.number(), left: v.number() }) },
    example: { progress: { done: 400, left: 1600 } },
  },
  unavailable: {
    statuses: [503],
    sources: ['function', 'gateway'],
    title: 'Service Unavailable',
    detail: 'The request could not be completed now.',
  },
} as const satisfies Readonly<Record<string, ProblemDescription>>;

/** A change that the state of things does not allow. */
function conflict(detail: string) {
  return { statuses: [409], sources: ['function'], title: 'Conflict', detail } as const;
}

/** The words that callers read. */
function wordsOf({ title, detail }: Pick<PublicProblem, 'title' | 'detail'>) {
  return { title, detail };
}

export type ProblemCode = keyof typeof PROBLEM_CODES;

/** The name of a problem among the components of the document: `slug_taken` is `SlugTakenProblem`. */
export function problemName(code: ProblemCode): string {
  return `${code.split('_').map(capitalize).join('')}Problem`;
}

function capitalize(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1);
}

export function describeProblem(code: ProblemCode): ProblemDescription {
  return PROBLEM_CODES[code];
}

/** The schema of a problem. Where API Gateway answers for several statuses, the body may be without one. */
export function problemSchema(code: ProblemCode) {
  const { statuses, members = {} } = describeProblem(code);
  const numbers = statuses.filter((status) => typeof status === 'number');
  const hasRange = numbers.length < statuses.length;
  const status = v.picklist(numbers);
  return v.strictObject({
    type: v.literal(problemTypeOf(code)),
    title: v.string(),
    status: hasRange ? v.optional(status) : status,
    detail: v.string(),
    code: v.literal(code),
    ...members,
    request_id: v.string(),
  });
}

export function exampleProblem(code: ProblemCode): object {
  const { statuses, sources, title, detail, example = {} } = describeProblem(code);
  return {
    type: problemTypeOf(code),
    title,
    ...(sources.includes('function') || statuses.length === 1 ? { status: statuses[0] } : {}),
    detail,
    code,
    ...example,
    request_id: 'KyE-eGi2oAMFZOw=',
  };
}
