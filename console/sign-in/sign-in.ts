import { type Client, createClient } from '../../client/index.ts';
import type { ConsoleConfig } from '../config.ts';
import { isEmbedded } from '../embedded/embedding.ts';
import { HeldSignIn } from './held-sign-in.ts';
import { Issuer, SignInRefused, type Tokens } from './issuer.ts';
import { pageUrl, planVisit, redeemAnswer } from './issuer-visit.ts';
import { keepPlace, keepSignIn } from './kept-sign-in.ts';
import {
  type Caller,
  exchangeCode,
  isSameSession,
  isUnauthorized,
  type Link,
  placeOf,
  readCode,
  replaceFragment,
} from './session-link.ts';
import { describeFault, ENDED, SESSION_LEFT, type SignInState, TOKEN_LEFT } from './sign-in-state.ts';

/** An access token this near its end is renewed first, so that it does not end on the way. */
const SPARE_MS = 30_000;

/** Who uses the page, and the credential with which it calls the API. */
export class SignIn {
  readonly #config: ConsoleConfig;
  readonly #client: Client;
  readonly #issuer: Issuer | undefined;
  readonly #listeners = new Set<() => void>();
  #state: SignInState = { kind: 'starting' };
  readonly #held = new HeldSignIn();
  #link: Link | undefined;
  #renewal: Promise<Tokens> | undefined;

