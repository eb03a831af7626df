import type { Request } from '@middy/core';
import type { APIGatewayProxyEvent, APIGatewayProxyResult } from 'aws-lambda';
import { isObject } from '../../core/mcp-message.ts';
import { withCrossOriginHeaders } from '../http/cross-origin.ts';

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
 * looks for it. Middy empties that property first, and an `onError` for errors of the product may write into it. Therefore the
 * property takes over nothing but further headers.
 */
export function answerEarly(
  request: Request<APIGatewayProxyEvent, APIGatewayProxyResult>,
  ownAnswer: APIGatewayProxyResult,
): never {
  const own = withCrossOriginHeaders(request.event, ownAnswer);
  let added: APIGatewayProxyResult['headers'];
  const answer = { ...own };
  Object.defineProperty(request, 'response', {
    enumerable: true,
    configurable: true,
    // An `onError` may have written into the object itself.
    get: () => Object.assign(answer, own, { headers: { ...added, ...answer.headers, ...own.headers } }),
    set: (next: unknown) => {
      if (next !== answer && isObject(next) && isObject(next.headers)) added = next.headers as typeof added;
    },
  });
  throw new AnsweredByGuard(answer.statusCode);
}
