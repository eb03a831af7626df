import { FetchError, JwtWithoutValidKidError, KidNotFoundInJwksError } from 'aws-jwt-verify/error';
import { SimpleFetcher } from 'aws-jwt-verify/https';
import { type Jwks, type JwksCache, type JwkWithKid, SimpleJwksCache } from 'aws-jwt-verify/jwk';
import { UndecidedToken } from './authorizer-options.ts';

/** Fetches the public keys of one issuer, whatever was fetched before. @throws what says nothing about any token. */
export type FetchKeys = () => Promise<Jwks>;

/** Enough for a cold connection. Two tries, or a description and the keys, fit into the authorizer's three seconds. */
const FETCH_TIMEOUT_MS = 1_000;

/** Far more than an issuer says about itself, or has keys. */
const LONGEST_ANSWER_BYTES = 256 * 1024;

/** Fetches keys over TLS, from where Cognito serves them. */
export function keysAt(jwksUri: string): FetchKeys {
  const fetcher = new SimpleFetcher({
    defaultRequestOptions: { timeout: FETCH_TIMEOUT_MS, responseTimeout: FETCH_TIMEOUT_MS },
  });
  const cache = new SimpleJwksCache({ fetcher });
  return () => cache.getJwks(jwksUri);
}

/**
 * Fetches keys without TLS. Anybody on the way could replace those keys by their own, so only the loopback address is accepted.
 */
export function insecureKeysAt(jwksUri: string): FetchKeys {
  if (!isHere(jwksUri)) throw new Error('Keys may be fetched without TLS from 127.0.0.1 only.');
  const cache = new SimpleJwksCache({ fetcher: { fetch: fetchBounded } });
  return () => cache.getJwks(jwksUri);
}

/**
 * Fetches keys from where the issuer's description of itself says that they are. The description is read again once the keys
 * cannot be fetched there any more.
 * @see OpenID Connect Discovery 1.0, 4
 */
export function discoveredKeys(issuer: string): FetchKeys {
  const cache = new SimpleJwksCache({ fetcher: { fetch: fetchBounded } });
  let jwksUri: string | undefined;
  return async () => {
    jwksUri ??= await discoverKeys(issuer);
    try {
      return await cache.getJwks(jwksUri);
    } catch (error) {
      jwksUri = undefined;
      throw error;
    }
  };
}

async function discoverKeys(issuer: string): Promise<string> {
  const address = `${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`;
  const described = JSON.parse(Buffer.from(await fetchBounded(address)).toString()) ?? {};
  // Another issuer could have put its description there (4.3).
  if (described.issuer !== issuer) throw new Error(`${address} describes another issuer.`);
  const { jwks_uri: jwksUri } = described;
  const isSafe = typeof jwksUri === 'string' && (jwksUri.startsWith('https://') || isHere(jwksUri));
  if (!isSafe) throw new Error(`${address} names no keys that can be fetched over TLS.`);
  return jwksUri;
}

function isHere(url: string): boolean {
  return URL.canParse(url) && new URL(url).hostname === '127.0.0.1';
}

async function fetchBounded(uri: string): Promise<ArrayBuffer> {
  try {
    const response = await fetch(uri, { signal: AbortSignal.timeout(FETCH_TIMEOUT_MS), redirect: 'error' });
    if (!response.ok) throw new Error(`status ${response.status}`);
    const parts: Uint8Array[] = [];
    let length = 0;
    for await (const part of response.body ?? []) {
      length += part.length;
      if (length > LONGEST_ANSWER_BYTES) throw new Error('The answer is too long.');
      parts.push(part);
    }
    return new Uint8Array(Buffer.concat(parts)).buffer;
  } catch (error) {
    throw new FetchError(uri, error);
  }
}

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
export class IssuerKeys implements JwksCache {
  readonly #fetch: FetchKeys;
  readonly #now: () => number;
  #mayFetchAt = 0;
  #fetching: Promise<Jwks> | undefined;
  #keys: Jwks | undefined;

  /** @param now returns milliseconds. */
  constructor(fetchKeys: FetchKeys, now: () => number) {
    this.#fetch = fetchKeys;
    this.#now = now;
  }

  async getJwk(_jwksUri: string, { header: { kid } }: DecomposedJwt): Promise<JwkWithKid> {
    if (typeof kid !== 'string') throw new JwtWithoutValidKidError('The token names no key.');
    const known = findKey(this.#keys, kid);
    if (known !== undefined) return known;
    // A fetch that is under way may bring the issuer's keys of a moment ago.
    const isOlder = this.#fetching !== undefined;
    const found = findKey(await this.getJwks(), kid);
    if (found !== undefined) return found;
    if (isOlder) throw new UndecidedToken();
    throw new KidNotFoundInJwksError('The issuer has no such key.');
  }

  /** @throws UndecidedToken if it is too early to ask the issuer again. */
  async getJwks(): Promise<Jwks> {
    if (this.#fetching !== undefined) return this.#fetching;
    if (this.#now() < this.#mayFetchAt) throw new UndecidedToken();
    this.#fetching = this.#fetch();
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
