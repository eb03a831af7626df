import type { Client } from '../../client/index.ts';
import { type Issuer, type Tokens, tokensToRenew } from './issuer.ts';
import { type KeptSignIn, keepSignIn, readSignIn } from './kept-sign-in.ts';
import { isUnauthorized } from './session-link.ts';

/** What this tab holds of a sign-in: a session of the product, or tokens of the issuer. The tab keeps what outlives a reload. */
export class HeldSignIn {
  #session: string | undefined;
  #tokens: Tokens | undefined;

  get session(): string | undefined {
    return this.#session;
  }

  get tokens(): Tokens | undefined {
    return this.#tokens;
  }

  get isEmpty(): boolean {
    return this.#session === undefined && this.#tokens === undefined;
  }

  get by(): 'issuer' | 'session' {
    return this.#session === undefined ? 'issuer' : 'session';
  }

  holdSession(token: string): void {
    this.#session = token;
    keepSignIn({ kind: 'session', token });
  }

  holdTokens(tokens: Tokens): void {
    this.#tokens = tokens;
    keepSignIn(
      tokens.refreshToken === null ? undefined : { kind: 'refresh_token', token: tokens.refreshToken },
    );
  }

  /** Holds what the tab has kept. It may have ended since. */
  holdKept(): KeptSignIn | undefined {
    const kept = readSignIn();
    if (kept?.kind === 'session') this.#session = kept.token;
    if (kept?.kind === 'refresh_token') this.#tokens = tokensToRenew(kept.token);
    return kept;
  }

  forget(): void {
    this.#tokens = undefined;
    this.#session = undefined;
    keepSignIn(undefined);
  }

  /**
   * Ends the sign-in where it was made.
   * @returns whether that could be told.
   */
  async revoke(client: Client, issuer: Issuer | undefined): Promise<boolean> {
    const { refreshToken } = this.#tokens ?? { refreshToken: null };
    try {
      if (this.#session !== undefined) await client.sessions.revokeSelf();
      if (refreshToken !== null) await issuer?.revoke(refreshToken);
      return true;
    } catch (fault) {
      return isUnauthorized(fault);
    }
  }
}
