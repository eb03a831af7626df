import type { APIGatewayRequestAuthorizerEvent } from 'aws-lambda';
import type { Caller, Principal, SignedInUser } from '../../core/access/principal.ts';
import type { ErrorBodies } from '../../core/errors/error-body.ts';
import type { Presentation } from '../../core/profile/profile.ts';
import type { MultiValueHeaders } from '../../core/verification/presentation.ts';
import type { Claim, Refusal } from '../../core/verification/verdict.ts';
import type { Verification } from '../../core/verification/verify.ts';
import type { Invocation } from '../log/stdout-log.ts';
import type { CachedVerdict } from './principal-context.ts';

export interface AuthorizerOptions {
  readonly verification: Verification;
  readonly presentation: Presentation;
  /**
   * The name of the product's profile. A guard behind the authorizer compares it with the name of its own.
   * @default no guard behind the authorizer decides by a profile
   */
  readonly product?: string;
  /**
   * The product's own words for a refusal.
   * @default Keyward's words
   */
  readonly errors?: ErrorBodies | undefined;
  /** What the called route requires of the presented credential. */
  readonly requirement: (
    event: APIGatewayRequestAuthorizerEvent,
    presentedText: string,
  ) => Claim['requirement'];
  /** Reads the workspace that the request names. Leave it out where a request cannot name one. */
  readonly workspace?: (headers: MultiValueHeaders) => Claim['workspace'];
  /**
   * Whether a guard stands behind the called route. The guard answers a call beyond the rate limit with 429, which an
   * authorizer cannot. On other routes such a call is refused with 403.
   * @default no route has a guard
   */
  readonly isGuarded?: (event: APIGatewayRequestAuthorizerEvent) => boolean;
  /**
   * How people sign in, on an API that takes their tokens as well as credentials.
   * @default nobody signs in
   */
  readonly signIn?: PersonAccess;
  /**
   * The sessions that people act through, on an API that takes them.
   * @default there are none
   */
  readonly sessions?: PersonAccess;
  /**
   * Set it where API Gateway caches verdicts.
   * @default no verdict is cached, and a policy is for one request
   */
  readonly cached?: CachedVerdicts | undefined;
  /**
   * Is told of every known caller who is refused. It must not throw: the call is refused already.
   * @default a refusal is logged and nothing else happens
   */
  readonly noteRefusal?: (refusal: NotedRefusal) => Promise<void>;
  /** Unix seconds. */
  readonly now: () => number;
}

export interface NotedRefusal {
  readonly caller: Caller;
  readonly code: string;
  readonly event: APIGatewayRequestAuthorizerEvent;
  readonly invocation: Invocation;
}

/** API Gateway uses a cached verdict on other routes too, so its policy names every route that a credential may call. */
export interface CachedVerdicts extends CachedVerdict {
  /** The patterns of those routes. */
  readonly routes: (principal: Principal) => readonly string[];
  /** Whether the called route is one of them. */
  readonly grants: (principal: Principal, event: APIGatewayRequestAuthorizerEvent) => boolean;
}

export interface PersonAccess {
  /**
   * Decides whether the issuer gave a token to somebody who has signed in.
   * @throws when that cannot be found out: a fault is no verdict.
   */
  readonly verify: (presentedToken: string) => Promise<SignInVerdict>;
  /** The patterns of the routes that a person may call. */
  readonly routes: readonly string[];
}

export type SignInVerdict = { readonly kind: 'allow'; readonly user: SignedInUser } | Refusal;

/**
 * Nobody can say yet whether a token is good: it names a key that this instance does not have, and the issuer was asked too
 * recently to ask again. Anybody can send such a token, so it does not count as a fault of the deployment.
 */
export class UndecidedToken extends Error {
  constructor() {
    super('The token names an unknown key, and the issuer was asked for its keys a moment ago.');
  }
}
