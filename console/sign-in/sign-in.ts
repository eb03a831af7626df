import { type Client, createClient, KeywardError } from '../../client/index.ts';
import type { ConsoleConfig } from '../config.ts';
import { Issuer, SignInRefused, type Tokens } from './issuer.ts';
import { keepPending, keepPlace, keepSignIn, readSignIn, takePending, takePlace } from './kept-sign-in.ts';
import { drawToken, makeProof, readClaims } from './pkce.ts';

export type SignInState =
  | { readonly kind: 'starting' }
  | {
      readonly kind: 'signed_out' /** A whole sentence; `null` where nothing went wrong. */;
      readonly reason: string | null;
    }
  | { readonly kind: 'signed_in'; readonly by: 'issuer' | 'session' };

/** An access token this near its end is renewed first, so that it does not end on the way. */
const SPARE_MS = 30_000;
const ENDED = 'You were signed out, because your session has ended.';

/** Who uses the page, and the credential with which it calls the API. */
export class SignIn {
  readonly #config: ConsoleConfig;
  readonly #sessions: Client['sessions'];
  readonly #issuer: Issuer | undefined;
  readonly #listeners = new Set<() => void>();
  #state: SignInState = { kind: 'starting' };
  #tokens: Tokens | undefined;
  #session: string | undefined;
  #renewal: Promise<Tokens> | undefined;

  constructor(config: ConsoleConfig) {
    this.#config = config;
    const url = new URL(config.api_url, window.location.origin).href;
    this.#sessions = createClient({ url, credential: () => this.#session ?? '', attempts: 2 }).sessions;
    this.#issuer = config.sign_in === null ? undefined : new Issuer(config.sign_in);
  }

  get state(): SignInState {
    return this.#state;
  }

  readonly listen = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  /** Takes up what the address or the tab holds: a session's code, an answer of the issuer, or an earlier sign-in. */
  async begin(): Promise<void> {
    try {
      await this.#takeUp();
    } catch (fault) {
      const isRefused = fault instanceof SignInRefused;
      this.#become({ kind: 'signed_out', reason: isRefused ? fault.message : describeFault(fault) });
    }
  }

