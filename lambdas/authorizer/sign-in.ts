import type { SignedInUser } from '../../core/caller.ts';
import type { Refusal } from '../../core/verdict.ts';

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

export type SignInVerdict = { readonly kind: 'allow'; readonly user: SignedInUser } | Refusal;

/** A JWT in its compact form has two full stops (RFC 7519, 3), which no credential has. */
export function looksLikeToken(presentedText: string): boolean {
  return presentedText.split('.').length === 3;
}
