import { isExpired } from '../../core/credential/credential.ts';
import { isPassing } from '../../core/errors/fault.ts';
import type { Profile } from '../../core/profile/profile.ts';
import { readCredential, readNamedWorkspace } from '../../core/verification/presentation.ts';
import {
  type ActionRequirement,
  judgeScopes,
  type Refusal,
  type Verdict,
} from '../../core/verification/verdict.ts';
import { type Verification, verify } from '../../core/verification/verify.ts';
import { readDecision, readProduct } from '../authorizer/principal-context.ts';
import {
  authorizerContextOf,
  type HttpEvent,
  type HttpRequest,
  readHttpRequest,
  requestIdOfEvent,
} from '../http/http-event.ts';
import { AUTHORIZATION_FAULT, degradedEntry, faultEntry, refusalEntry } from '../log/entry.ts';
import { beginInvocation, type Invocation, writeEntry } from '../log/stdout-log.ts';
import { VERIFICATION_MS, withinMilliseconds } from '../time-limit.ts';

/** Gives a guard its verdict on a request. */
export type VerdictSource = (event: HttpEvent, requirement: ActionRequirement) => Promise<GuardVerdict>;

export type GuardVerdict = Verdict | Fault;

/** No verdict could be found. Nothing is allowed on a fault. */
export interface Fault {
  readonly kind: 'fault';
  /** Whether the trouble goes away by itself. */
  readonly isPassing: boolean;
}

/** What a guard without an authorizer needs for its verdicts. */
export interface Verifier {
  readonly profile: Profile;
  readonly verification: Verification;
  /** Unix seconds. */
  readonly now: () => number;
}

/** What a verdict on a request is found by, wherever the request comes from. */
export type PresentedRequest = Pick<HttpRequest, 'headers' | 'sourceAddress' | 'requestId'>;

/** Verifies each request in the function itself. */
export function verdictsByVerifying(verifier: Verifier): VerdictSource {
  return (event, requirement) => verifyRequest(verifier, readHttpRequest(event), () => requirement);
}

/**
 * Verifies a request by the same steps as the authorizer, and writes the same log lines.
 * @param requirement if it throws, that is a fault like any other.
 */
export async function verifyRequest(
  verifier: Verifier,
  request: PresentedRequest,
  requirement: () => ActionRequirement,
): Promise<GuardVerdict> {
  const invocation = beginInvocation(request.requestId);
  try {
    const verdict = await findVerdict(verifier, request, requirement());
    if (verdict.kind === 'refuse') return logRefusal(verdict, invocation);
    const { degraded, degradedBy, principal } = verdict;
    if (degraded !== undefined) writeEntry(degradedEntry({ degraded, degradedBy, principal }), invocation);
    return verdict;
  } catch (error) {
    writeEntry(faultEntry(error, AUTHORIZATION_FAULT), invocation);
    return { kind: 'fault', isPassing: isPassing(error) };
  }
}

async function findVerdict(
  { profile, verification, now }: Verifier,
  { headers, sourceAddress }: PresentedRequest,
  requirement: ActionRequirement,
): Promise<Verdict> {
  const presented = readCredential(profile.presentation, headers);
  if (presented.kind !== 'presented') return { kind: 'refuse', code: presented.kind };
  const workspace = readNamedWorkspace(profile, headers);
  const claim = {
    now: now(),
    requirement,
    sourceAddress,
    ...(workspace !== undefined && { workspace }),
  };
  return withinMilliseconds(VERIFICATION_MS, async () => verify(verification, presented.text, claim));
}

export interface AuthorizedOptions {
  /** The name of the guard's own profile. */
  readonly product: string;
  /** Unix seconds. */
  readonly now: () => number;
}

/**
 * Takes over the decision of the authorizer in front, and judges only the parts that the authorizer could not see. The decision
 * of another product's authorizer is a fault: scopes of the same name may grant other things there.
 */
export function verdictsOfAuthorizer({ product, now }: AuthorizedOptions): VerdictSource {
  return async (event, requirement) => {
    const invocation = beginInvocation(requestIdOfEvent(event));
    const context = authorizerContextOf(event);
    const other = readProduct(context);
    if (other !== undefined && other !== product) {
      const fault = new Error(
        `The authorizer in front is of the product ${other}, and the guard is of ${product}.`,
      );
      writeEntry(faultEntry(fault, AUTHORIZATION_FAULT), invocation);
      return { kind: 'fault', isPassing: false };
    }
    const decision = readDecision(context);
    // The method was deployed without an authorizer.
    if (decision === undefined) return logRefusal({ kind: 'refuse', code: 'missing' }, invocation);
    const { principal, rate } = decision;
    if (isExpired(principal.constraints.expiresAt, now()))
      return logRefusal({ kind: 'refuse', code: 'expired', principal }, invocation);
    if (decision.kind === 'rate_limited') {
      // The authorizer has logged this refusal. A second line would count it twice.
      return { kind: 'refuse', code: 'rate_limited', principal, rate: decision.rate };
    }
    const verdict = judgeScopes(principal, requirement);
    if (verdict.kind === 'refuse') logRefusal(verdict, invocation);
    return rate === undefined ? verdict : { ...verdict, rate };
  };
}

function logRefusal(refusal: Refusal, invocation: Invocation): Refusal {
  writeEntry(refusalEntry(refusal), invocation);
  return refusal;
}
