import type { APIGatewayRequestAuthorizerEvent } from 'aws-lambda';
import { policyPaths } from '../../core/action-pattern.ts';
import type { Caller } from '../../core/caller.ts';
import { type MultiValueHeaders, presentedCredential } from '../../core/presentation.ts';
import type { Principal } from '../../core/principal.ts';
import type { Presentation } from '../../core/profile.ts';
import { REFUSALS } from '../../core/refusal.ts';
import type { Claim, Refusal } from '../../core/verdict.ts';
import { type Verification, verify } from '../../core/verification.ts';
import { degradedEntry, faultEntry, refusalEntry } from '../log/entry.ts';
import { AUTHORIZATION_FAULT } from '../log/metric.ts';
import { beginInvocation, type Invocation, writeEntry } from '../log/small-log.ts';
import { VERIFICATION_MS, withinMilliseconds } from '../time-limit.ts';
import {
  type AuthorizerContext,
  type Decision,
  denialTexts,
  type KeptVerdict,
  writeDecision,
  writeKeptVerdict,
  writeProduct,
  writeSignedInUser,
} from './principal-context.ts';
import { looksLikeToken, type SignIn } from './sign-in.ts';

export interface AuthorizerOptions {
  readonly verification: Verification;
  readonly presentation: Presentation;
  /**
   * The name of the product's profile, which a guard behind compares with its own.
   * @default none: nothing behind the authorizer decides by a profile
   */
  readonly product?: string;
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
  /**
   * Where API Gateway keeps verdicts: what the guard behind needs for looking again.
   * @default none is kept
   */
  readonly kept?: KeptVerdict;
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

/** One request, on its way to an answer. */
interface Request {
  readonly options: AuthorizerOptions;
  readonly event: APIGatewayRequestAuthorizerEvent;
  readonly invocation: Invocation;
}

/**
 * A REQUEST authorizer for a REST API. A bad credential throws exactly `Unauthorized`, which API Gateway answers with its
 * UNAUTHORIZED response; what a valid one may not do is a Deny with the reason in the context. Anything else that is
 * thrown is a fault, which API Gateway never lets through.
 */
export function createAuthorizer(options: AuthorizerOptions) {
  return (event: APIGatewayRequestAuthorizerEvent): Promise<AuthorizerResult> => {
    const invocation = beginInvocation(event.requestContext.requestId);
    return withinMilliseconds(VERIFICATION_MS, () => authorize({ options, event, invocation }));
  };
}

async function authorize(request: Request): Promise<AuthorizerResult> {
  const { options, event, invocation } = request;
  const headers = (event.multiValueHeaders ?? {}) as MultiValueHeaders;
  const presented = presentedCredential(options.presentation, headers);
  if (presented.kind !== 'presented')
    throw unauthorized({ kind: 'refuse', code: presented.kind }, invocation);
  if (options.signIn !== undefined && looksLikeToken(presented.text))
    return authorizePerson(request, options.signIn, presented.text);
  const workspace = options.workspace?.(headers);
  const claim: Claim = {
    now: options.now(),
    requirement: options.requirement(event, presented.text),
    sourceAddress: event.requestContext.identity.sourceIp,
    ...(workspace !== undefined && { workspace }),
  };
  const verdict = await orFault(() => verify(options.verification, presented.text, claim), invocation);
  if (verdict.kind === 'refuse') return refuse(request, verdict);
  const { degraded, degradedBy, principal } = verdict;
  if (degraded !== undefined) writeEntry(degradedEntry({ degraded, degradedBy, principal }), invocation);
  return allow(request, verdict);
}

async function authorizePerson(
  { options, event, invocation }: Request,
  { verify, routes }: SignIn,
  presentedToken: string,
): Promise<AuthorizerResult> {
  const verdict = await orFault(() => verify(presentedToken), invocation);
  if (verdict.kind === 'refuse') throw unauthorized(verdict, invocation);
  // The policy names what people may call, so that API Gateway denies the rest.
  if (!routes.includes(`${event.httpMethod} ${event.resource}`))
    await options.noteDenial?.({ caller: verdict.user, code: REFUSALS.forbidden.code, event, invocation });
  return {
    principalId: verdict.user.user,
    policyDocument: allowPolicy(event, routes),
    context: writeSignedInUser(verdict.user),
  };
}

/** API Gateway does not print what an authorizer throws, so it is logged here. */
async function orFault<T>(work: () => Promise<T> | T, invocation: Invocation): Promise<T> {
  try {
    return await work();
  } catch (error) {
    writeEntry(faultEntry(error, AUTHORIZATION_FAULT), invocation);
    throw new Error('The credential could not be checked.', { cause: error });
  }
}

/** Lambda counts what is thrown among a function's errors, whoever was refused: what tells is the line. */
function unauthorized(refusal: Refusal, invocation: Invocation): Error {
  writeEntry(refusalEntry(refusal), invocation);
  return new Error('Unauthorized');
}

async function refuse(request: Request, refusal: Refusal): Promise<AuthorizerResult> {
  const { options, event, invocation } = request;
  const { code, principal, rate } = refusal;
  const { status } = REFUSALS[code];
  if (status === 401 || principal === undefined) throw unauthorized(refusal, invocation);
  writeEntry(refusalEntry(refusal), invocation);
  if (status === 429 && rate !== undefined && options.answerRateLimitBy === 'guard') {
    return allow(request, { kind: 'rate_limited', principal, rate });
  }
  await options.noteDenial?.({ caller: principal, code: REFUSALS[code].code, event, invocation });
  return {
    principalId: principal.credentialId,
    policyDocument: policy('Deny', [`${stageArn(event.methodArn)}/*`]),
    context: { ...denialTexts(refusal), credentialId: principal.credentialId, refusal: code },
  };
}

async function allow(request: Request, decision: Decision): Promise<AuthorizerResult> {
  const { options, event } = request;
  const { principal } = decision;
  const routes = options.routes(principal);
  // A policy that names nothing is none: API Gateway would answer 500.
  if (routes.length === 0) return refuse(request, { kind: 'refuse', code: 'forbidden', principal });
  return {
    principalId: principal.credentialId,
    policyDocument: allowPolicy(event, routes),
    context: {
      ...writeDecision(decision),
      ...(options.product !== undefined && writeProduct(options.product)),
      ...(options.kept && writeKeptVerdict(options.kept)),
    },
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
