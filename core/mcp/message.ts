import { isObject, type JsonObject } from '../text/invalid-input.ts';

/**
 * One message of the Model Context Protocol that may be passed on. A message of another kind is refused, so nothing runs unchecked.
 * @see https://modelcontextprotocol.io/specification/2026-07-28
 */
export type McpMessage = McpRequest | McpNotification;

export type McpRequest = ToolCall | OtherRequest;

export interface ToolCall extends JsonRpcRequest {
  readonly method: 'tools/call';
  /** The name is any text. `toolRequirement` says which scope calling it requires. */
  readonly params: JsonObject & { readonly name: string };
}

export interface OtherRequest extends JsonRpcRequest {
  readonly method: Exclude<McpMethod, 'tools/call'>;
}

interface JsonRpcRequest {
  readonly jsonrpc: '2.0';
  readonly id: RequestId;
  readonly method: McpMethod;
  readonly params?: JsonObject;
}

export interface McpNotification {
  readonly jsonrpc: '2.0';
  readonly id?: never;
  readonly method: `notifications/${string}`;
  readonly params?: JsonObject;
}

/** A request with an unknown method. It gets an answer and is never passed on. */
export interface UnknownRequest {
  readonly id: RequestId;
  readonly method: string;
  readonly params?: JsonObject;
}

export type RequestId = string | number;

/**
 * Every method of both eras that a server of tools answers: `initialize` and `ping` until 2025-11-25, `server/discover`
 * since 2026-07-28.
 */
export const MCP_METHODS = ['initialize', 'ping', 'server/discover', 'tools/list', 'tools/call'] as const;
export type McpMethod = (typeof MCP_METHODS)[number];

/** Clients POST messages. Clients of older versions also ask for streams with the others, and need an answer. */
export const MCP_HTTP_METHODS = ['POST', 'GET', 'DELETE'] as const;

/** JSON-RPC 2.0, 5.1, and MCP's own: `header_mismatch` has been there since 2026-07-28. */
export const RPC_CODES = {
  parse_error: -32700,
  invalid_request: -32600,
  method_not_found: -32601,
  invalid_params: -32602,
  internal_error: -32603,
  header_mismatch: -32020,
} as const;

export interface UnreadableMessage {
  readonly kind: 'unreadable';
  readonly code: Exclude<keyof typeof RPC_CODES, 'internal_error' | 'method_not_found'>;
  /** A whole sentence that repeats nothing of the message. */
  readonly reason: string;
  /** The request's id, if it has one that may be repeated. */
  readonly id: RequestId | null;
}

export type ReadMessage =
  | { readonly kind: 'message'; readonly message: McpMessage }
  | { readonly kind: 'unknown_method'; readonly message: UnknownRequest }
  | UnreadableMessage;

const LONGEST_ID = 256;
const NOTIFICATION = /^notifications\/[\w/-]{1,100}$/;

const BYTE_ORDER_MARK = '\uFEFF';

/** Reads the body of a POST, and skips the byte order mark that some clients send. Never throws. */
export function readMcpMessage(text: string): ReadMessage {
  let value: unknown;
  try {
    value = JSON.parse(text.startsWith(BYTE_ORDER_MARK) ? text.slice(1) : text);
  } catch {
    return unreadable('parse_error', 'The body is not valid JSON.');
  }
  if (Array.isArray(value))
    return unreadable('invalid_request', 'Batches are not supported: post one message at a time.');
  if (!isObject(value) || value.jsonrpc !== '2.0' || typeof value.method !== 'string') {
    return unreadable('invalid_request', 'The body is not a JSON-RPC 2.0 request.');
  }
  return readObject(value, value.method);
}

