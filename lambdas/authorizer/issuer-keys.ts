import { JwtWithoutValidKidError, KidNotFoundInJwksError } from 'aws-jwt-verify/error';
import { type Jwks, type JwksCache, type JwkWithKid, SimpleJwksCache } from 'aws-jwt-verify/jwk';
import { UndecidedToken } from './authorizer-options.ts';

type Fetcher = NonNullable<ConstructorParameters<typeof SimpleJwksCache>[0]>['fetcher'];
type DecomposedJwt = Parameters<JwksCache['getJwk']>[1];

/** However many tokens name keys that nobody has heard of: an instance asks the issuer this often at most. */
const BETWEEN_FETCHES_MS = 5_000;

/** While an instance has no keys at all, it can let nobody in, and asks sooner. */
const BETWEEN_FIRST_FETCHES_MS = 1_000;

/**
 * The issuer's public keys, fetched when a token names one that is not at hand. Anybody can send such a token, so fetches
 * are bounded; and while the issuer may not be asked, such a token is undecided and not bad, since the issuer may have a new
 * key. Tokens that name a key at hand never wait for any of this.
 *
 * The cache of the package answers as if such tokens were bad, for ten seconds after anybody has sent one.
 */
export class IssuerKeys implements JwksCache {
  readonly #fetched: SimpleJwksCache;
  readonly #now: () => number;
  #mayFetchAt = 0;
  #fetching: Promise<Jwks> | undefined;
  #keys: Jwks | undefined;

  /** @param now milliseconds. */
  constructor(fetcher: Fetcher, now: () => number) {
    this.#fetched = new SimpleJwksCache({ ...(fetcher && { fetcher }) });
    this.#now = now;
  }

  async getJwk(jwksUri: string, { header: { kid } }: DecomposedJwt): Promise<JwkWithKid> {
    if (typeof kid !== 'string') throw new JwtWithoutValidKidError('The token names no key.');
    const atHand = keyNamed(this.#keys, kid);
    if (atHand !== undefined) return atHand;
    // A fetch that began before may bring what the issuer had before.
    const isOlder = this.#fetching !== undefined;
    const found = keyNamed(await this.getJwks(jwksUri), kid);
    if (found !== undefined) return found;
    if (isOlder) throw new UndecidedToken();
    throw new KidNotFoundInJwksError('The issuer has no such key.');
  }

  /** @throws UndecidedToken while the issuer may not be asked again. */
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
    const atHand = typeof kid === 'string' ? keyNamed(this.#keys, kid) : undefined;
    if (atHand === undefined) throw new UndecidedToken();
    return atHand;
  }

  addJwks(_jwksUri: string, jwks: Jwks): void {
    this.#keys = jwks;
  }
}

function keyNamed(jwks: Jwks | undefined, name: string): JwkWithKid | undefined {
  return jwks?.keys.find((key): key is JwkWithKid => key.kid === name);
}
