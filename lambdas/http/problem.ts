import type { APIGatewayProxyResult } from 'aws-lambda';
import {
  type ErrorBodies,
  printField,
  renderTemplate,
  type Template,
  templateFor,
  wordProblem,
} from '../../core/errors/error-body.ts';
import type { Unfinished } from '../../core/errors/fault.ts';
import { PROBLEMS, type PublicProblem, problemTypeOf } from '../../core/errors/public-problem.ts';

/** What a caller is told when something is not done (RFC 9457), in the field names of this API. */
export interface Problem extends PublicProblem {
  /** Further members, such as `field` and `expected`. */
  readonly members?: Readonly<Record<string, unknown>>;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A problem on its way to the edge, thrown where returning it would obscure the code between. */
export class ProblemError extends Error {
  override readonly name = 'ProblemError';
  readonly problem: Problem;

  constructor(problem: Problem) {
    super(problem.detail);
    this.problem = problem;
  }
}

/** @param errors how the product's errors look; none on the management API. */
export function problemResponse(
  problem: Problem,
  requestId: string,
  errors?: ErrorBodies,
): APIGatewayProxyResult {
  const worded = wordProblem(errors, problem);
  const template = templateFor(errors, problem.status);
  return {
    statusCode: problem.status,
    headers: {
      'Content-Type': template === undefined ? 'application/problem+json' : 'application/json',
      'Cache-Control': 'no-store',
      ...problem.headers,
    },
    body: template === undefined ? problemDetails(worded, requestId) : ownBody(template, worded, requestId),
  };
}

function problemDetails({ status, title, detail, code, members }: Problem, requestId: string): string {
  return JSON.stringify({
    type: problemTypeOf(code),
    title,
    status,
    detail,
    code,
    ...members,
    request_id: requestId,
  });
}

function ownBody(template: Template, problem: Problem, requestId: string): string {
  const { status, title, detail, code, members } = problem;
  const requiredScope = members?.required_scope;
  return renderTemplate(template, {
    status: printField(status),
    title: printField(title),
    detail: printField(detail),
    code: printField(code),
    required_scope: printField(typeof requiredScope === 'string' ? requiredScope : null),
    request_id: printField(requestId),
  });
}

/** @param expected completes "must be …". */
export function invalidRequest(field: string, expected: string): ProblemError {
  return new ProblemError({
    status: 400,
    title: 'Bad Request',
    code: 'invalid_request',
    detail: `${field} must be ${expected}.`,
    members: { field, expected },
  });
}

/** For strangers: the same for what does not exist and for what belongs to somebody else. */
export function notFound(): ProblemError {
  return new ProblemError(PROBLEMS.not_found);
}

/**
 * For the operator, and for callers who belong to the workspace.
 * @param detail what is missing, and what to do. Never repeats what was sent.
 */
export function missing(detail: string): ProblemError {
  return new ProblemError({ ...PROBLEMS.not_found, detail });
}

export function forbidden(detail: string): ProblemError {
  return new ProblemError({ status: 403, title: 'Forbidden', code: 'forbidden', detail });
}

export function conflict(code: string, detail: string): ProblemError {
  return new ProblemError({ status: 409, title: 'Conflict', code, detail });
}

/**
 * A change has begun and goes on by itself. Nothing went wrong; it reaches more credentials than one call can.
 * @param isRepeatable whether repeating the call waits for it, rather than making something twice.
 */
export function unfinishedProblem(
  { done, left }: Unfinished['progress'],
  { isRepeatable }: { readonly isRepeatable: boolean },
): Problem {
  const advice = isRepeatable
    ? 'repeat the call to wait for it.'
    : 'what was asked for is made, so do not repeat the call.';
  return {
    status: 503,
    title: 'Service Unavailable',
    code: 'change_in_progress',
    detail: `The change has reached ${done} credentials, and ${left} are left. It goes on by itself; ${advice}`,
    members: { progress: { done, left } },
    headers: { 'Retry-After': '30' },
  };
}

/**
 * What a caller is told of a fault. What went wrong is logged, and nothing of it is told.
 * @param passing the wording for a trouble that goes away by itself.
 */
export function faultProblem(
  { isPassing }: { readonly isPassing: boolean },
  passing: PublicProblem,
): Problem {
  return isPassing ? { ...passing, headers: { 'Retry-After': '1' } } : PROBLEMS.internal_error;
}