function readObject(value: JsonObject, method: string): ReadMessage {
  const hasId = Object.hasOwn(value, 'id');
  const { id } = value;
  // Some clients send null instead of leaving params out.
  const params = value.params ?? undefined;
  if (hasId && !isRequestId(id)) {
    return unreadable(
      'invalid_request',
      'The id must be a text of at most 256 characters or a whole number.',
    );
  }
  const refuse = (code: UnreadableMessage['code'], reason: string) =>
    unreadable(code, reason, isRequestId(id) ? id : null);
  if (Object.hasOwn(value, 'result') || Object.hasOwn(value, 'error')) {
    return refuse('invalid_request', 'A message is a request or a response, not both.');
  }
  if (params !== undefined && !isObject(params)) return refuse('invalid_params', 'params must be an object.');
  const own = { jsonrpc: '2.0', method, ...(params && { params }) } as const;
  if (!isRequestId(id)) {
    if (!isNotification(method)) return refuse('invalid_request', 'A request needs an id.');
    return { kind: 'message', message: { ...own, method } };
  }
  if (!isMethod(method)) {
    return { kind: 'unknown_method', message: { id, method, ...(params && { params }) } };
  }
  if (method !== 'tools/call') return { kind: 'message', message: { ...own, id, method } };
  const name = params && Object.hasOwn(params, 'name') ? params.name : undefined;
  if (typeof name !== 'string') return refuse('invalid_params', "params.name must be a tool's name.");
  return { kind: 'message', message: { ...own, id, method, params: { ...params, name } } };
}

function unreadable(
  code: UnreadableMessage['code'],
  reason: string,
  id: RequestId | null = null,
): UnreadableMessage {
  return { kind: 'unreadable', code, reason, id };
}

function isRequestId(value: unknown): value is RequestId {
  return typeof value === 'string' ? value.length <= LONGEST_ID : Number.isSafeInteger(value);
}

export function isMethod(method: string): method is McpMethod {
  return MCP_METHODS.some((known) => known === method);
}

export function isNotification(method: string): method is McpNotification['method'] {
  return NOTIFICATION.test(method);
}

/**
 * The two eras of the protocol. `handshake`, until 2025-11-25: a client initializes a session, and may end the session after one
 * HTTP error. `stateless`, since 2026-07-28: each request stands alone, and headers repeat parts of it.
 */
export type McpEra = 'handshake' | 'stateless';

/** Every version of the first era. */
const HANDSHAKE_VERSIONS = ['2024-10-07', '2024-11-05', '2025-03-26', '2025-06-18', '2025-11-25'];
export const FIRST_STATELESS_VERSION = '2026-07-28';
/** For sentences that name the expected versions. */
export const MCP_VERSIONS = [...HANDSHAKE_VERSIONS, FIRST_STATELESS_VERSION].join(', ');

/** The member of `params._meta` that names a request's version. */
export const VERSION_IN_BODY = 'io.modelcontextprotocol/protocolVersion';

const DATE = /^\d{4}-\d{2}-\d{2}$/;

/**
 * The era of a message, by the version that its body claims. The header agrees with it, since `findHeaderMismatch` refuses a
 * request whose header names another version. A message without a version is of the first era, which sent none.
 */
export function eraOf(message: { readonly params?: JsonObject }): McpEra {
  return eraOfVersion(claimedVersion(message));
}

/** @param version unverified. Versions are dates, which sort as text; later ones are stateless too. */
export function eraOfVersion(version: string | undefined): McpEra {
  return version !== undefined && DATE.test(version) && version >= FIRST_STATELESS_VERSION
    ? 'stateless'
    : 'handshake';
}

/** Tells whether a text is a known version of the protocol, or may be a later one. */
export function isMcpVersion(text: string): boolean {
  return HANDSHAKE_VERSIONS.includes(text) || eraOfVersion(text) === 'stateless';
}

/** @returns unverified text, empty for a claim that is not a text; `undefined` if the body claims no version. */
export function claimedVersion({ params }: { readonly params?: JsonObject }): string | undefined {
  const meta = params?._meta;
  if (!isObject(meta) || !Object.hasOwn(meta, VERSION_IN_BODY)) return undefined;
  const version = meta[VERSION_IN_BODY];
  return typeof version === 'string' ? version : '';
}
