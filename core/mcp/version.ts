import { isObject, type JsonObject } from '../text/invalid-input.ts';

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
