import type { APIGatewayProxyEvent, APIGatewayProxyResult } from 'aws-lambda';
import type { ErrorBodies } from '../../core/errors/error-body.ts';
import type { PublicProblem } from '../../core/errors/public-problem.ts';
import { optionalVariable } from '../environment.ts';
import { problemResponse } from '../http/problem.ts';
import { requestIdOf } from '../http/request.ts';

type Answered = Pick<APIGatewayProxyEvent, 'requestContext'>;

/** By the request's context, which is the same object in every copy of its event. */
const remembered = new WeakMap<object, ErrorBodies>();

/**
 * Answers an error of the product's own as Keyward answers its own: in the shape and with the words of the profile's `errors`,
 * or as problem details (RFC 9457). Words that the profile has for the status replace the problem's.
 * @param event of a request that `guard` or `guardAlone` has let through.
 * @param problem its `code` is for programs, its `detail` one sentence for people.
 */
export function answerError(event: Answered, problem: PublicProblem): APIGatewayProxyResult {
  const { requestContext } = event;
  return problemResponse(problem, requestIdOf(requestContext), remembered.get(requestContext));
}

export function rememberErrors({ requestContext }: Answered, errors: ErrorBodies | undefined): void {
  if (errors !== undefined) remembered.set(requestContext, errors);
}

/** How the product's errors look, as `GuardedApi` tells functions behind the authorizer: they have no profile. */
export function readErrors(): ErrorBodies | undefined {
  const text = optionalVariable('KEYWARD_ERRORS');
  return text === undefined ? undefined : JSON.parse(text);
}
