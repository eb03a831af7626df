import type { APIGatewayRequestAuthorizerEvent } from 'aws-lambda';
import { policyPaths } from '../../core/action-pattern.ts';
import { type MultiValueHeaders, presentedCredential } from '../../core/presentation.ts';
import type { Principal } from '../../core/principal.ts';
import type { Presentation } from '../../core/profile.ts';
import { REFUSALS } from '../../core/refusal.ts';
import type { Claim, Refusal } from '../../core/verdict.ts';
import { type Verification, verify } from '../../core/verification.ts';
import { degradedEntry, faultEntry, refusalEntry } from '../log/entry.ts';
import { one } from '../log/metric.ts';
import { beginInvocation, type Invocation, writeEntry } from '../log/small-log.ts';
import {
  type AuthorizerContext,
  type Decision,
  denialTexts,
  writeDecision,
  writeSignedInUser,
} from './principal-context.ts';
import { looksLikeToken, type SignIn } from './sign-in.ts';

export interface AuthorizerOptions {
  readonly verification: Verification;
  readonly presentation: Presentation;
  /** What the called route requires of the presented credential. */
  readonly requirement: (
    event: APIGatewayRequestAuthorizerEvent,
    presentedText: string,
  ) => Claim['requirement'];
  /** The workspace that the request names; left out where none can be named. */
  readonly workspace?: (headers: MultiValueHeaders) => Claim['workspace'];
  /** The route patterns that a principal may call; the policy names them, whichever one was called. */
  readonly routes: (principal: Principal) => readonly string[];
  /** A guard behind the authorizer answers 429, which an authorizer cannot. */
  readonly answerRateLimitBy: 'guard' | 'authorizer';
  /**
   * For APIs that people call as well.
   * @default nobody signs in
   */
  readonly signIn?: SignIn;
  /** Unix seconds. */
  readonly now: () => number;
}

export interface AuthorizerResult {
  readonly principalId: string;
  readonly policyDocument: {
    readonly Version: '2012-10-17';
    readonly Statement: readonly [
      {
        readonly Action: 'execute-api:Invoke';
        readonly Effect: 'Allow' | 'Deny';
        readonly Resource: readonly string[];
      },
    ];
  };
  readonly context: AuthorizerContext;
}

/**
 * A REQUEST authorizer for a REST API. A bad credential throws exactly `Unauthorized`, which API Gateway answers with its
 * UNAUTHORIZED response; what a valid one may not do is a Deny with the reason in the context. Anything else that is
 * thrown is a fault, which API Gateway never lets through.
 */
export function createAuthorizer(options: AuthorizerOptions) {
  return async (event: APIGatewayRequestAuthorizerEvent): Promise<AuthorizerResult> => {
    const invocation = beginInvocation(event.requestContext.requestId);
    const headers = (event.multiValueHeaders ?? {}) as MultiValueHeaders;
    const presented = presentedCredential(options.presentation, headers);
    if (presented.kind !== 'presented')
      throw unauthorized({ kind: 'refuse', code: presented.kind }, invocation);
    if (options.signIn !== undefined && looksLikeToken(presented.text))
      return authorizePerson(options.signIn, { event, presentedToken: presented.text }, invocation);
    const workspace = options.workspace?.(headers);
    const claim: Claim = {
      now: options.now(),
      requirement: options.requirement(event, presented.text),
      sourceAddress: event.requestContext.identity.sourceIp,
      ...(workspace !== undefined && { workspace }),
    };
    const verdict = await orFault(verify(options.verification, presented.text, claim), invocation);
    if (verdict.kind === 'refuse') return refuse(options, { event, refusal: verdict }, invocation);
    const { degraded, principal } = verdict;
    if (degraded !== undefined) writeEntry(degradedEntry({ degraded, principal }), invocation);
    return allow(options, event, verdict);
  };
}

async function authorizePerson(
  { verify, routes }: SignIn,
  {
    event,
    presentedToken,
  }: { readonly event: APIGatewayRequestAuthorizerEvent; readonly presentedToken: string },
  invocation: Invocation,
): Promise<AuthorizerResult> {
  const verdict = await orFault(verify(presentedToken), invocation);
  if (verdict.kind === 'refuse') throw unauthorized(verdict, invocation);
  return {
    principalId: verdict.user.user,
    policyDocument: allowPolicy(event, routes),
    context: writeSignedInUser(verdict.user),
  };
}

/** API Gateway does not print what an authorizer throws, so it is logged here. */
async function orFault<T>(promise: Promise<T>, invocation: Invocation): Promise<T> {
  try {
    return await promise;
  } catch (error) {
    writeEntry(faultEntry(error, one('AuthorizationFault')), invocation);
    throw new Error('The credential could not be checked.', { cause: error });
  }
}

/** Lambda counts what is thrown among a function's errors, whoever was refused: what tells is the line. */
function unauthorized(refusal: Refusal, invocation: Invocation): Error {
  writeEntry(refusalEntry(refusal), invocation);
  return new Error('Unauthorized');
}

function refuse(
  options: AuthorizerOptions,
  { event, refusal }: { readonly event: APIGatewayRequestAuthorizerEvent; readonly refusal: Refusal },
  invocation: Invocation,
): AuthorizerResult {
  const { code, principal, rate } = refusal;
  const { status } = REFUSALS[code];
  if (status === 401 || principal === undefined) throw unauthorized(refusal, invocation);
  writeEntry(refusalEntry(refusal), invocation);
  if (status === 429 && rate !== undefined && options.answerRateLimitBy === 'guard') {
    return allow(options, event, { kind: 'rate_limited', principal, rate });
  }
  return {
    principalId: principal.credentialId,
    policyDocument: policy('Deny', [`${stageArn(event.methodArn)}/*`]),
    context: { ...denialTexts(refusal), credentialId: principal.credentialId, refusal: code },
  };
}

function allow(
  options: AuthorizerOptions,
  event: APIGatewayRequestAuthorizerEvent,
  decision: Decision,
): AuthorizerResult {
  const { principal } = decision;
  return {
    principalId: principal.credentialId,
    policyDocument: allowPolicy(event, options.routes(principal)),
    context: writeDecision(decision),
  };
}

function allowPolicy(
  { methodArn }: APIGatewayRequestAuthorizerEvent,
  routes: readonly string[],
): AuthorizerResult['policyDocument'] {
  const stage = stageArn(methodArn);
  const paths = routes.flatMap(policyPaths);
  return policy(
    'Allow',
    paths.map((path) => `${stage}/${path}`),
  );
}

function policy(effect: 'Allow' | 'Deny', resources: string[]): AuthorizerResult['policyDocument'] {
  return {
    Version: '2012-10-17',
    Statement: [{ Action: 'execute-api:Invoke', Effect: effect, Resource: resources }],
  };
}

/** `arn:aws:execute-api:REGION:ACCOUNT:API/STAGE`, out of the ARN of the method that was called. */
function stageArn(methodArn: string): string {
  return methodArn.split('/').slice(0, 2).join('/');
}
