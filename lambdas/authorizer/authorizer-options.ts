import type { APIGatewayRequestAuthorizerEvent } from 'aws-lambda';
import type { Caller, Principal, SignedInUser } from '../../core/access/principal.ts';
import type { ErrorBodies } from '../../core/errors/error-body.ts';
import type { Presentation } from '../../core/profile/profile.ts';
import type { MultiValueHeaders } from '../../core/verification/presentation.ts';
import type { Claim, Refusal } from '../../core/verification/verdict.ts';
import type { Verification } from '../../core/verification/verify.ts';
import type { Invocation } from '../log/stdout-log.ts';
import type { KeptVerdict } from './principal-context.ts';

export interface AuthorizerOptions {
  readonly verification: Verification;
  readonly presentation: Presentation;
  /**
   * The name of the product's profile, which a guard behind compares with its own.
   * @default none: nothing behind the authorizer decides by a profile
   */
  readonly product?: string;
  /**
   * The words of a denial.
   * @default Keyward's
   */
  readonly errors?: ErrorBodies | undefined;
  /** What the called route requires of the presented credential. */
  readonly requirement: (
    event: APIGatewayRequestAuthorizerEvent,
    presentedText: string,
  ) => Claim['requirement'];
  /** The workspace that the request names; left out where none can be named. */
  readonly workspace?: (headers: MultiValueHeaders) => Claim['workspace'];
  /**
   * Whether a guard stands behind the called route, which answers 429, as an authorizer cannot. Elsewhere a call beyond the
   * limit is denied.
   * @default behind none
   */
  readonly isGuarded?: (event: APIGatewayRequestAuthorizerEvent) => boolean;
  /**
   * For APIs that people call as well.
   * @default nobody signs in
   */
  readonly signIn?: SignIn;
  /**
   * For where API Gateway keeps verdicts.
   * @default none is kept: a policy is for one request
   */
  readonly kept?: KeptVerdicts;
  /**
   * Hears of every caller who is known and is denied what they called. Must not throw: the call is denied already.
   * @default they are logged, and no more
   */
  readonly noteDenial?: (denial: Denial) => Promise<void>;
  /** Unix seconds. */
  readonly now: () => number;
}

export interface Denial {
  readonly caller: Caller;
  readonly code: string;
  readonly event: APIGatewayRequestAuthorizerEvent;
  readonly invocation: Invocation;
}

/** A kept verdict is given to requests on other routes too, so its policy names all that a credential may call. */
export interface KeptVerdicts extends KeptVerdict {
  /** The patterns of those routes. */
  readonly routes: (principal: Principal) => readonly string[];
  /** Whether the called route is among them. */
  readonly grants: (principal: Principal, event: APIGatewayRequestAuthorizerEvent) => boolean;
}

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
