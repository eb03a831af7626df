import type { SignInConfig } from '../config.ts';

/** What the issuer gave. `refreshToken` is `null` where it gives none. */
export interface Tokens {
  readonly accessToken: string;
  /** Milliseconds since the Unix epoch. */
  readonly expiresAt: number;
  readonly refreshToken: string | null;
  readonly idToken: string | null;
}

/** What a tab has kept of tokens. They need a renewal before the first call. */
export function tokensToRenew(refreshToken: string): Tokens {
  return { accessToken: '', expiresAt: 0, refreshToken, idToken: null };
}

/** The issuer has answered that what the page showed it is not, or no longer, good. */
export class SignInRefused extends Error {}

interface Metadata {
  readonly issuer: string;
  readonly authorization_endpoint: string;
  readonly token_endpoint: string;
  readonly end_session_endpoint?: string;
  readonly revocation_endpoint?: string;
}

/** The OpenID Connect issuer of the deployment, as its discovery document describes it. */
export class Issuer {
  readonly #config: SignInConfig;
  #metadata: Promise<Metadata> | undefined;

  constructor(config: SignInConfig) {
    this.#config = config;
  }

  async describe(): Promise<Metadata> {
    this.#metadata ??= this.#discover();
    try {
      return await this.#metadata;
    } catch (fault) {
      this.#metadata = undefined;
      throw fault;
    }
  }

  /** The address where a person signs in. */
  async authorizationUrl(options: Readonly<Record<string, string>>): Promise<string> {
    const { authorization_endpoint } = await this.describe();
    const url = new URL(authorization_endpoint);
    const parameters = {
      ...this.#config.parameters,
      response_type: 'code',
      client_id: this.#config.client_id,
      scope: this.#config.scopes.join(' '),
      code_challenge_method: 'S256',
      ...options,
    };
    for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, value);
    return url.href;
  }

  redeemCode(
    code: string,
    { verifier, redirectUri }: { verifier: string; redirectUri: string },
  ): Promise<Tokens> {
    const form = {
      grant_type: 'authorization_code',
      code,
      code_verifier: verifier,
      redirect_uri: redirectUri,
    };
    return this.#askForTokens(form, null);
  }

  refresh(refreshToken: string): Promise<Tokens> {
    return this.#askForTokens({ grant_type: 'refresh_token', refresh_token: refreshToken }, refreshToken);
  }

  /** Ends the refresh token at the issuer. A failure ends nothing here: the page forgets the token anyway. */
  async revoke(refreshToken: string): Promise<void> {
    const { revocation_endpoint } = await this.describe();
    if (revocation_endpoint === undefined) return;
    await this.#post(revocation_endpoint, { token: refreshToken, token_type_hint: 'refresh_token' });
  }

  /** Where a person signs out of the issuer too. Cognito takes `logout_uri`, OpenID Connect the other two. */
  async signOutUrl(returnUri: string): Promise<string | undefined> {
    const { end_session_endpoint } = await this.describe();
    if (end_session_endpoint === undefined) return undefined;
    const url = new URL(end_session_endpoint);
    url.searchParams.set('client_id', this.#config.client_id);
    url.searchParams.set('logout_uri', returnUri);
    url.searchParams.set('post_logout_redirect_uri', returnUri);
    return url.href;
  }

  async #discover(): Promise<Metadata> {
    const base = this.#config.issuer.replace(/\/$/, '');
    const answer = await fetch(`${base}/.well-known/openid-configuration`, { credentials: 'omit' });
    if (!answer.ok) throw new Error(`The issuer answered ${answer.status}.`);
    const metadata = (await answer.json()) as Metadata;
    // @see OpenID Connect Discovery 1.0, 4.3: another issuer's document must not be used.
    if (metadata.issuer.replace(/\/$/, '') !== base)
      throw new Error('The issuer describes itself as another one.');
    return metadata;
  }

  async #askForTokens(form: Record<string, string>, refreshToken: string | null): Promise<Tokens> {
    const { token_endpoint } = await this.describe();
    const answer = await this.#post(token_endpoint, { ...this.#config.parameters, ...form });
    if (answer.status >= 500) throw new Error(`The issuer answered ${answer.status}.`);
    if (!answer.ok) throw new SignInRefused('The issuer did not accept the sign-in.');
    const body = (await answer.json()) as Record<string, unknown>;
    const text = (name: string) => (typeof body[name] === 'string' ? body[name] : null);
    const accessToken = text('access_token');
    if (accessToken === null) throw new Error('The issuer gave no access token.');
    return {
      accessToken,
      expiresAt: Date.now() + Number(body.expires_in ?? 300) * 1000,
      refreshToken: text('refresh_token') ?? refreshToken,
      idToken: text('id_token'),
    };
  }

  #post(url: string, form: Record<string, string>): Promise<Response> {
    const body = new URLSearchParams({ client_id: this.#config.client_id, ...form });
    return fetch(url, { method: 'POST', body, credentials: 'omit', cache: 'no-store' });
  }
}
