import { type McpMessage, type ReadMessage, readMcpMessage } from '../../core/mcp/message.ts';
import type { McpRules } from '../../core/profile/profile.ts';
import { findHeaderMismatch } from '../../core/verification/mcp-header.ts';
import { type HttpEvent, headersOf, readHttpRequest } from '../http/http-event.ts';
import { type AskedMessage, methodNotFound, type RpcProblem, unreadableProblem } from './mcp-response.ts';

/** A message that can be decided on, or the problem with the request. */
export type ReadRequest =
  | { readonly kind: 'message'; readonly message: McpMessage }
  | {
      readonly kind: 'refuse';
      readonly problem: RpcProblem;
      /** `null` if it could not be read. */
      readonly message: AskedMessage | null;
    };

/** The messages that guards have taken out of the body. A second guard in the same chain may trust these. */
const readMessages = new WeakSet<object>();

export function readRequest(rules: McpRules, event: HttpEvent): ReadRequest {
  const { method, resource, path } = readHttpRequest(event);
  if ((resource ?? path) !== rules.path) {
    return refuse({ status: 404, code: 404, message: 'There is no such resource.', id: null });
  }
  if (method !== 'POST') {
    const message = 'Messages are posted here. There are no streams and no sessions.';
    return refuse({ status: 405, code: 405, message, id: null, headers: { Allow: 'POST' } });
  }
  const read = readMcpMessage(bodyText(event));
  return read.kind === 'unreadable' ? refuse(unreadableProblem(read)) : compareWithHeaders(read, event);
}

function compareWithHeaders(
  { kind, message }: Exclude<ReadMessage, { kind: 'unreadable' }>,
  event: HttpEvent,
): ReadRequest {
  const reason = findHeaderMismatch(message, headersOf(event));
  if (reason !== undefined) {
    const mismatch = { code: 'header_mismatch', reason, id: message.id ?? null } as const;
    return refuse(unreadableProblem(mismatch), message);
  }
  if (kind !== 'message') return refuse(methodNotFound(message), message);
  readMessages.add(message);
  return { kind, message };
}

function refuse(problem: RpcProblem, message: AskedMessage | null = null): ReadRequest {
  return { kind: 'refuse', problem, message };
}

/** @returns an empty text, which is no JSON, if the bytes are not UTF-8. Replaced characters would not be what was sent. */
function bodyText(event: HttpEvent & { readonly message?: McpMessage }): string {
  const { body, isBase64Encoded, message } = event;
  if (body === null && message !== undefined && readMessages.has(message)) return JSON.stringify(message);
  if (!isBase64Encoded) return body ?? '';
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(
      Buffer.from(body ?? '', 'base64'),
    );
  } catch {
    return '';
  }
}
