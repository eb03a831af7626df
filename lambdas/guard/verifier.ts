import type { APIGatewayProxyEvent } from 'aws-lambda';
import { isPassing } from '../../core/errors/fault.ts';
import type { Profile } from '../../core/profile/profile.ts';
import {
  type MultiValueHeaders,
  readCredential,
  readNamedWorkspace,
} from '../../core/verification/presentation.ts';
import type { ActionRequirement, Verdict } from '../../core/verification/verdict.ts';
import { type Verification, verify } from '../../core/verification/verify.ts';
import { requestIdOf } from '../http/request-id.ts';
import { degradedEntry, faultEntry, refusalEntry } from '../log/entry.ts';
import { AUTHORIZATION_FAULT } from '../log/metric.ts';
import { beginInvocation, writeEntry } from '../log/small-log.ts';
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
