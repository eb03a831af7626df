import {
  FetchError,
  JwksValidationError,
  JwkValidationError,
  JwtBaseError,
  JwtExpiredError,
  JwtParseError,
} from 'aws-jwt-verify/error';
import { SimpleFetcher } from 'aws-jwt-verify/https';
import { decomposeUnverifiedJwt } from 'aws-jwt-verify/jwt';
import { JwtVerifier } from 'aws-jwt-verify/jwt-verifier';
import { isUserId } from '../../core/access/identity.ts';
import type { RefusalCode } from '../../core/verification/refusal.ts';
import type { SignInVerdict } from './authorizer-options.ts';
import { IssuerKeys } from './issuer-keys.ts';

export interface AccessTokenOptions {
  /** What the token's `iss` has to say, character by character. */
  readonly issuer: string;
  /** The client that the token was given to. */
  readonly clientId: string;
  /**
   * Where the issuer's keys are, if not under the issuer and not behind TLS. For a development issuer: whoever is between
   * could put their own keys in their place, so only the loopback address is taken.
   * @default the issuer's `/.well-known/jwks.json`
   */
  readonly insecureJwksUri?: string;
  /**
   * Milliseconds.
   * @default the system's clock
   */
  readonly now?: () => number;
}

/** Three parts in base64url without padding (RFC 7515, 2): each token has one spelling. */
const COMPACT = /^[\w-]+\.[\w-]+\.[\w-]+$/;

/** Long enough for a cold connection; with the one retry that there is, two of them fit into the authorizer's three seconds. */
const FETCH_TIMEOUT_MS = 1_000;

/**
 * Verifies access tokens as Cognito makes them: its keys are fetched once, kept, and fetched again when a token names
 * one that is not among them, at most every five seconds.
 * @returns a verifier that throws when the keys cannot be had: that is a fault, and no verdict on the token.
 * @see "Verifying JSON web tokens", Amazon Cognito Developer Guide
 */
export function accessTokenVerifier(options: AccessTokenOptions) {
  const { issuer } = options;
  const verifier = JwtVerifier.create(
    // Access tokens have no audience; whom they were given to stands in `client_id`.
    { issuer, audience: null, ...keySource(options) },
    { jwksCache: new IssuerKeys(fetcherFor(options), options.now ?? Date.now) },
  );
  return async (presentedToken: string): Promise<SignInVerdict> => {
    if (!COMPACT.test(presentedToken)) return { kind: 'refuse', code: 'malformed' };
    try {
      // What no key could make a token of ours is refused before the issuer is asked for keys.
      if (!isForUs(decomposeUnverifiedJwt(presentedToken), options))
        return { kind: 'refuse', code: 'unknown' };
      const { sub } = await verifier.verify(presentedToken);
      return sub !== undefined && isUserId(sub)
        ? { kind: 'allow', user: { kind: 'signed_in', user: sub } }
        : { kind: 'refuse', code: 'unknown' };
    } catch (error) {
      return { kind: 'refuse', code: refusalOf(error) };
    }
  };
}

/**
 * Whether a token, whoever signed it, claims to be an access token that our issuer gave to our client. The verifier takes a
 * token without an end for one that never ends; `crit` asks to be understood in ways that nothing here knows (RFC 7515,
 * 4.1.11).
 */
function isForUs(
  { header, payload }: ReturnType<typeof decomposeUnverifiedJwt>,
  { issuer, clientId }: AccessTokenOptions,
): boolean {
  const { iss, token_use, client_id, sub, exp } = payload;
  const isOurs = iss === issuer && token_use === 'access' && client_id === clientId;
  return (
    isOurs && typeof exp === 'number' && sub !== undefined && isUserId(sub) && !Object.hasOwn(header, 'crit')
  );
}

/** @throws what says nothing about the token. */
function refusalOf(error: unknown): RefusalCode {
  const isFault =
    !(error instanceof JwtBaseError) ||
    error instanceof FetchError ||
    error instanceof JwksValidationError ||
    error instanceof JwkValidationError;
  if (isFault) throw error;
  if (error instanceof JwtParseError) return 'malformed';
  return error instanceof JwtExpiredError ? 'expired' : 'unknown';
}

function keySource({ insecureJwksUri }: AccessTokenOptions): { jwksUri?: string } {
  if (insecureJwksUri === undefined) return {};
  if (new URL(insecureJwksUri).hostname !== '127.0.0.1')
    throw new Error('Keys may come without TLS from 127.0.0.1 only.');
  return { jwksUri: insecureJwksUri };
}

function fetcherFor({ insecureJwksUri }: AccessTokenOptions) {
  if (insecureJwksUri !== undefined) return { fetch: fetchWithoutTls };
  return new SimpleFetcher({
    defaultRequestOptions: { timeout: FETCH_TIMEOUT_MS, responseTimeout: FETCH_TIMEOUT_MS },
  });
}

async function fetchWithoutTls(uri: string): Promise<ArrayBuffer> {
  try {
    const response = await fetch(uri, { signal: AbortSignal.timeout(FETCH_TIMEOUT_MS) });
    if (!response.ok) throw new Error(`status ${response.status}`);
    return await response.arrayBuffer();
  } catch (error) {
    throw new FetchError(uri, error);
  }
}
