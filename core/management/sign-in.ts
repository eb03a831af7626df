/** What the API, the user pool and a command line that signs a person in must agree about. */

/** Says where people sign in. It needs no credential, so it is not in the table of routes. */
export const SIGN_IN_PATH = '/sign-in.json';

/**
 * Where the browser goes back to after a person has signed in for the command line, which listens on the first of these ports that
 * is free. Cognito redirects only to an address that it knows whole, so there is a fixed list.
 * @see RFC 8252, 7.3
 */
export const LOGIN_CALLBACKS: readonly string[] = [21790, 21791, 21792].map(
  (port) => `http://127.0.0.1:${port}/signed-in`,
);

/**
 * How the access tokens of an issuer look that is not Cognito. Cognito's have no audience, name the client in `client_id` and
 * say `token_use: access`.
 */
export interface TokenRules {
  /** The `aud` of every access token, alone or among others. */
  readonly audience: string;
  /** The claim that holds the id of the user. */
  readonly userClaim: string;
  /** The claim that names the client which asked for the token. */
  readonly clientClaim: string;
  readonly mark: AccessTokenMark;
}

/**
 * What tells an access token from other tokens of the same issuer: the type in its header (RFC 9068, 2.1), a claim with a fixed
 * value, or its audience alone. No token whose audience is the client is one: that is an id token (OpenID Connect Core 1.0, 2).
 */
export type AccessTokenMark = 'at+jwt' | 'audience' | { readonly claim: string; readonly value: string };

/** @param text `at+jwt`, `audience`, or a claim and its value, such as `token_use=access`. */
export function parseAccessTokenMark(text: string): AccessTokenMark | undefined {
  if (text === 'at+jwt' || text === 'audience') return text;
  const [, claim, value] = /^([\x21-\x3c\x3e-\x7e]{1,200})=([\x21-\x7e]{1,200})$/.exec(text) ?? [];
  return claim === undefined || value === undefined ? undefined : { claim, value };
}
