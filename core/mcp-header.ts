import { isToolName } from './action-pattern.ts';
import { isObject, type McpMessage } from './mcp-message.ts';
import { headerValues, type MultiValueHeaders } from './presentation.ts';
import type { Profile } from './profile.ts';
import { requirementFor } from './requirement.ts';
import type { ActionRequirement } from './verdict.ts';

/** The first version whose requests repeat in headers what their bodies say. Versions are dates and sort as text. */
const FIRST_WITH_HEADERS = '2026-07-28';
const VERSION_IN_BODY = 'io.modelcontextprotocol/protocolVersion';

/**
 * Compares a message with the headers that repeat it. Whoever stands in front (an authorizer, a proxy) may have decided by
 * the headers, so one that is there has to agree whatever the version, be there once, and from 2026-07-28 on be there.
 * @returns what is wrong, as a whole sentence; `undefined` when headers and body agree.
 * @see https://modelcontextprotocol.io/specification/2026-07-28/basic/transports
 */
export function headerMismatch(message: McpMessage, headers: MultiValueHeaders): string | undefined {
  const versions = headerValues(headers, 'mcp-protocol-version');
  const claimed = claimedVersion(message);
  const isRequired =
    message.id !== undefined &&
    [claimed, ...versions].some((version) => (version ?? '') >= FIRST_WITH_HEADERS);
  const repeated = [
    { name: 'MCP-Protocol-Version', values: versions, said: claimed ?? versions[0] },
    { name: 'Mcp-Method', values: headerValues(headers, 'mcp-method'), said: message.method },
    { name: 'Mcp-Name', values: headerValues(headers, 'mcp-name'), said: nameOf(message) },
  ];
  for (const { name, values, said } of repeated) {
    if (values.length > 1) return `The header ${name} was sent more than once.`;
    const [value] = values;
    if (value === undefined && isRequired && said !== undefined) return `The header ${name} is missing.`;
    if (value !== undefined && value.trim() !== said) return `The header ${name} differs from the body.`;
  }
  return undefined;
}

function claimedVersion({ params }: McpMessage): string | undefined {
  const meta = params?._meta;
  const version = isObject(meta) && Object.hasOwn(meta, VERSION_IN_BODY) ? meta[VERSION_IN_BODY] : undefined;
  if (version === undefined) return undefined;
  // Sorts behind every date, so that a version that is none has to be repeated as well.
  return typeof version === 'string' ? version : 'unknown';
}

/** Only a call of a tool names something here; a name beside any other method belongs to no request that is known. */
function nameOf(message: McpMessage): string | undefined {
  return message.method === 'tools/call' ? message.params.name : undefined;
}

/**
 * What a request requires by its headers alone, for an authorizer, which sees no body. It can only refuse earlier: headers
 * that are missing or odd require nothing here, and the guard refuses those that differ from the body.
 */
export function requirementByHeaders(profile: Profile, headers: MultiValueHeaders): ActionRequirement {
  const [method, ...otherMethods] = headerValues(headers, 'mcp-method');
  const [name, ...otherNames] = headerValues(headers, 'mcp-name');
  const isUnclear = otherMethods.length > 0 || otherNames.length > 0;
  if (isUnclear || method !== 'tools/call' || name === undefined || !isToolName(name)) return 'any';
  return requirementFor(profile, name);
}
