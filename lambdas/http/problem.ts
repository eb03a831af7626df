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

/** An error as a caller sees it: problem details (RFC 9457) in the field names of this API. */
export interface Problem extends PublicProblem {
  /** Members beside the usual ones, such as `field` and `expected`. */
  readonly members?: Readonly<Record<string, unknown>>;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Carries a problem to the edge of a function. It is thrown where returning it would obscure the code in between. */
export class ProblemError extends Error {
  override readonly name = 'ProblemError';
  readonly problem: Problem;

  constructor(problem: Problem) {
    super(problem.detail);
    this.problem = problem;
  }
}

/** @param errors the product's own shape of errors. The management API has none. */
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
    body:
      template === undefined ? problemDetails(worded, requestId) : renderOwnBody(template, worded, requestId),
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

function renderOwnBody(template: Template, problem: Problem, requestId: string): string {
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

/** The two ids of a request, as they stand in its context. */
interface RequestIds {
  readonly extendedRequestId?: string | undefined;
  readonly requestId?: string | undefined;
}

/**
 * Returns the id of a request, for its answer and for the log. A caller can choose `requestId` by a header, but cannot choose
 * `extendedRequestId`, so that one comes first.
 * @param context may be missing where a test calls a handler.
 * @see https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-mapping-template-reference.html
 */
export function requestIdOf(context: RequestIds | undefined): string {
  return context?.extendedRequestId ?? context?.requestId ?? '';
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

/** For strangers. A thing that does not exist and a thing that belongs to somebody else get the same answer. */
export function notFoundToStranger(): ProblemError {
  return new ProblemError(PROBLEMS.not_found);
}

export function forbidden(detail: string): ProblemError {
  return new ProblemError({ status: 403, title: 'Forbidden', code: 'forbidden', detail });
}

export function conflict(code: string, detail: string): ProblemError {
  return new ProblemError({ status: 409, title: 'Conflict', code, detail });
}

/**
 * Says that a change has begun and goes on by itself. Nothing went wrong: the change reaches more credentials than one call can
 * change.
 * @param isRepeatable whether repeating the call waits for the change. Otherwise it would make something twice.
 */
export function unfinishedProblem(
  { done, left }: Unfinished['progress'],
  { isRepeatable }: { readonly isRepeatable: boolean },
): Problem {
  const advice = isRepeatable
    ? 'repeat the call to wait for it.'
    : 'the thing you asked for has been made, so do not repeat the call.';
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
 * Words a fault for the caller. The caller learns nothing of the cause, which is in the log.
 * @param passing the wording for trouble that goes away by itself.
 */
export function faultProblem(
  { isPassing }: { readonly isPassing: boolean },
  passing: PublicProblem,
): Problem {
  return isPassing ? { ...passing, headers: { 'Retry-After': '1' } } : PROBLEMS.internal_error;
}
