import { hash, randomBytes } from 'node:crypto';
import { CommandFailure, EXIT } from '../commands/failure.ts';
import type { PersonCredential } from '../connections/connection.ts';
import { type Issuer, requestTokens } from './issuer.ts';
import { listenForCallback } from './loopback.ts';

export interface SignInOptions {
  readonly issuer: Issuer;
  readonly fetch: typeof fetch;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** Shows a person the page on which to sign in. */
  readonly showPage: (url: string) => Promise<void>;
  /** How long the person may take. @default five minutes */
  readonly patienceMs?: number;
}

const FIVE_MINUTES = 300_000;

/**
 * Signs a person in through their browser: the code flow, with PKCE, back to a port of this machine.
 * @throws {CommandFailure} where it was refused, or took too long.
 * @see RFC 8252, and RFC 7636, 4
 */
export async function signInByBrowser(options: SignInOptions): Promise<PersonCredential> {
  const { issuer, fetch, now, showPage, patienceMs = FIVE_MINUTES } = options;
  const state = randomBytes(32).toString('base64url');
  const verifier = randomBytes(32).toString('base64url');
  const callback = await listenForCallback({ state, issuer: issuer.issuer, patienceMs });
  try {
    const page = new URL(issuer.authorizationEndpoint);
    for (const [name, value] of Object.entries({
      ...issuer.request.parameters,
      response_type: 'code',
      client_id: issuer.clientId,
      redirect_uri: callback.url,
      scope: issuer.request.scopes.join(' '),
      state,
      code_challenge: hash('sha256', verifier, 'base64url'),
      code_challenge_method: 'S256',
    }))
      page.searchParams.set(name, value);
    await showPage(page.href);
    const code = await callback.code;
    const form = {
      grant_type: 'authorization_code',
      code,
      redirect_uri: callback.url,
      code_verifier: verifier,
    };
    const tokens = await requestTokens(issuer, { form, fetch, now: now() });
    if (tokens !== 'refused') return tokens;
    throw new CommandFailure(
      EXIT.not_signed_in,
      'The issuer did not take the code of this sign-in: try again.',
    );
  } finally {
    callback.close();
  }
}
