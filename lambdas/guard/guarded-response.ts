import type { Request } from '@middy/core';
import type { APIGatewayProxyResult } from 'aws-lambda';
import { isObject } from '../../core/mcp-message.ts';
import type { GuardedMcpEvent } from './guard-mcp.ts';
import { filterAnswer, type ToolFilter } from './tool-list.ts';

export type GuardedRequest = Request<GuardedMcpEvent, APIGatewayProxyResult>;

/**
 * Puts a filter on whatever a chain of middleware answers to `tools/list`.
 *
 * Middy keeps the answer in `request.response`, whoever gives it (the handler, a middleware that answers before it, one that
 * returns from its `after`, one that turns an error into an answer), and reads it there once more at the very end, to return
 * it. An `after` would not do: Middy skips it when somebody has answered early. So the property is one that filters when it
 * is read, and none that could be taken away again. What others change in an answer that they have read stays.
 * @param refuse makes what is answered instead of what cannot be filtered.
 */
export function guardResponse(
  request: GuardedRequest,
  mayShow: ToolFilter,
  refuse: (answer: unknown) => APIGatewayProxyResult,
): void {
  let answer: unknown = request.response;
  /** The object that was handed out last: whoever has it may go on changing it. */
  let shown: unknown;
  Object.defineProperty(request, 'response', {
    enumerable: true,
    configurable: false,
    get: () => {
      if (answer === undefined) return undefined;
      const filtered = filterAnswer(answer, mayShow);
      if (filtered === undefined) shown = refuse(answer);
      else
        shown = answer === shown && isObject(filtered) ? Object.assign(answer as object, filtered) : filtered;
      answer = shown;
      return shown;
    },
    set: (next: unknown) => {
      answer = next;
    },
  });
}
