import type { APIGatewayProxyResult } from 'aws-lambda';
import { isToolName } from '../../core/access/action-pattern.ts';
import { PROBLEMS } from '../../core/errors/public-problem.ts';
import {
  eraOf,
  type RequestId,
  RPC_CODES,
  type ToolCall,
  type UnknownRequest,
  type UnreadableMessage,
} from '../../core/mcp/message.ts';
import type { McpRules, McpWording, Profile } from '../../core/profile/profile.ts';
import type { JsonObject } from '../../core/text/invalid-input.ts';
import { credentialHeader } from '../../core/verification/presentation.ts';
import {
  challengeOf,
  REFUSALS,
  type RefusalCode,
  unauthorizedDetail,
} from '../../core/verification/refusal.ts';
import type { Refusal } from '../../core/verification/verdict.ts';
import { fitAnswer } from '../http/http-answer.ts';
import { type EventHeaders, type HttpEvent, requestIdOfEvent } from '../http/http-event.ts';
import { faultProblem } from '../http/problem.ts';
import { retryHeaders } from './rest-answer.ts';
import type { Fault } from './verdict-source.ts';

/** A JSON-RPC error. */
export interface RpcProblem {
  /** The HTTP status. An answer of 202 has no body, because a notification gets no JSON-RPC answer. */
  readonly status: number;
  readonly code: number;
  readonly message: string;
  /** `null` if the request has no id, or if the caller must not learn that the request was read. */
  readonly id: RequestId | null;
  /** `null` where the product's own errors have no data. The request's id is in a header then. */
  readonly data?: Readonly<Record<string, unknown>> | null;
  readonly headers?: Readonly<Record<string, string>> | undefined;
}

export function rpcErrorResponse(problem: RpcProblem, requestId: string): APIGatewayProxyResult {
  const { status, data, headers } = problem;
  return {
    statusCode: status,
    headers: {
      ...(status !== 202 && { 'Content-Type': 'application/json' }),
      'Cache-Control': 'no-store',
      ...(data === null && { 'X-Request-Id': requestId }),
      ...headers,
    },
    body: status === 202 ? '' : JSON.stringify(rpcError(problem, requestId)),
  };
}

function rpcError({ code, message, id, data }: RpcProblem, requestId: string): object {
  const error = { code, message, ...(data !== null && { data: { ...data, request_id: requestId } }) };
  return { jsonrpc: '2.0', id, error };
}

/** The parts of a message that its answer depends on. */
export interface AskedMessage {
  readonly id?: RequestId;
  readonly method: string;
  readonly params?: JsonObject;
}

/**
 * The HTTP status of a refusal. Clients of the first era may end their session over any HTTP error. So a refused tool, or a used
 * up rate limit, is an error in JSON-RPC only. A bad credential stays an HTTP error. So does the wrong workspace, except on the
 * call of a tool: it refuses `initialize` already, so there is no session to lose.
 * @param message `null` if it could not be read.
 */
function refusalStatus(code: RefusalCode, message: AskedMessage | null): number {
  const { status } = REFUSALS[code];
  if (status === 401 || message === null || eraOf(message) === 'stateless') return status;
  if (message.method !== 'tools/call' && code !== 'rate_limited') return status;
  // The product never gets notifications, so accepting one does no harm.
  return message.id === undefined ? 202 : 200;
}

export type McpProfile = Profile & { readonly mcp: McpRules };

/** @param asked the message, or `null` if it could not be read. An answer to an unknown caller does not repeat its id. */
export function refusalProblem(
  profile: McpProfile,
  refusal: Refusal,
  asked: AskedMessage | null,
): RpcProblem {
  const { code, requiredScope, rate } = refusal;
  const { status: rpcCode, detail: message, code: publicCode } = REFUSALS[code];
  if (rpcCode === 401) return unauthorizedProblem(profile, code);
  const data =
    requiredScope === undefined
      ? { code: publicCode, reason: reasonOf(code) }
      : { code: publicCode, required_scope: requiredScope };
  return {
    status: refusalStatus(code, asked),
    code: rpcCode,
    message,
    id: asked?.id ?? null,
    data,
    headers: rate && retryHeaders(rate),
  };
}

function reasonOf(code: RefusalCode): string {
  if (code === 'rate_limited') return 'The limit of the current window is used up.';
  return code === 'wrong_workspace' ? REFUSALS[code].detail : 'No API key may call this tool.';
}

