import {
  FetchError,
  JwksValidationError,
  JwkValidationError,
  JwtBaseError,
  JwtExpiredError,
  JwtParseError,
  JwtWithoutValidKidError,
  KidNotFoundInJwksError,
} from 'aws-jwt-verify/error';
import { SimpleFetcher } from 'aws-jwt-verify/https';
import { type Jwks, type JwksCache, type JwkWithKid, SimpleJwksCache } from 'aws-jwt-verify/jwk';
import { decomposeUnverifiedJwt } from 'aws-jwt-verify/jwt';
import { JwtVerifier } from 'aws-jwt-verify/jwt-verifier';
import { isUserId } from '../../core/access/identity.ts';
import type { RefusalCode } from '../../core/verification/refusal.ts';
import { type SignInVerdict, UndecidedToken } from './authorizer-options.ts';

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

type Fetcher = NonNullable<ConstructorParameters<typeof SimpleJwksCache>[0]>['fetcher'];
type DecomposedJwt = Parameters<JwksCache['getJwk']>[1];

/** An instance asks the issuer no more often than this, however many tokens name unknown keys. */
const BETWEEN_FETCHES_MS = 5_000;

/** An instance without any keys can let nobody in, so it asks again sooner. */
const BETWEEN_FIRST_FETCHES_MS = 1_000;

/**
 * The issuer's public keys. They are fetched when a token names a key that is not among them. Anybody can send such a token, so
 * the number of fetches is bounded. Until the next fetch is allowed, such a token is undecided rather than bad, because the
 * issuer may have a new key. Tokens that name a known key never wait.
 *
 * The package's own cache would call such tokens bad for ten seconds after anybody has sent one.
 */
class IssuerKeys implements JwksCache {
  readonly #fetched: SimpleJwksCache;
  readonly #now: () => number;
  #mayFetchAt = 0;
  #fetching: Promise<Jwks> | undefined;
  #keys: Jwks | undefined;

  /** @param now returns milliseconds. */
  constructor(fetcher: Fetcher, now: () => number) {
    this.#fetched = new SimpleJwksCache(fetcher && { fetcher });
    this.#now = now;
  }

  async getJwk(jwksUri: string, { header: { kid } }: DecomposedJwt): Promise<JwkWithKid> {
    if (typeof kid !== 'string') throw new JwtWithoutValidKidError('The token names no key.');
    const known = findKey(this.#keys, kid);
    if (known !== undefined) return known;
    // A fetch that is under way may bring the issuer's keys of a moment ago.
    const isOlder = this.#fetching !== undefined;
    const found = findKey(await this.getJwks(jwksUri), kid);
    if (found !== undefined) return found;
    if (isOlder) throw new UndecidedToken();
    throw new KidNotFoundInJwksError('The issuer has no such key.');
  }

  /** @throws UndecidedToken if it is too early to ask the issuer again. */
  async getJwks(jwksUri: string): Promise<Jwks> {
    if (this.#fetching !== undefined) return this.#fetching;
    if (this.#now() < this.#mayFetchAt) throw new UndecidedToken();
    this.#fetching = this.#fetched.getJwks(jwksUri);
    try {
      this.#keys = await this.#fetching;
      return this.#keys;
    } finally {
      this.#fetching = undefined;
      const wait = this.#keys === undefined ? BETWEEN_FIRST_FETCHES_MS : BETWEEN_FETCHES_MS;
      this.#mayFetchAt = this.#now() + wait;
    }
  }

  getCachedJwk(_jwksUri: string, { header: { kid } }: DecomposedJwt): JwkWithKid {
    const known = typeof kid === 'string' ? findKey(this.#keys, kid) : undefined;
    if (known === undefined) throw new UndecidedToken();
    return known;
  }

  addJwks(_jwksUri: string, jwks: Jwks): void {
    this.#keys = jwks;
  }
}

function findKey(jwks: Jwks | undefined, name: string): JwkWithKid | undefined {
  return jwks?.keys.find((key): key is JwkWithKid => key.kid === name);
}
