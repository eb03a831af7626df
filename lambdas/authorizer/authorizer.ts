import type { APIGatewayRequestAuthorizerEvent, APIGatewayRequestAuthorizerEventV2 } from 'aws-lambda';
import type { Caller, SignedInUser } from '../../core/access/principal.ts';
import { type MultiValueHeaders, readCredential } from '../../core/verification/presentation.ts';
import { REFUSALS } from '../../core/verification/refusal.ts';
import type { Claim, Refusal } from '../../core/verification/verdict.ts';
import { verify } from '../../core/verification/verify.ts';
import { requestIdOf } from '../http/problem.ts';
import { allowedOriginOf } from '../http/response-headers.ts';
import {
  AUTHORIZATION_FAULT,
  degradedEntry,
  faultEntry,
  refusalEntry,
  undecidedEntry,
} from '../log/entry.ts';
import { beginInvocation, type Invocation, writeEntry } from '../log/stdout-log.ts';
import { VERIFICATION_MS, withinMilliseconds } from '../time-limit.ts';
import { type Answers, POLICIES, SIMPLE_ANSWERS, type SimpleAnswer } from './answers.ts';
import {
  type AuthorizerOptions,
  type CachedVerdicts,
  type PersonAccess,
  UndecidedToken,
} from './authorizer-options.ts';
import { readHttpApiEvent } from './http-api-event.ts';
import type { AuthorizerResult, CallerContext } from './policy.ts';
import {
  type AuthorizerContext,
  type Decision,
  type RefusalReason,
  refusalTexts,
  UNNAMEABLE_PATH,
  writeCachedVerdict,
  writeDecision,
  writeProduct,
  writeSignedInUser,
} from './principal-context.ts';
import { looksLikeSession } from './session-access.ts';

/** One request while it is decided on. */
interface Request<Answer> {
  readonly answers: Answers<Answer>;
  readonly options: AuthorizerOptions;
  readonly event: APIGatewayRequestAuthorizerEvent;
  readonly invocation: Invocation;
}

/**
 * Makes a REQUEST authorizer for a REST API. For a bad credential it throws exactly `Unauthorized`, which API Gateway answers
 * with its UNAUTHORIZED response. For a valid credential without the right it returns a Deny, with the reason in the context.
 * Anything else that it throws is a fault, and API Gateway never lets such a call through.
 */
export function createAuthorizer(options: AuthorizerOptions) {
  return (event: APIGatewayRequestAuthorizerEvent): Promise<AuthorizerResult> =>
    decide({ answers: POLICIES, options, event });
}

/**
 * Makes a Lambda authorizer for an HTTP API, with payload 2.0 and simple responses. It decides as {@link createAuthorizer} does,
 * and throws in the same way. API Gateway must not cache its answers.
 */
export function createHttpApiAuthorizer({ cached: _, ...options }: AuthorizerOptions) {
  return (event: APIGatewayRequestAuthorizerEventV2): Promise<SimpleAnswer> =>
    decide({ answers: SIMPLE_ANSWERS, options, event: readHttpApiEvent(event) });
}

function decide<Answer>(request: Omit<Request<Answer>, 'invocation'>): Promise<Answer> {
  const invocation = beginInvocation(requestIdOf(request.event.requestContext));
  return withinMilliseconds(VERIFICATION_MS, () => authorize({ ...request, invocation }));
}

async function authorize<Answer>(request: Request<Answer>): Promise<Answer> {
  const { options, event, invocation } = request;
  const headers = (event.multiValueHeaders ?? {}) as MultiValueHeaders;
  const presented = readCredential(options.presentation, headers);
  if (presented.kind !== 'presented')
    throw logUnauthorized({ kind: 'refuse', code: presented.kind }, invocation);
  const { signIn, sessions } = options;
  if (signIn !== undefined && looksLikeToken(presented.text))
    return authorizePerson(request, signIn, presented.text);
  if (sessions !== undefined && looksLikeSession(presented.text))
    return authorizePerson(request, sessions, presented.text);
  const workspace = options.workspace?.(headers);
  const claim: Claim = {
    now: options.now(),
    requirement: options.requirement(event, presented.text),
    sourceAddress: event.requestContext.identity.sourceIp,
    ...(workspace !== undefined && { workspace }),
  };
  const verdict = await runOrLogFault(() => verify(options.verification, presented.text, claim), invocation);
  if (verdict.kind === 'refuse') return refuse(request, verdict);
  const { degraded, degradedBy, principal } = verdict;
  if (degraded !== undefined) writeEntry(degradedEntry({ degraded, degradedBy, principal }), invocation);
  return allow(request, verdict);
}

async function authorizePerson<Answer>(
  request: Request<Answer>,
  { verify, routes }: PersonAccess,
  presentedToken: string,
): Promise<Answer> {
  const { answers, event, invocation } = request;
  const verdict = await runOrLogFault(() => verify(presentedToken), invocation);
  if (verdict.kind === 'refuse') throw logUnauthorized(verdict, invocation);
  const { user } = verdict;
  const result: CallerContext = { principalId: user.user, context: writeSignedInUser(user) };
  if (!routes.includes(`${event.httpMethod} ${event.resource}`))
    return denyPerson(request, user, result.context);
  const unnameable = { ...result.context, ...refusalTexts(UNNAMEABLE_PATH) };
  return answers.allow(event, result) ?? denyPerson(request, user, unnameable);
}