function unauthorizedProblem({ mcp, presentation, realm }: McpProfile, refusal: RefusalCode): RpcProblem {
  const { status, code } = REFUSALS.unknown;
  const headers = { 'WWW-Authenticate': challengeOf(presentation, realm) };
  const answer = { status, code: mcp.unauthorizedCode, id: null, headers };
  if (mcp.wording === undefined)
    return { ...answer, message: unauthorizedDetail(credentialHeader(presentation)), data: { code } };
  return { ...answer, message: wordingFor(mcp.wording, refusal), data: null };
}

function wordingFor({ missing, expired, invalid }: McpWording, refusal: RefusalCode): string {
  if (refusal === 'missing') return missing;
  return refusal === 'expired' ? expired : invalid;
}

/** Nobody could find out whether the credential is valid. */
export function rpcFaultProblem({ mcp }: McpProfile, fault: Fault, id: RequestId | null): RpcProblem {
  if (mcp.wording !== undefined) {
    return { status: 500, code: mcp.unauthorizedCode, message: mcp.wording.fault, id: null, data: null };
  }
  const { status, detail, code, headers } = faultProblem(fault, PROBLEMS.not_begun);
  return { status, code: status, message: detail, id, data: { code }, headers };
}

export function unreadableProblem({ code, reason, id }: Omit<UnreadableMessage, 'kind'>): RpcProblem {
  return { status: 400, code: RPC_CODES[code], message: reason, id };
}

/** @param answer the answer that holds no list. If it is an error, its status stays. */
export function unlistableProblem(id: RequestId, answer: unknown): RpcProblem {
  const { statusCode } = answer as Partial<APIGatewayProxyResult>;
  const status = Number.isInteger(statusCode) && Number(statusCode) >= 400 ? Number(statusCode) : 500;
  const { detail, code } = PROBLEMS.internal_error;
  return { status, code: RPC_CODES.internal_error, message: detail, id, data: { code } };
}

/** A client of the first era ends its session over an HTTP 404. */
export function methodNotFound(message: UnknownRequest): RpcProblem {
  const status = eraOf(message) === 'handshake' ? 200 : 404;
  return { status, code: RPC_CODES.method_not_found, message: 'Method not found', id: message.id };
}

/** The call of a tool, as the guard hands it to the product. */
type CallEvent = Pick<HttpEvent, 'requestContext'> &
  EventHeaders & { readonly message: Pick<ToolCall, 'id' | 'method' | 'params'> };

/**
 * Refuses a call in the name of the tool, such as a call on a record of somebody else. The answer looks like the guard's own
 * refusals, and has the reason in `data.reason`.
 * @param reason a whole sentence, for the caller.
 */
export function refuseToolCall(event: CallEvent, reason: string): APIGatewayProxyResult {
  const { message } = event;
  const { status: rpcCode, code, detail } = REFUSALS.forbidden;
  const status = refusalStatus('forbidden', message);
  const problem = { status, code: rpcCode, message: detail, id: message.id, data: { code, reason } };
  return fitAnswer(event, rpcErrorResponse(problem, requestIdOfEvent(event)));
}

/**
 * Answers the call of an unknown tool as the official server of the client's era does. Up to 2025-11-25 that is a result that
 * the model reads, and later an error. The guard also answers so for a tool that no scope grants. No list shows such a tool, so
 * the answer tells nobody whether the product has it.
 */
export function answerUnknownTool(event: CallEvent): APIGatewayProxyResult {
  const { message } = event;
  const { id, params } = message;
  // Any other text may be long, or may do harm where it is shown.
  const text = isToolName(params.name) ? `Tool ${params.name} not found` : 'Tool not found';
  const code = RPC_CODES.invalid_params;
  if (eraOf(message) === 'stateless') {
    const problem = { status: 200, code, message: text, id };
    return fitAnswer(event, rpcErrorResponse(problem, requestIdOfEvent(event)));
  }
  const content = [{ type: 'text', text: `MCP error ${code}: ${text}` }];
  return fitAnswer(event, {
    statusCode: 200,
    headers: { 'Content-Type': 'application/json', 'Cache-Control': 'no-store' },
    body: JSON.stringify({ jsonrpc: '2.0', id, result: { content, isError: true } }),
  });
}
