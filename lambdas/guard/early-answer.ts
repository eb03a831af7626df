import type { Request } from '@middy/core';
import type { APIGatewayProxyEvent, APIGatewayProxyResult } from 'aws-lambda';
import { headerValues, type MultiValueHeaders } from '../../core/verification/presentation.ts';
import { isCrossOrigin } from '../http/request.ts';
import { withCrossOriginHeaders } from '../http/response-headers.ts';
import { fixAnswer } from './guarded-response.ts';

type GuardedRequest<Event extends APIGatewayProxyEvent> = Request<Event, APIGatewayProxyResult>;

/** What middleware that logs errors sees of a request which the guard has answered. */
class AnsweredByGuard extends Error {
  override readonly name = 'AnsweredByGuard';
  readonly statusCode: number;

  constructor(statusCode: number) {
    super(`The guard answered ${statusCode}, so the handler was not called.`);
    this.statusCode = statusCode;
  }
}

/**
 * Answers instead of the handler, and lets other middleware add headers, such as those of `@middy/http-cors`.
 *
 * Middy skips every other middleware when a `before` returns an answer. When a `before` throws, Middy calls each `onError`,
 * wherever its middleware stands in the chain. So this throws, and the answer stands in `request.response`, where an `onError`
 * looks for it.
 */
export function answerEarly(
  request: GuardedRequest<APIGatewayProxyEvent>,
  answer: APIGatewayProxyResult,
): never {
  const own = withCrossOriginHeaders(request.event, answer);
  fixAnswer(request, own);
  throw new AnsweredByGuard(own.statusCode);
}

/**
 * Answers a call that succeeds without the handler. It is no error, so no `onError` gets to know it. Only where a page asks
 * whose origin other middleware has to allow, it is thrown as {@link answerEarly} does.
 */
export function answerSuccess(
  request: GuardedRequest<APIGatewayProxyEvent>,
  answer: APIGatewayProxyResult,
): APIGatewayProxyResult {
  const { event } = request;
  const origins = headerValues((event.multiValueHeaders ?? {}) as MultiValueHeaders, 'origin');
  if (origins.length > 0 && !isCrossOrigin(event)) return answerEarly(request, answer);
  const own = withCrossOriginHeaders(event, answer);
  // A wrapper around the guard may leave out what the guard returns.
  request.earlyResponse = own;
  return own;
}

/**
 * Keeps the handler from running after whatever a guard throws, also where a wrapper around the guard catches it. Middy calls
 * no handler while `request.earlyResponse` is there, and deletes that property when it sees the error itself.
 */
export function failClosed<Event extends APIGatewayProxyEvent>(
  before: (request: GuardedRequest<Event>) => unknown,
): (request: GuardedRequest<Event>) => Promise<unknown> {
  return async (request) => {
    try {
      return await before(request);
    } catch (error) {
      // `answerEarly` has put a refusal into `request.response`, where it stays. After a fault there is no answer: a 502.
      if (!('earlyResponse' in request)) Object.assign(request, { earlyResponse: undefined });
      throw error;
    }
  };
}