async function denyPerson<Answer>(
  request: Request<Answer>,
  caller: SignedInUser,
  context: AuthorizerContext,
): Promise<Answer> {
  const refusal = { kind: 'refuse', code: 'forbidden' } as const;
  writeEntry(refusalEntry(refusal, caller), request.invocation);
  await noteRefusal(request, caller, refusal);
  const { decision: _, ...refused } = context;
  return request.answers.deny(request.event, {
    principalId: caller.user,
    context: { ...refused, refusal: refusal.code, ...writeAllowedOrigin(request.event) },
  });
}

/** API Gateway does not log what an authorizer throws, so this does. */
async function runOrLogFault<T>(work: () => Promise<T> | T, invocation: Invocation): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const isOurs = !(error instanceof UndecidedToken);
    writeEntry(isOurs ? faultEntry(error, AUTHORIZATION_FAULT) : undecidedEntry(error), invocation);
    throw new Error('The credential could not be checked.', { cause: error });
  }
}

/** Lambda counts every refusal that is thrown among the function's errors. Only the log line tells them apart from faults. */
function logUnauthorized(refusal: Refusal, invocation: Invocation): Error {
  writeEntry(refusalEntry(refusal), invocation);
  return new Error('Unauthorized');
}

async function refuse<Answer>(
  request: Request<Answer>,
  refusal: Refusal,
  reason: RefusalReason = refusal,
): Promise<Answer> {
  const { answers, options, event, invocation } = request;
  const { code, principal, rate } = refusal;
  const { status } = REFUSALS[code];
  if (status === 401 || principal === undefined) throw logUnauthorized(refusal, invocation);
  writeEntry(refusalEntry(refusal), invocation);
  if (status === 429 && rate !== undefined && options.isGuarded?.(event) === true) {
    const decision = { kind: 'rate_limited', principal, rate } as const;
    const handedOn = answers.allow(event, callerContextOf(options, decision));
    if (handedOn !== undefined) return handedOn;
  }
  await noteRefusal(request, principal, refusal);
  const { credentialId } = principal;
  const texts = refusalTexts(reason, options.errors);
  return answers.deny(event, {
    principalId: credentialId,
    context: { ...texts, credentialId, refusal: code, ...writeAllowedOrigin(event) },
  });
}

/** The ACCESS_DENIED gateway response names the calling page from this: a template cannot compare origins itself. */
function writeAllowedOrigin(event: APIGatewayRequestAuthorizerEvent): AuthorizerContext {
  const allowedOrigin = allowedOriginOf(event);
  return allowedOrigin === undefined ? {} : { allowedOrigin };
}

async function allow<Answer>(request: Request<Answer>, decision: Decision): Promise<Answer> {
  const { answers, options, event } = request;
  if (options.cached !== undefined) return allowCached(request, options.cached, decision);
  const allowed = answers.allow(event, callerContextOf(options, decision));
  if (allowed !== undefined) return allowed;
  const { principal } = decision;
  return refuse(request, { kind: 'refuse', code: 'forbidden', principal }, UNNAMEABLE_PATH);
}

/**
 * API Gateway denies every route that the policy does not name, and tells no function of it. So the refusal of this very
 * request is logged here.
 */
async function allowCached<Answer>(
  request: Request<Answer>,
  cached: CachedVerdicts,
  decision: Decision,
): Promise<Answer> {
  const { answers, options, event, invocation } = request;
  const { principal } = decision;
  const refusal = { kind: 'refuse', code: 'forbidden', principal } as const;
  const routes = cached.routes(principal);
  // API Gateway would answer 500 to a policy that names no route.
  if (routes.length === 0) return refuse(request, refusal);
  if (!cached.grants(principal, event)) {
    writeEntry(refusalEntry(refusal), invocation);
    await noteRefusal(request, principal, refusal);
  }
  return answers.allowRoutes(event, routes, callerContextOf(options, decision));
}

function callerContextOf({ cached, product, errors }: AuthorizerOptions, decision: Decision): CallerContext {
  return {
    principalId: decision.principal.credentialId,
    context: {
      ...writeDecision(decision, errors),
      ...(product !== undefined && writeProduct(product)),
      ...(cached && writeCachedVerdict(cached)),
    },
  };
}

async function noteRefusal(
  { options, event, invocation }: Request<unknown>,
  caller: Caller,
  { code }: Refusal,
): Promise<void> {
  await options.noteRefusal?.({ caller, code: REFUSALS[code].code, event, invocation });
}

/** A JWT in its compact form has two full stops (RFC 7519, 3). No credential of Keyward has one. */
export function looksLikeToken(presentedText: string): boolean {
  return presentedText.split('.').length === 3;
}
