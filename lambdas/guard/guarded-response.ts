import type { Request } from '@middy/core';
import type { APIGatewayProxyEvent, APIGatewayProxyResult } from 'aws-lambda';
import { isObject } from '../../core/mcp-message.ts';
import { isCrossOrigin, withCrossOriginHeaders } from '../http/cross-origin.ts';

interface AnswerChange {
  /** @returns `undefined` for an answer that must not be shown. It may be called again with what it has returned. */
  readonly change: (answer: unknown) => unknown;
  /**
   * Makes what is answered instead of what must not be shown. A change that refuses stays for good.
   * @default every answer is shown, and a later change may take the place of this one
   */
  readonly refuse?: (answer: unknown) => APIGatewayProxyResult;
}

/**
 * Changes whatever a chain of middleware answers.
 *
 * Middy keeps the answer in `request.response`, whoever gives it (the handler, a middleware that answers before it, one that
 * returns from its `after`, one that turns an error into an answer), and reads it there once more at the very end, to return
 * it. An `after` would not do: Middy skips it when somebody has answered early. So the property is one that changes the answer
 * when it is read. What others change in an answer that they have read stays.
 */
export function changeAnswer(
  request: Request<APIGatewayProxyEvent, APIGatewayProxyResult>,
  { change, refuse }: AnswerChange,
): void {
  let answer: unknown = request.response;
  /** The object that was handed out last: whoever has it may go on changing it. */
  let shown: unknown;
  Object.defineProperty(request, 'response', {
    enumerable: true,
    configurable: refuse === undefined,
    get: () => {
      if (answer === undefined) return undefined;
      const changed = change(answer);
      if (changed === undefined) shown = refuse?.(answer);
      else shown = answer === shown && isObject(changed) ? Object.assign(answer as object, changed) : changed;
      answer = shown;
      return shown;
    },
    set: (next: unknown) => {
      answer = next;
    },
  });
}

/** Lets pages that the API allows read whatever the chain answers, also what it makes of an error. */
export function allowOrigins(request: Request<APIGatewayProxyEvent, APIGatewayProxyResult>): void {
  const { event } = request;
  if (!isCrossOrigin(event)) return;
  changeAnswer(request, { change: (answer) => withCrossOriginHeaders(event, answer) });
}