  /** Sends the person to the issuer's page. They come back to the view that they see now. */
  async start(): Promise<void> {
    if (this.#issuer === undefined) return;
    const proof = await makeProof();
    const pending = {
      state: drawToken(),
      nonce: drawToken(),
      verifier: proof.verifier,
      place: window.location.hash,
    };
    const { state, nonce } = pending;
    const url = await this.#issuer.authorizationUrl({
      redirect_uri: pageUrl(),
      code_challenge: proof.challenge,
      state,
      nonce,
    });
    keepPending(pending);
    window.location.assign(url);
  }

  /**
   * A token near its end is renewed first. Where that fails for the moment, the call goes out with the present one.
   * @throws {SignInRefused} once the sign-in has ended; the page then shows the way back in.
   */
  async credential(): Promise<string> {
    if (this.#session !== undefined) return this.#session;
    const tokens = this.#tokens;
    const left = tokens === undefined ? 0 : tokens.expiresAt - Date.now();
    if (tokens !== undefined && left > SPARE_MS) return tokens.accessToken;
    try {
      return await this.renew();
    } catch (fault) {
      if (tokens === undefined || left <= 0 || fault instanceof SignInRefused) throw fault;
      return tokens.accessToken;
    }
  }

  /** Gets a new access token, also where the present one should do: the API has refused it. */
  async renew(): Promise<string> {
    const refreshToken = this.#tokens?.refreshToken ?? null;
    if (this.#issuer === undefined || refreshToken === null) throw this.#end();
    this.#renewal ??= this.#issuer
      .refresh(refreshToken)
      .then((tokens) => {
        // Whoever has signed out in the meantime stays out.
        if (this.#tokens === undefined) throw new SignInRefused(ENDED);
        this.#hold(tokens);
        return tokens;
      })
      .finally(() => {
        this.#renewal = undefined;
      });
    try {
      return (await this.#renewal).accessToken;
    } catch (fault) {
      throw fault instanceof SignInRefused ? this.#end() : fault;
    }
  }

  /** The API no longer takes the credential. */
  end(): void {
    this.#end();
  }

  async signOut(): Promise<void> {
    const { refreshToken } = this.#tokens ?? { refreshToken: null };
    const wasSession = this.#session !== undefined;
    if (wasSession) await this.#sessions.revokeSelf().catch(() => undefined);
    if (refreshToken !== null) await this.#issuer?.revoke(refreshToken).catch(() => undefined);
    this.#forget();
    this.#become({ kind: 'signed_out', reason: 'You have signed out.' });
    const url = wasSession ? undefined : await this.#issuer?.signOutUrl(pageUrl()).catch(() => undefined);
    if (url !== undefined) window.location.assign(url);
  }

  async #takeUp(): Promise<void> {
    const code = readCode();
    // A link that is opened in the tab of the page changes the fragment alone.
    window.addEventListener('hashchange', () => {
      if (readCode() !== undefined) window.location.reload();
    });
    const answer = new URLSearchParams(window.location.search);
    if (code !== undefined) return this.#exchangeSession(code);
    if (answer.has('state')) return this.#finish(answer);
    const kept = readSignIn();
    if (kept === undefined) return this.#become({ kind: 'signed_out', reason: null });
    if (kept.kind === 'session') return this.#holdSession(kept.token);
    this.#tokens = { accessToken: '', expiresAt: 0, refreshToken: kept.token, idToken: null };
    await this.renew();
  }

  async #finish(answer: URLSearchParams): Promise<void> {
    const pending = takePending();
    const place = pending?.place.startsWith('#/') ? pending.place : '#/';
    window.history.replaceState(null, '', `${window.location.pathname}${place}`);
    if (pending === undefined || answer.get('state') !== pending.state)
      throw new SignInRefused('This answer belongs to no sign-in of this tab. Please sign in again.');
    const issuerUrl = this.#config.sign_in?.issuer.replace(/\/$/, '');
    if ((answer.get('iss')?.replace(/\/$/, '') ?? issuerUrl) !== issuerUrl)
      throw new SignInRefused('Another issuer has answered. Please sign in again.');
    const code = answer.get('code');
    if (code === null || this.#issuer === undefined)
      throw new SignInRefused('The sign-in was not finished. Please sign in again.');
    const tokens = await this.#issuer.redeemCode(code, {
      verifier: pending.verifier,
      redirectUri: pageUrl(),
    });
    if (tokens.idToken !== null && readClaims(tokens.idToken).nonce !== pending.nonce)
      throw new SignInRefused('The issuer has answered another sign-in. Please sign in again.');
    this.#hold(tokens);
  }

  /** The code leaves the address before anything else is done. */
  async #exchangeSession(code: string): Promise<void> {
    replaceFragment('#/');
    try {
      const { session, workspace } = await this.#sessions.exchange({ code });
      const place = takePlace();
      if (place?.startsWith(`#/${workspace}/`)) replaceFragment(place);
      this.#holdSession(session);
    } catch (fault) {
      const { status = null } = fault instanceof KeywardError ? fault : {};
      if (status === null || status === 429 || status >= 500) throw fault;
      throw new SignInRefused(
        `This link has been used or is too old. Open the page again from ${this.#config.product}.`,
      );
    }
  }

  #holdSession(token: string): void {
    this.#session = token;
    keepSignIn({ kind: 'session', token });
    this.#become({ kind: 'signed_in', by: 'session' });
  }

  #hold(tokens: Tokens): void {
    this.#tokens = tokens;
    keepSignIn(
      tokens.refreshToken === null ? undefined : { kind: 'refresh_token', token: tokens.refreshToken },
    );
    if (this.#state.kind !== 'signed_in') this.#become({ kind: 'signed_in', by: 'issuer' });
  }

  #end(): SignInRefused {
    if (this.#session !== undefined) keepPlace(window.location.hash);
    this.#forget();
    if (this.#state.kind !== 'signed_out') this.#become({ kind: 'signed_out', reason: ENDED });
    return new SignInRefused(ENDED);
  }

  #forget(): void {
    this.#tokens = undefined;
    this.#session = undefined;
    keepSignIn(undefined);
  }

  #become(state: SignInState): void {
    this.#state = state;
    for (const listener of this.#listeners) listener();
  }
}

/** The code in a link that the product has made. */
function readCode(): string | undefined {
  return /^#session=([\w.~-]+)$/.exec(window.location.hash)?.[1];
}

function replaceFragment(fragment: string): void {
  window.history.replaceState(null, '', `${window.location.pathname}${window.location.search}${fragment}`);
}

/** The address of the page without query and fragment: where the issuer sends people back to. */
function pageUrl(): string {
  return `${window.location.origin}${window.location.pathname}`;
}

function describeFault(fault: unknown): string {
  const detail = fault instanceof Error ? fault.message : String(fault);
  return `The sign-in could not be reached. Check the connection, and try again. (${detail})`;
}
