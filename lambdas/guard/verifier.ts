import type { APIGatewayProxyEvent } from 'aws-lambda';
import { type MultiValueHeaders, namedWorkspace, presentedCredential } from '../../core/presentation.ts';
import type { Profile } from '../../core/profile.ts';
import type { ActionRequirement, Verdict } from '../../core/verdict.ts';
import { type Verification, verify } from '../../core/verification.ts';
import { degradedEntry, faultEntry, refusalEntry } from '../log/entry.ts';
import { one } from '../log/metric.ts';
import { beginInvocation, writeEntry } from '../log/small-log.ts';
import { VERIFICATION_MS, withinMilliseconds } from '../time-limit.ts';

/** What a guard without an authorizer decides by. */
export interface Verifier {
  readonly profile: Profile;
  readonly verification: Verification;
  /** Unix seconds. */
  readonly now: () => number;
}

/** `fault`: it could not be decided. It is no verdict, and nothing is allowed on it. */
export type GuardVerdict = Verdict | { readonly kind: 'fault' };

/** Where a guard has its verdicts from. */
export type VerdictSource = (
  event: APIGatewayProxyEvent,
  requirement: ActionRequirement,
) => Promise<GuardVerdict>;

/** Verifies by itself, by the same steps as the authorizer, and logs what the authorizer would. */
export function verifying(verifier: Verifier): VerdictSource {
  return async (event, requirement) => {
    const invocation = beginInvocation(event.requestContext?.requestId ?? '');
    try {
      const verdict = await verdictOn(verifier, event, requirement);
      if (verdict.kind === 'refuse') writeEntry(refusalEntry(verdict), invocation);
      else if (verdict.degraded !== undefined)
        writeEntry(degradedEntry({ degraded: verdict.degraded, principal: verdict.principal }), invocation);
      return verdict;
    } catch (error) {
      writeEntry(faultEntry(error, one('AuthorizationFault')), invocation);
      return { kind: 'fault' };
    }
  };
}

async function verdictOn(
  { profile, verification, now }: Verifier,
  event: APIGatewayProxyEvent,
  requirement: ActionRequirement,
): Promise<Verdict> {
  const headers = (event.multiValueHeaders ?? {}) as MultiValueHeaders;
  const presented = presentedCredential(profile.presentation, headers);
  if (presented.kind !== 'presented') return { kind: 'refuse', code: presented.kind };
  const workspace = namedWorkspace(profile, headers);
  const claim = {
    now: now(),
    requirement,
    sourceAddress: event.requestContext.identity.sourceIp,
    ...(workspace !== undefined && { workspace }),
  };
  return withinMilliseconds(VERIFICATION_MS, async () => verify(verification, presented.text, claim));
}
