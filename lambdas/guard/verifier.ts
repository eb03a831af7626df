import type { APIGatewayProxyEvent } from 'aws-lambda';
import { type MultiValueHeaders, namedWorkspace, presentedCredential } from '../../core/presentation.ts';
import type { Profile } from '../../core/profile.ts';
import type { ActionRequirement, Verdict } from '../../core/verdict.ts';
import { type Verification, verify } from '../../core/verification.ts';
import { logFault } from '../http/log.ts';
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

/** Verifies by itself, by the same steps as the authorizer. */
export function verifying(verifier: Verifier): VerdictSource {
  return (event, requirement) => verdictOn(verifier, event, requirement);
}

async function verdictOn(
  { profile, verification, now }: Verifier,
  event: APIGatewayProxyEvent,
  requirement: ActionRequirement,
): Promise<GuardVerdict> {
  const headers = (event.multiValueHeaders ?? {}) as MultiValueHeaders;
  const presented = presentedCredential(profile.presentation, headers);
  if (presented.kind !== 'presented') return { kind: 'refuse', code: presented.kind };
  const workspace = namedWorkspace(profile, headers);
  const { requestId, identity } = event.requestContext;
  try {
    const claim = {
      now: now(),
      requirement,
      sourceAddress: identity.sourceIp,
      ...(workspace !== undefined && { workspace }),
    };
    return await withinMilliseconds(VERIFICATION_MS, () => verify(verification, presented.text, claim));
  } catch (error) {
    logFault(error, requestId);
    return { kind: 'fault' };
  }
}
