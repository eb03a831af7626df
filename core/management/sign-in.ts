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
