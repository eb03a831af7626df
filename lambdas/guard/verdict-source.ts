import type { APIGatewayProxyEvent } from 'aws-lambda';
import { isExpired } from '../../core/credential/credential-type.ts';
import { isPassing } from '../../core/errors/fault.ts';
import type { Profile } from '../../core/profile/profile.ts';
import {
  type MultiValueHeaders,
  readCredential,
  readNamedWorkspace,
} from '../../core/verification/presentation.ts';
import {
  type ActionRequirement,
  judgeScopes,
  type Refusal,
  type Verdict,
} from '../../core/verification/verdict.ts';
import { type Verification, verify } from '../../core/verification/verify.ts';
import { readDecision, readProduct } from '../authorizer/principal-context.ts';
import { requestIdOf } from '../http/request.ts';
import { AUTHORIZATION_FAULT, degradedEntry, faultEntry, refusalEntry } from '../log/entry.ts';
import { beginInvocation, writeEntry } from '../log/stdout-log.ts';
import { VERIFICATION_MS, withinMilliseconds } from '../time-limit.ts';

/** What a guard without an authorizer decides by. */
export interface Verifier {
  readonly profile: Profile;
  readonly verification: Verification;
  /** Unix seconds. */
  readonly now: () => number;
}

/** It could not be decided, which is no verdict: nothing is allowed on it. */
export interface Fault {
  readonly kind: 'fault';
  /** Whether the trouble goes away by itself. */
  readonly isPassing: boolean;
}

export type GuardVerdict = Verdict | Fault;

/** Where a guard has its verdicts from. */
export type VerdictSource = (
  event: APIGatewayProxyEvent,
  requirement: ActionRequirement,
) => Promise<GuardVerdict>;

/** Verifies by itself, by the same steps as the authorizer, and logs what the authorizer would. */
export function verifying(verifier: Verifier): VerdictSource {
  return async (event, requirement) => {
    const invocation = beginInvocation(requestIdOf(event.requestContext));
    try {
      const verdict = await verdictOn(verifier, event, requirement);
      if (verdict.kind === 'refuse') {
        writeEntry(refusalEntry(verdict), invocation);
        return verdict;
      }
      const { degraded, degradedBy, principal } = verdict;
      if (degraded !== undefined) writeEntry(degradedEntry({ degraded, degradedBy, principal }), invocation);
      return verdict;
    } catch (error) {
      writeEntry(faultEntry(error, AUTHORIZATION_FAULT), invocation);
      return { kind: 'fault', isPassing: isPassing(error) };
    }
  };
}

async function verdictOn(
  { profile, verification, now }: Verifier,
  event: APIGatewayProxyEvent,
  requirement: ActionRequirement,
): Promise<Verdict> {
  const headers = (event.multiValueHeaders ?? {}) as MultiValueHeaders;
  const presented = readCredential(profile.presentation, headers);
  if (presented.kind !== 'presented') return { kind: 'refuse', code: presented.kind };
  const workspace = readNamedWorkspace(profile, headers);
  const claim = {
    now: now(),
    requirement,
    sourceAddress: event.requestContext.identity.sourceIp,
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
 * Takes over what the authorizer in front has decided, and judges only what it could not see. What the authorizer of another
 * product has decided is nothing to go by: scopes of one name may grant other things there.
 */
export function authorized({ product, now }: AuthorizedOptions): VerdictSource {
  return async (event, requirement) => {
    const invocation = beginInvocation(requestIdOf(event.requestContext));
    const refuse = (refusal: Refusal): Refusal => {
      writeEntry(refusalEntry(refusal), invocation);
      return refusal;
    };
    const other = readProduct(event.requestContext?.authorizer);
    if (other !== undefined && other !== product) {
      const fault = new Error(
        `The authorizer in front is of the product ${other}, and the guard of ${product}.`,
      );
      writeEntry(faultEntry(fault, AUTHORIZATION_FAULT), invocation);
      return { kind: 'fault', isPassing: false };
    }
    const decision = readDecision(event.requestContext?.authorizer);
    // The method was deployed without an authorizer.
    if (decision === undefined) return refuse({ kind: 'refuse', code: 'missing' });
    const { principal, rate } = decision;
    if (isExpired(principal.constraints.expiresAt, now()))
      return refuse({ kind: 'refuse', code: 'expired', principal });
    if (decision.kind === 'rate_limited') {
      // The authorizer has logged it, and what is counted twice says nothing.
      return { kind: 'refuse', code: 'rate_limited', principal, rate: decision.rate };
    }
    const verdict = judgeScopes(principal, requirement);
    return { ...(verdict.kind === 'refuse' ? refuse(verdict) : verdict), ...(rate && { rate }) };
  };
}
