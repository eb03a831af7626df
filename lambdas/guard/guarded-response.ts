import type { Request } from '@middy/core';
import type { APIGatewayProxyResult } from 'aws-lambda';
import { isObject } from '../../core/text/invalid-input.ts';
import { headerValues } from '../../core/verification/presentation.ts';
import { fitAnswer } from '../http/http-answer.ts';
import { type HttpEvent, headersOf } from '../http/http-event.ts';
import { isCrossOrigin, mergeHeaders, withCrossOriginHeaders } from '../http/response-headers.ts';

type GuardedRequest<Event extends HttpEvent = HttpEvent> = Request<Event, APIGatewayProxyResult>;

/**
 * Answers instead of the handler, and lets other middleware add headers, such as those of `@middy/http-cors`.
 *
 * If a `before` returns an answer, Middy skips all other middleware. If a `before` throws, Middy calls every `onError`, wherever
 * it stands in the chain. So this function throws, and leaves the answer in `request.response`, where an `onError` looks for it.
 */
export function answerEarly(request: GuardedRequest, answer: APIGatewayProxyResult): never {
  const own = withCrossOriginHeaders(request.event, answer);
  fixAnswer(request, own);
  throw new AnsweredByGuard(own.statusCode);
}

/**
 * Answers a call that succeeds without the handler. It is no error, so no `onError` sees it. The exception is a call of a page
 * whose origin other middleware has to allow: then this function throws as {@link answerEarly} does.
 */
export function answerSuccess(request: GuardedRequest, answer: APIGatewayProxyResult): APIGatewayProxyResult {
  const { event } = request;
  const origins = headerValues(headersOf(event), 'origin');
  if (origins.length > 0 && !isCrossOrigin(event)) return answerEarly(request, answer);
  const own = fitAnswer(event, withCrossOriginHeaders(event, answer));
  // A wrapper around the guard may leave out what the guard returns.
  request.earlyResponse = own;
  return own;
}

/**
 * Keeps the handler from running after a guard has thrown, even if a wrapper around the guard catches the error. Middy calls no
 * handler while `request.earlyResponse` exists, and deletes that property when the error reaches Middy.
 */
export function failClosed<Event extends HttpEvent>(
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

interface AnswerChange {
  /** @returns `undefined` for an answer that must not be shown. It may be called again with its own result. */
  readonly change: (answer: unknown) => unknown;
  /**
   * Makes the answer that takes the place of one that must not be shown. Nobody can remove a change that has this function.
   * @default every answer is shown, and other middleware may redefine `request.response`
   */
  readonly refuse?: (answer: unknown) => APIGatewayProxyResult;
}

/**
 * Changes every answer of a chain of middleware.
 *
 * Middy keeps the answer in `request.response` and reads it there at the very end. It does not matter where the answer came
 * from: the handler, or a `before`, `after` or `onError` of any middleware. An `after` of the guard would not do, because Middy
 * skips it after an early answer. So `request.response` becomes a property that changes the answer whenever somebody reads it.
 * Other middleware may go on changing the answer that it has read.
 */
export function changeAnswer(request: GuardedRequest, change: AnswerChange): void {
  const response = guardedResponse(request);
  response.changes.push(change);
  defineResponse(request, response);
}

/** Lets the pages that the API allows read every answer of the chain, including an answer made from an error. */
export function allowOrigins(request: GuardedRequest): void {
  const { event } = request;
  if (!isCrossOrigin(event)) return;
  changeAnswer(request, { change: (answer) => withCrossOriginHeaders(event, answer) });
}

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
 * Fixes the answer of a request. Other middleware may write into `request.response`, or into the answer that it finds there,
 * but only additional headers are taken over.
 */
function fixAnswer(request: GuardedRequest, own: APIGatewayProxyResult): void {
  const response = guardedResponse(request);
  response.fixed ??= fixedAnswer(request.event, own);
  defineResponse(request, response);
}

/** The property `request.response`, after a guard has seen the request. */
interface GuardedResponse {
  readonly changes: AnswerChange[];
  /** A guard's own answer. It stays, whatever the chain answers. */
  fixed?: FixedAnswer;
  readonly get: () => unknown;
  readonly set: (next: unknown) => void;
}

interface FixedAnswer {
  readonly read: () => APIGatewayProxyResult;
  readonly take: (next: unknown) => void;
}

/** Several guards may stand in one chain, and they share the one property of a request. */
const responses = new WeakMap<object, GuardedResponse>();

function guardedResponse(request: GuardedRequest): GuardedResponse {
  const known = responses.get(request);
  if (known !== undefined) return known;
  let answer: unknown = request.response;
  /** The object that was handed out last. Middleware that has it may still change it. */
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

/** Headers that describe a body. Those of other middleware do not describe the guard's. */
const OF_A_BODY =
  /^(?:content-(?:digest|disposition|encoding|language|length|md5|range|type)|etag|transfer-encoding)$/i;

function fixedAnswer(event: HttpEvent, own: APIGatewayProxyResult): FixedAnswer {
  const answer: APIGatewayProxyResult = { ...own };
  const addHeaders = (...others: readonly unknown[]): typeof own.headers =>
    [...others.map(headersWithoutBody), own.headers ?? {}].reduce((all, next) => mergeHeaders(all, next));
  return {
    read: () => {
      // An `onError` may have written into the object itself, and may do so again.
      for (const name of Object.keys(answer)) if (!(name in own)) Reflect.deleteProperty(answer, name);
      return Object.assign(answer, fitAnswer(event, { ...own, headers: addHeaders(answer.headers) ?? {} }));
    },
    take: (next) => {
      if (next !== answer && isObject(next)) answer.headers = addHeaders(answer.headers, next.headers);
    },
  };
}

function headersWithoutBody(headers: unknown): NonNullable<APIGatewayProxyResult['headers']> {
  const further = Object.entries(isObject(headers) ? headers : {}).filter(([name]) => !OF_A_BODY.test(name));
  return Object.fromEntries(further) as NonNullable<APIGatewayProxyResult['headers']>;
}