  constructor(config: ConsoleConfig) {
    this.#config = config;
    this.#client = this.#clientOf(() => this.#held.session ?? '');
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
      this.#leave(isRefused ? fault.message : describeFault(fault), { wasSession: this.#link !== undefined });
    }
  }

  /** Sends the person to the issuer's page. They come back to the view that they see now. */
  async start(): Promise<void> {
    if (this.#issuer === undefined) return;
    window.location.assign(await planVisit(this.#issuer));
  }

  /**
   * A token near its end is renewed first. Where that fails for the moment, the call goes out with the present one.
   * @throws {SignInRefused} once the sign-in has ended; the page then shows the way back in.
   */
  async credential(): Promise<string> {
    if (this.#held.session !== undefined) return this.#held.session;
    const tokens = this.#held.tokens;
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
    const refreshToken = this.#held.tokens?.refreshToken ?? null;
    if (this.#issuer === undefined || refreshToken === null) throw this.#end();
    this.#renewal ??= this.#issuer
      .refresh(refreshToken)
      .then((tokens) => {
        // A person who has signed out in the meantime stays out.
        if (this.#held.tokens === undefined) throw new SignInRefused(ENDED);
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
    const wasSession = this.#held.session !== undefined;
    const isTold = await this.#held.revoke(this.#client, this.#issuer);
    this.#held.forget();
    const reason = isTold ? 'You have signed out.' : wasSession ? SESSION_LEFT : TOKEN_LEFT;
    this.#leave(reason, { wasSession });
    if (wasSession || !isTold) return;
    const url = await this.#issuer?.signOutUrl(pageUrl()).catch(() => undefined);
    if (url !== undefined) window.location.assign(url);
  }

  /** The person wants the link's sign-in in place of the present one. What it replaces is ended. */
  async openLink(): Promise<void> {
    const link = this.#link;
    if (link === undefined) return;
    this.#become({ kind: 'starting' });
    try {
      const { session } = link.kind === 'session' ? link : await this.#exchange(link.code);
      await this.#held.revoke(this.#client, this.#issuer);
      this.#held.forget();
      keepSignIn({ kind: 'session', token: session });
      // Nothing that was read or sent for the other person is left.
      window.location.reload();
    } catch (fault) {
      if (!(fault instanceof SignInRefused))
        return this.#become({ kind: 'link_asked', problem: describeFault(fault) });
      this.#become({ kind: 'link_refused', reason: fault.message });
    }
  }

  /** Leaves the link alone, and goes on with the sign-in of this tab. A session that the link has become is ended. */
  stay(): void {
    const link = this.#link;
    this.#link = undefined;
    if (link?.kind === 'session')
      void this.#clientOf(() => link.session)
        .sessions.revokeSelf()
        .catch(() => undefined);
    if (this.#held.isEmpty) this.#leave(ENDED, { wasSession: this.#link !== undefined });
    else this.#become({ kind: 'signed_in', by: this.#held.by });
  }

  async #takeUp(): Promise<void> {
    // A link that is opened in the tab of the page changes the fragment alone.
    window.addEventListener('hashchange', ({ oldURL }) => {
      const code = readCode();
      if (code === undefined) return;
      keepPlace(placeOf(oldURL));
      if (isEmbedded() || this.#held.tokens === undefined) return window.location.reload();
      replaceFragment(placeOf(oldURL));
      this.#ask({ kind: 'code', code });
    });
    const code = readCode();
    if (code !== undefined) return this.#receiveLink(code);
    const answer = new URLSearchParams(window.location.search);
    if (answer.has('state')) {
      const issuerUrl = this.#config.sign_in?.issuer;
      return this.#hold(await redeemAnswer(answer, { issuer: this.#issuer, issuerUrl }));
    }
    const kept = this.#held.holdKept();
    if (kept === undefined) return this.#leave(null, { wasSession: false });
    if (kept.kind === 'session') return this.#become({ kind: 'signed_in', by: 'session' });
    await this.renew();
  }

  /** The code leaves the address first. A link replaces a sign-in that still works only after a yes: anybody can send one. */
  async #receiveLink(code: string): Promise<void> {
    replaceFragment('#/');
    this.#link = { kind: 'code', code };
    // In a frame the page around it decides who is signed in.
    const caller = isEmbedded() ? undefined : await this.#checkKept();
    if (this.#held.tokens !== undefined) return this.#ask(this.#link);
    const wasHeld = this.#held.session !== undefined;
    try {
      const started = await this.#exchange(code);
      if (wasHeld && !isSameSession(caller, started))
        return this.#ask({ kind: 'session', session: started.session });
      await this.#held.revoke(this.#client, this.#issuer);
      this.#link = undefined;
      this.#held.holdSession(started.session);
      this.#become({ kind: 'signed_in', by: 'session' });
    } catch (fault) {
      if (!wasHeld) throw fault;
      if (fault instanceof SignInRefused)
        return this.#become({ kind: 'link_refused', reason: fault.message });
      this.#become({ kind: 'link_asked', problem: describeFault(fault) });
    }
  }

  #exchange(code: string) {
    return exchangeCode(code, { client: this.#client, product: this.#config.product });
  }

  #ask(link: Link): void {
    this.#link = link;
    this.#become({ kind: 'link_asked', problem: null });
  }

  /** Holds what the tab has kept, unless it has ended. @returns who a kept session is. */
  async #checkKept(): Promise<Caller | undefined> {
    const kept = this.#held.holdKept();
    if (kept?.kind === 'refresh_token') await this.renew().catch(() => undefined);
    if (kept?.kind !== 'session') return undefined;
    return this.#client.caller().catch((fault) => {
      if (isUnauthorized(fault)) this.#held.forget();
      return undefined;
    });
  }

  #clientOf(credential: () => string): Client {
    const url = new URL(this.#config.api_url, window.location.origin).href;
    return createClient({ url, credential, attempts: 2 });
  }

  #hold(tokens: Tokens): void {
    this.#held.holdTokens(tokens);
    if (this.#link === undefined && this.#state.kind !== 'signed_in')
      this.#become({ kind: 'signed_in', by: 'issuer' });
  }

  #end(): SignInRefused {
    const wasSession = this.#held.session !== undefined;
    if (wasSession) keepPlace(window.location.hash);
    this.#held.forget();
    if (this.#link === undefined && this.#state.kind !== 'signed_out') this.#leave(ENDED, { wasSession });
    return new SignInRefused(ENDED);
  }

  #leave(reason: string | null, { wasSession }: { readonly wasSession: boolean }): void {
    this.#become({ kind: 'signed_out', reason, wasSession });
  }

  #become(state: SignInState): void {
    this.#state = state;
    for (const listener of this.#listeners) listener();
  }
}
