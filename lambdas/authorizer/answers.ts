import type { APIGatewaySimpleAuthorizerWithContextResult } from 'aws-lambda';
import {
  type AuthorizerResult,
  allowMethod,
  allowRoutes,
  type Called,
  type CallerContext,
  denyStage,
} from './policy.ts';
import type { AuthorizerContext } from './principal-context.ts';

/** How an authorizer answers API Gateway. */
export interface Answers<Answer> {
  /** Lets this request through and no other. @returns `undefined` where the answer has no way to say so. */
  readonly allow: (called: Called, caller: CallerContext) => Answer | undefined;
  readonly deny: (called: Called, caller: CallerContext) => Answer;
  /** For a verdict that API Gateway caches and then uses for requests on other routes. */
  readonly allowRoutes: (called: Called, routes: readonly string[], caller: CallerContext) => Answer;
}

/** The answers to a REST API. */
export const POLICIES: Answers<AuthorizerResult> = { allow: allowMethod, deny: denyStage, allowRoutes };

export type SimpleAnswer = APIGatewaySimpleAuthorizerWithContextResult<AuthorizerContext>;

/**
 * The answers to an HTTP API, in payload 2.0: each is about one request.
 * @see "Controlling access to HTTP APIs with AWS Lambda authorizers", API Gateway Developer Guide
 */
export const SIMPLE_ANSWERS: Answers<SimpleAnswer> = {
  allow: (_, { context }) => ({ isAuthorized: true, context }),
  deny: refuseSimply,
  // A simple answer names no routes, so a cached one would open every route to the credential.
  allowRoutes: (called, _, caller) => refuseSimply(called, caller),
};

function refuseSimply(_: Called, { context }: CallerContext): SimpleAnswer {
  return { isAuthorized: false, context };
}
