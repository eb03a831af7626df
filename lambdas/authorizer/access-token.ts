import {
  FetchError,
  JwksValidationError,
  JwkValidationError,
  JwtBaseError,
  JwtExpiredError,
  JwtParseError,
} from 'aws-jwt-verify/error';
import { decomposeUnverifiedJwt } from 'aws-jwt-verify/jwt';
import { JwtVerifier } from 'aws-jwt-verify/jwt-verifier';
import { isUserId } from '../../core/access/identity.ts';
import type { AccessTokenMark, TokenRules } from '../../core/management/sign-in.ts';
import type { RefusalCode } from '../../core/verification/refusal.ts';
import type { SignInVerdict } from './authorizer-options.ts';
import { discoveredKeys, type FetchKeys, IssuerKeys, insecureKeysAt, keysAt } from './issuer-keys.ts';

export interface AccessTokenOptions {
  /** The token's `iss` must be exactly this text. */
  readonly issuer: string;
  /** The client that the issuer made the token for. */
  readonly clientId: string;
  /**
   * How the tokens of an issuer of the customer's own look. Its keys are where its description says.
   * @default as Cognito's
   */
  readonly rules?: TokenRules | undefined;
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

/**
 * Makes a verifier of access tokens. It fetches the issuer's keys once and keeps them. When a token names
 * a key that is not among them, it fetches them again, at most every five seconds.
 * @returns a function that throws when it cannot get the keys: that is a fault, and no verdict on the token.
 * @see "Verifying JSON web tokens", Amazon Cognito Developer Guide
 */
export function accessTokenVerifier(options: AccessTokenOptions) {
  const { issuer, rules } = options;
  const verifier = JwtVerifier.create(
    // Cognito's access tokens have no audience. Their `client_id` names the client.
    { issuer, audience: rules?.audience ?? null },
    { jwksCache: new IssuerKeys(keysOf(options), options.now ?? Date.now) },
  );
  return async (presentedToken: string): Promise<SignInVerdict> => {
    if (!COMPACT.test(presentedToken)) return { kind: 'refuse', code: 'malformed' };
    try {
      // A token that would not be ours under any key is refused before the issuer is asked for keys.
      const user = readClaimedUser(decomposeUnverifiedJwt(presentedToken), options);
      if (user === undefined) return { kind: 'refuse', code: 'unknown' };
      await verifier.verify(presentedToken);
      return { kind: 'allow', user: { kind: 'signed_in', user } };
    } catch (error) {
      return { kind: 'refuse', code: refusalOf(error) };
    }
  };
}

type UnverifiedToken = ReturnType<typeof decomposeUnverifiedJwt>;

/**
 * Reads whose token it claims to be. Its signature is not checked yet. A token without `exp` is refused here, because the verifier
 * would accept it for ever. So is one with `crit`, which demands extensions that nothing here supports (RFC 7515, 4.1.11).
 * @returns `undefined` for a token that does not claim to be an access token which our issuer made for our client.
 */
function readClaimedUser(token: UnverifiedToken, options: AccessTokenOptions): string | undefined {
  const { header, payload } = token;
  if (payload.iss !== options.issuer || typeof payload.exp !== 'number' || Object.hasOwn(header, 'crit'))
    return undefined;
  const user = options.rules === undefined ? ofCognito(token, options) : ofOwnIssuer(token, options);
  return typeof user === 'string' && isUserId(user) ? user : undefined;
}

function ofCognito({ payload }: UnverifiedToken, { clientId }: AccessTokenOptions): unknown {
  const { token_use, client_id, sub } = payload;
  return token_use === 'access' && client_id === clientId ? sub : undefined;
}

function ofOwnIssuer(token: UnverifiedToken, { clientId, rules }: AccessTokenOptions): unknown {
  if (rules === undefined) return undefined;
  const { payload } = token;
  const audiences: readonly unknown[] = [payload.aud].flat();
  const isForUs = audiences.includes(rules.audience) && !audiences.includes(clientId);
  const isOurs = isForUs && claimOf(token, rules.clientClaim) === clientId && hasMark(token, rules.mark);
  return isOurs ? claimOf(token, rules.userClaim) : undefined;
}

function claimOf({ payload }: UnverifiedToken, name: string): unknown {
  return Object.hasOwn(payload, name) ? payload[name] : undefined;
}

const ACCESS_TOKEN_TYPE = /^(?:application\/)?at\+jwt$/i;

function hasMark(token: UnverifiedToken, mark: AccessTokenMark): boolean {
  if (mark === 'audience') return true;
  if (mark === 'at+jwt') return ACCESS_TOKEN_TYPE.test(String(token.header.typ));
  return claimOf(token, mark.claim) === mark.value;
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

function keysOf({ issuer, rules, insecureJwksUri }: AccessTokenOptions): FetchKeys {
  if (insecureJwksUri !== undefined) return insecureKeysAt(insecureJwksUri);
  return rules === undefined ? keysAt(`${issuer}/.well-known/jwks.json`) : discoveredKeys(issuer);
}
