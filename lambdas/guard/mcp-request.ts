import type { APIGatewayProxyEvent } from 'aws-lambda';
import { headerMismatch } from '../../core/mcp-header.ts';
import { type ReadMessage, readMcpMessage } from '../../core/mcp-message.ts';
import type { MultiValueHeaders } from '../../core/presentation.ts';
import type { McpRules } from '../../core/profile.ts';
import { type RpcProblem, unreadableProblem } from './mcp-response.ts';

/** A message that may be decided on, or what is wrong with the request. */
export type ReadRequest =
  | Extract<ReadMessage, { kind: 'message' }>
  | { readonly kind: 'refused'; readonly problem: RpcProblem };

export function readRequest({ path }: McpRules, event: APIGatewayProxyEvent): ReadRequest {
  const refused = (problem: RpcProblem): ReadRequest => ({ kind: 'refused', problem });
  if (event.resource !== path) {
    return refused({ status: 404, code: 404, message: 'There is no such resource.', id: null });
  }
  if (event.httpMethod !== 'POST') {
    const message = 'Messages are posted here. There are no streams and no sessions.';
    return refused({ status: 405, code: 405, message, id: null, headers: { Allow: 'POST' } });
  }
  const read = readMcpMessage(bodyText(event));
  if (read.kind === 'unreadable') return refused(unreadableProblem(read));
  const reason = headerMismatch(read.message, (event.multiValueHeaders ?? {}) as MultiValueHeaders);
  if (reason === undefined) return read;
  return refused(unreadableProblem({ code: 'header_mismatch', reason, id: read.message.id ?? null }));
}

/** @returns a text that no JSON can be where the bytes are not UTF-8: replaced characters are not what was sent. */
function bodyText({ body, isBase64Encoded }: APIGatewayProxyEvent): string {
  if (!isBase64Encoded) return body ?? '';
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(
      Buffer.from(body ?? '', 'base64'),
    );
  } catch {
    return '';
  }
}
