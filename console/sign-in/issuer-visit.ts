import { type Issuer, SignInRefused, type Tokens } from './issuer.ts';
import { keepPending, takePending } from './kept-sign-in.ts';
import { drawToken, makeProof, readClaims } from './pkce.ts';

export interface Redeeming {
  readonly issuer: Issuer | undefined;
  readonly issuerUrl: string | undefined;
}

/** Answers the issuer's page to go to. The tab keeps what the answer is checked by, and the view to come back to. */
export async function planVisit(issuer: Issuer): Promise<string> {
  const proof = await makeProof();
  const state = drawToken();
  const nonce = drawToken();
  const url = await issuer.authorizationUrl({
    redirect_uri: pageUrl(),
    code_challenge: proof.challenge,
    state,
    nonce,
  });
  keepPending({ state, nonce, verifier: proof.verifier, place: window.location.hash });
  return url;
}

/**
 * Makes tokens of an answer that the issuer has sent the browser back with. The answer leaves the address first.
 * @throws {SignInRefused} where the answer belongs to no sign-in of this tab.
 */
export async function redeemAnswer(
  answer: URLSearchParams,
  { issuer, issuerUrl: configured }: Redeeming,
): Promise<Tokens> {
  const pending = takePending();
  const place = pending?.place.startsWith('#/') ? pending.place : '#/';
  window.history.replaceState(null, '', `${window.location.pathname}${place}`);
  if (pending === undefined || answer.get('state') !== pending.state)
    throw new SignInRefused('This answer belongs to no sign-in of this tab. Please sign in again.');
  const issuerUrl = configured?.replace(/\/$/, '');
  if ((answer.get('iss')?.replace(/\/$/, '') ?? issuerUrl) !== issuerUrl)
    throw new SignInRefused('Another issuer has answered. Please sign in again.');
  const code = answer.get('code');
  if (code === null || issuer === undefined)
    throw new SignInRefused('The sign-in was not finished. Please sign in again.');
  const tokens = await issuer.redeemCode(code, {
    verifier: pending.verifier,
    redirectUri: pageUrl(),
  });
  if (tokens.idToken !== null && readClaims(tokens.idToken).nonce !== pending.nonce)
    throw new SignInRefused('The issuer has answered another sign-in. Please sign in again.');
  return tokens;
}

/** The address of the page without query and fragment: where the issuer sends people back to. */
export function pageUrl(): string {
  return `${window.location.origin}${window.location.pathname}`;
}
