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
  /** The token's `iss` must be exactly this text. */
  readonly issuer: string;
  /** The client that the issuer made the token for. */
  readonly clientId: string;
  /**
   * Where a development issuer serves its keys without TLS. Anybody on the way could replace those keys by their own, so only
   * the loopback address is accepted.
   * @default the issuer's `/.well-known/jwks.json`
   */
  readonly insecureJwksUri?: string | undefined;
  /**
   * Milliseconds.
   * @default the system's clock
   */
  readonly now?: () => number;
}

/** Three parts in base64url without padding (RFC 7515, 2), so that each token has one spelling. */
const COMPACT = /^[\w-]+\.[\w-]+\.[\w-]+$/;

/** Enough for a cold connection. The fetcher retries once, and both tries fit into the authorizer's three seconds. */
const FETCH_TIMEOUT_MS = 1_000;

/**
 * Makes a verifier of access tokens as Cognito issues them. It fetches the issuer's keys once and keeps them. When a token names
 * a key that is not among them, it fetches them again, at most every five seconds.
 * @returns a function that throws when it cannot get the keys: that is a fault, and no verdict on the token.
 * @see "Verifying JSON web tokens", Amazon Cognito Developer Guide
 */
export function accessTokenVerifier(options: AccessTokenOptions) {
  const { issuer } = options;
  const verifier = JwtVerifier.create(
    // Access tokens have no audience. The `client_id` names the client.
    { issuer, audience: null, ...keySource(options) },
    { jwksCache: new IssuerKeys(fetcherFor(options), options.now ?? Date.now) },
  );
  return async (presentedToken: string): Promise<SignInVerdict> => {
    if (!COMPACT.test(presentedToken)) return { kind: 'refuse', code: 'malformed' };
    try {
      // A token that would not be ours under any key is refused before the issuer is asked for keys.
      if (!claimsToBeOurs(decomposeUnverifiedJwt(presentedToken), options))
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
 * Whether a token claims to be an access token that our issuer made for our client. Its signature is not checked yet. A token
 * without `exp` is refused here, because the verifier would accept it for ever. So is one with `crit`, which demands extensions
 * that nothing here supports (RFC 7515, 4.1.11).
 */
function claimsToBeOurs(
  { header, payload }: ReturnType<typeof decomposeUnverifiedJwt>,
  { issuer, clientId }: AccessTokenOptions,
): boolean {
  const { iss, token_use, client_id, sub, exp } = payload;
  const isOurs = iss === issuer && token_use === 'access' && client_id === clientId;
  return (
    isOurs && typeof exp === 'number' && sub !== undefined && isUserId(sub) && !Object.hasOwn(header, 'crit')
  );
}

/** @throws the error itself, if it says nothing about the token. */
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
    throw new Error('Keys may be fetched without TLS from 127.0.0.1 only.');
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
