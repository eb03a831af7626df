import type { SignedInUser } from '../../core/access/principal.ts';
import type { Refusal } from '../../core/verification/verdict.ts';

/** How people who have signed in are let in, where an API takes their tokens as well as credentials. */
export interface SignIn {
  /**
   * Decides whether a token was given to somebody who has signed in.
   * @throws when it cannot be known: a fault is no verdict.
   */
  readonly verify: (presentedToken: string) => Promise<SignInVerdict>;
  /** The route patterns that a person may call. */
  readonly routes: readonly string[];
}

/**
 * It cannot be said yet whether a token is good: the issuer may have a key that is not at hand, and may not be asked again
 * this soon. Anybody can send such a token, so it is not counted as a fault of the deployment.
 */
export class UndecidedToken extends Error {
  constructor() {
    super('The token names a key that is not at hand, and the issuer was asked a moment ago.');
  }
}

export type SignInVerdict = { readonly kind: 'allow'; readonly user: SignedInUser } | Refusal;

/** A JWT in its compact form has two full stops (RFC 7519, 3), which no credential has. */
export function looksLikeToken(presentedText: string): boolean {
  return presentedText.split('.').length === 3;
}
