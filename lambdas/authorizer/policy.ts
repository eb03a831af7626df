import type { APIGatewayRequestAuthorizerEvent } from 'aws-lambda';
import { policyPaths } from '../../core/access/action-pattern.ts';
import { LARGEST_ANSWER_BYTES, makeMethodPolicy } from '../../core/verification/method-policy.ts';
import type { AuthorizerContext } from './principal-context.ts';

export interface Statement {
  readonly Action: 'execute-api:Invoke';
  readonly Effect: 'Allow' | 'Deny';
  readonly Resource: readonly string[];
}

/**
 * The answer of a REQUEST authorizer.
 * @see "Output from an API Gateway Lambda authorizer", API Gateway Developer Guide
 */
export interface AuthorizerResult {
  readonly principalId: string;
  readonly policyDocument: { readonly Version: '2012-10-17'; readonly Statement: readonly Statement[] };
  readonly context: AuthorizerContext;
}

/** Who calls, and what the functions behind the authorizer are told of them. */
export type CallerContext = Omit<AuthorizerResult, 'policyDocument'>;

export type Called = Pick<APIGatewayRequestAuthorizerEvent, 'methodArn'>;

/** @returns `undefined` if no policy can name the path, or if the answer would be too large for API Gateway. */
export function allowMethod({ methodArn }: Called, caller: CallerContext): AuthorizerResult | undefined {
  const policy = makeMethodPolicy(methodArn);
  if (policy === undefined) return undefined;
  const allowed = statement('Allow', [policy.allow]);
  // One resource and the largest context are far below API Gateway's bound, so the usual request skips the measurement.
  if (policy.deny.length === 0) return withPolicy(caller, [allowed]);
  const result = withPolicy(caller, [allowed, statement('Deny', policy.deny)]);
  return Buffer.byteLength(JSON.stringify(result)) <= LARGEST_ANSWER_BYTES ? result : undefined;
}

/** For a verdict that API Gateway caches and then uses for requests on other routes. */
export function allowRoutes(
  { methodArn }: Called,
  routes: readonly string[],
  caller: CallerContext,
): AuthorizerResult {
  const paths = routes.flatMap(policyPaths).map((path) => `${stageOf(methodArn)}/${path}`);
  return withPolicy(caller, [statement('Allow', paths)]);
}

export function denyStage({ methodArn }: Called, caller: CallerContext): AuthorizerResult {
  return withPolicy(caller, [statement('Deny', [`${stageOf(methodArn)}/*`])]);
}

function withPolicy(caller: CallerContext, statements: readonly Statement[]): AuthorizerResult {
  return { ...caller, policyDocument: { Version: '2012-10-17', Statement: statements } };
}

function statement(effect: 'Allow' | 'Deny', resources: readonly string[]): Statement {
  return { Action: 'execute-api:Invoke', Effect: effect, Resource: resources };
}

/** Cuts `arn:aws:execute-api:REGION:ACCOUNT:API/STAGE` out of the ARN of the called method. */
function stageOf(methodArn: string): string {
  return methodArn.split('/').slice(0, 2).join('/');
}
