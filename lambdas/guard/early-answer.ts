import type { Request } from '@middy/core';
import type { APIGatewayProxyEvent, APIGatewayProxyResult } from 'aws-lambda';
import { headerValues, type MultiValueHeaders } from '../../core/verification/presentation.ts';
import { isCrossOrigin } from '../http/request.ts';
import { withCrossOriginHeaders } from '../http/response-headers.ts';
import { fixAnswer } from './guarded-response.ts';

type GuardedRequest<Event extends APIGatewayProxyEvent> = Request<Event, APIGatewayProxyResult>;

/** Tells other middleware, such as an error log, that the guard has answered the request. */
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
 * If a `before` returns an answer, Middy skips all other middleware. If a `before` throws, Middy calls every `onError`, wherever
 * it stands in the chain. So this function throws, and leaves the answer in `request.response`, where an `onError` looks for it.
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
 * Answers a call that succeeds without the handler. It is no error, so no `onError` sees it. The exception is a call of a page
 * whose origin other middleware has to allow: then this function throws as {@link answerEarly} does.
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
 * Keeps the handler from running after a guard has thrown, even if a wrapper around the guard catches the error. Middy calls no
 * handler while `request.earlyResponse` exists, and deletes that property when the error reaches Middy.
 */
export function failClosed<Event extends APIGatewayProxyEvent>(
  before: (request: GuardedRequest<Event>) => unknown,
): (request: GuardedRequest<Event>) => Promise<unknown> {
  return async (request) => {
    try {
      return await before(request);
    } catch (error) {
      // A refusal stays in `request.response`, where `answerEarly` has put it. After a fault there is no answer, which is a 502.
      if (!('earlyResponse' in request)) Object.assign(request, { earlyResponse: undefined });
      throw error;
    }
  };
}
