import { JwtWithoutValidKidError, KidNotFoundInJwksError } from 'aws-jwt-verify/error';
import { type Jwks, type JwksCache, type JwkWithKid, SimpleJwksCache } from 'aws-jwt-verify/jwk';
import { UndecidedToken } from './authorizer-options.ts';

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
export class IssuerKeys implements JwksCache {
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
