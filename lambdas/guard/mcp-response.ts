import type { APIGatewayProxyEvent, APIGatewayProxyResult } from 'aws-lambda';
import { type RequestId, RPC_CODES, type ToolCall, type UnreadableMessage } from '../../core/mcp-message.ts';
import { PROBLEMS } from '../../core/public-problem.ts';
import { REFUSALS } from '../../core/refusal.ts';

/** A JSON-RPC error, on the HTTP status that says the same. */
export interface RpcProblem {
  readonly status: number;
  readonly code: number;
  readonly message: string;
  /** `null` where the request has none, or where it is not for the caller to know that it was read. */
  readonly id: RequestId | null;
  /** `null` where the product's own errors have none; the request's id is in a header then. */
  readonly data?: Readonly<Record<string, unknown>> | null;
  readonly headers?: Readonly<Record<string, string>>;
}

export function rpcErrorResponse(problem: RpcProblem, requestId: string): APIGatewayProxyResult {
  const { status, code, message, id, data, headers } = problem;
  return {
    statusCode: status,
    headers: {
      'Content-Type': 'application/json',
      'Cache-Control': 'no-store',
      ...(data === null && { 'X-Request-Id': requestId }),
      ...headers,
    },
    body: JSON.stringify({
      jsonrpc: '2.0',
      id,
      error: { code, message, ...(data !== null && { data: { ...data, request_id: requestId } }) },
    }),
  };
}

export function unreadableProblem({ code, reason, id }: Omit<UnreadableMessage, 'kind'>): RpcProblem {
  return { status: code === 'method_not_found' ? 404 : 400, code: RPC_CODES[code], message: reason, id };
}

/** @param answer what stood there instead of a list; if it was an error, the status stays. */
export function unlistableProblem(id: RequestId, answer: unknown): RpcProblem {
  const { statusCode } = answer as Partial<APIGatewayProxyResult>;
  const status = Number.isInteger(statusCode) && Number(statusCode) >= 400 ? Number(statusCode) : 500;
  const { detail, code } = PROBLEMS.internal_error;
  return { status, code: RPC_CODES.internal_error, message: detail, id, data: { code } };
}

/**
 * The answer to a call that the tool itself refuses, such as one on a record that is not the caller's: the same as the
 * guard's own refusals, with the reason in `data.reason`.
 * @param reason a whole sentence, for the caller.
 */
export function refuseToolCall(
  event: Pick<APIGatewayProxyEvent, 'requestContext'> & { readonly message: Pick<ToolCall, 'id'> },
  reason: string,
): APIGatewayProxyResult {
  const { status, code, detail } = REFUSALS.forbidden;
  const problem = { status, code: status, message: detail, id: event.message.id, data: { code, reason } };
  return rpcErrorResponse(problem, event.requestContext.requestId);
}
