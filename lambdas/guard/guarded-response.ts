import type { Request } from '@middy/core';
import type { APIGatewayProxyEvent, APIGatewayProxyResult } from 'aws-lambda';
import { isObject } from '../../core/text/invalid-input.ts';
import { isCrossOrigin } from '../http/request.ts';
import { mergeHeaders, withCrossOriginHeaders } from '../http/response-headers.ts';

type GuardedRequest = Request<APIGatewayProxyEvent, APIGatewayProxyResult>;

interface AnswerChange {
  /** @returns `undefined` for an answer that must not be shown. It may be called again with what it has returned. */
  readonly change: (answer: unknown) => unknown;
  /**
   * Makes what is answered instead of what must not be shown. A change that refuses stays for good.
   * @default every answer is shown, and other middleware may define `request.response` anew
   */
  readonly refuse?: (answer: unknown) => APIGatewayProxyResult;
}

/** What stands in `request.response` once a guard has had the request. */
interface GuardedResponse {
  readonly changes: AnswerChange[];
  /** A guard's own answer, which stays whatever the chain answers. */
  fixed?: FixedAnswer;
  readonly get: () => unknown;
  readonly set: (next: unknown) => void;
}

interface FixedAnswer {
  readonly read: () => APIGatewayProxyResult;
  readonly take: (next: unknown) => void;
}

/** Several guards may stand in one chain, and one property is all that a request has. */
const responses = new WeakMap<object, GuardedResponse>();

/**
 * Changes whatever a chain of middleware answers.
 *
 * Middy keeps the answer in `request.response`, whoever gives it (the handler, a middleware that answers before it, one that
 * returns from its `after`, one that turns an error into an answer), and reads it there once more at the very end, to return
 * it. An `after` would not do: Middy skips it when somebody has answered early. So the property is one that changes the answer
 * when it is read. What others change in an answer that they have read stays.
 */
export function changeAnswer(request: GuardedRequest, change: AnswerChange): void {
  const response = guardedResponse(request);
  response.changes.push(change);
  defineResponse(request, response);
}

/**
 * Answers a request for good: whatever other middleware writes into `request.response`, or into the answer that it finds
 * there, only further headers are taken over.
 */
export function fixAnswer(request: GuardedRequest, own: APIGatewayProxyResult): void {
  const response = guardedResponse(request);
  response.fixed ??= fixedAnswer(own);
  defineResponse(request, response);
}

/** Lets pages that the API allows read whatever the chain answers, also what it makes of an error. */
export function allowOrigins(request: GuardedRequest): void {
  const { event } = request;
  if (!isCrossOrigin(event)) return;
  changeAnswer(request, { change: (answer) => withCrossOriginHeaders(event, answer) });
}

function guardedResponse(request: GuardedRequest): GuardedResponse {
  const known = responses.get(request);
  if (known !== undefined) return known;
  let answer: unknown = request.response;
  /** The object that was handed out last: whoever has it may go on changing it. */
  let shown: unknown;
  const response: GuardedResponse = {
    changes: [],
    get: () => {
      if (response.fixed !== undefined) return response.fixed.read();
      if (answer === undefined) return undefined;
      const changed = response.changes.reduce(applyChange, answer);
      shown = answer === shown && isObject(changed) ? Object.assign(answer as object, changed) : changed;
      answer = shown;
      return shown;
    },
    set: (next) => {
      if (response.fixed === undefined) answer = next;
      else response.fixed.take(next);
    },
  };
  responses.set(request, response);
  return response;
}

function applyChange(answer: unknown, { change, refuse }: AnswerChange): unknown {
  const changed = change(answer);
  return changed === undefined ? refuse?.(answer) : changed;
}

function defineResponse(request: GuardedRequest, { changes, get, set }: GuardedResponse): void {
  const configurable = changes.every(({ refuse }) => refuse === undefined);
  Object.defineProperty(request, 'response', { enumerable: true, configurable, get, set });
}

/** Headers that tell of another body than the guard's. */
const OF_A_BODY =
  /^(?:content-(?:digest|disposition|encoding|language|length|md5|range|type)|etag|transfer-encoding)$/i;

function fixedAnswer(own: APIGatewayProxyResult): FixedAnswer {
  const answer: APIGatewayProxyResult = { ...own };
  const addHeaders = (...others: readonly unknown[]): typeof own.headers =>
    [...others.map(furtherHeaders), own.headers ?? {}].reduce((all, next) => mergeHeaders(all, next));
  return {
    read: () => {
      // An `onError` may have written into the object itself, and may go on doing so.
      for (const name of Object.keys(answer)) if (!(name in own)) Reflect.deleteProperty(answer, name);
      return Object.assign(answer, own, { headers: addHeaders(answer.headers) });
    },
    take: (next) => {
      if (next !== answer && isObject(next)) answer.headers = addHeaders(answer.headers, next.headers);
    },
  };
}

function furtherHeaders(headers: unknown): NonNullable<APIGatewayProxyResult['headers']> {
  const further = Object.entries(isObject(headers) ? headers : {}).filter(([name]) => !OF_A_BODY.test(name));
  return Object.fromEntries(further) as NonNullable<APIGatewayProxyResult['headers']>;
}
