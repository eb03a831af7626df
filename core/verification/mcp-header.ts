import {
  claimedVersion,
  eraOfVersion,
  FIRST_STATELESS_VERSION,
  isMcpVersion,
  isMethod,
  isNotification,
  MCP_VERSIONS,
  type McpMessage,
  type UnknownRequest,
  VERSION_IN_BODY,
} from '../mcp/message.ts';
import type { Profile } from '../profile/profile.ts';
import { headerValues, type MultiValueHeaders } from './presentation.ts';
import { toolRequirement } from './requirement.ts';
import type { ActionRequirement } from './verdict.ts';

const VERSION = 'MCP-Protocol-Version';
const METHOD = 'Mcp-Method';
const NAME = 'Mcp-Name';

/**
 * Compares a message with the headers that repeat it. An authorizer or a proxy in front may have decided by the headers. So each
 * header must be sent at most once and agree with the body in every version, and from 2026-07-28 on it must be sent.
 * @returns the mismatch, as a whole sentence; `undefined` if headers and body agree.
 * @see https://modelcontextprotocol.io/specification/2026-07-28/basic/transports/streamable-http#server-validation
 */
export function findHeaderMismatch(
  message: McpMessage | UnknownRequest,
  headers: MultiValueHeaders,
): string | undefined {
  for (const name of [VERSION, METHOD, NAME]) {
    if (headerValues(headers, name.toLowerCase()).length > 1)
      return `The header ${name} was sent more than once.`;
  }
  const version = onlyValue(headers, VERSION);
  const isRequired =
    message.id !== undefined &&
    [claimedVersion(message), version].some((text) => text !== undefined && mustBeRepeated(text));
  return (
    versionMismatch(message, version, isRequired) ??
    mismatch(METHOD, onlyValue(headers, METHOD), { said: message.method, isRequired }) ??
    nameMismatch(message, onlyValue(headers, NAME), isRequired)
  );
}

/** A claim that is not a version follows the stricter rule too. */
function mustBeRepeated(version: string): boolean {
  return !isMcpVersion(version) || eraOfVersion(version) === 'stateless';
}

function versionMismatch(
  message: McpMessage | UnknownRequest,
  version: string | undefined,
  isRequired: boolean,
): string | undefined {
  const claimed = claimedVersion(message);
  if (version !== undefined && !isMcpVersion(version)) {
    return `The header ${VERSION} must name a version of the protocol: one of ${MCP_VERSIONS}.`;
  }
  if (claimed !== undefined) return mismatch(VERSION, version, { said: claimed, isRequired });
  if (!isRequired) return undefined;
  return `The header ${VERSION} names ${version}, but ${VERSION_IN_BODY} is missing in params._meta of the body, where every version from ${FIRST_STATELESS_VERSION} on has it.`;
}

function nameMismatch(
  message: McpMessage | UnknownRequest,
  value: string | undefined,
  isRequired: boolean,
): string | undefined {
  // For an unknown method the header may repeat any member of the body. No tool runs, so there is nothing to compare.
  if (!isMethod(message.method) && !isNotification(message.method)) return undefined;
  const name = value === undefined ? undefined : decodeName(value);
  if (value !== undefined && name === undefined) {
    return `The header ${NAME} must be visible ASCII text, or =?base64?…?= around the padded base64 of UTF-8 text.`;
  }
  // Only a tool call has a name. A name next to any other method differs from the body.
  const said = isToolCall(message) ? message.params.name : undefined;
  return mismatch(NAME, name, { said, isRequired });
}

function isToolCall(
  message: McpMessage | UnknownRequest,
): message is Extract<McpMessage, { method: 'tools/call' }> {
  return message.method === 'tools/call';
}

function mismatch(
  header: string,
  value: string | undefined,
  { said, isRequired }: { readonly said: string | undefined; readonly isRequired: boolean },
): string | undefined {
  if (value === undefined) {
    return isRequired && said !== undefined ? `The header ${header} is missing.` : undefined;
  }
  return value === said ? undefined : `The header ${header} differs from the body.`;
}

/** @returns the header's value without white space around it; `undefined` if it was not sent, or more than once. */
function onlyValue(headers: MultiValueHeaders, name: string): string | undefined {
  const [value, ...others] = headerValues(headers, name.toLowerCase());
  if (value === undefined || others.length > 0) return undefined;
  // HTTP's white space is blanks and tabs (RFC 9110, 5.6.3). `trim` removes more, but not from plain ASCII.
  return PLAIN.test(value) ? value.trim() : value;
}

const ENCODED = /^=\?base64\?(.*)\?=$/;
const PLAIN = /^[\t\x20-\x7e]*$/;

/**
 * Reads `Mcp-Name`. A name that is not plain ASCII travels as `=?base64?…?=` around the base64 of its UTF-8. The markers are
 * lower case, and each name has exactly one encoding.
 * @returns `undefined` for a value that is neither plain ASCII nor correctly encoded.
 * @see https://modelcontextprotocol.io/specification/2026-07-28/basic/transports/streamable-http#value-encoding
 */
export function decodeName(value: string): string | undefined {
  if (!PLAIN.test(value)) return undefined;
  const encoded = ENCODED.exec(value)?.[1];
  if (encoded === undefined) return value;
  const bytes = Buffer.from(encoded, 'base64');
  if (bytes.toString('base64') !== encoded) return undefined;
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

/**
 * The requirement of a request by its headers alone, for an authorizer, which sees no body. It can only refuse earlier, with an HTTP
 * 403. Missing or odd headers require nothing here: the guard refuses headers that differ from the body. Clients before 2026-07-28
 * require nothing either. They send no such headers, and an HTTP 403 would end their session.
 */
export function requirementByHeaders(profile: Profile, headers: MultiValueHeaders): ActionRequirement {
  if (eraOfVersion(onlyValue(headers, VERSION)) === 'handshake') return 'any';
  const value = onlyValue(headers, NAME);
  const name = value === undefined ? undefined : decodeName(value);
  if (onlyValue(headers, METHOD) !== 'tools/call' || name === undefined) return 'any';
  const requirement = toolRequirement(profile, name);
  // The guard answers calls of unknown tools, with another status than 403.
  return requirement === 'none' ? 'any' : requirement;
}
