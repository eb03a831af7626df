import { isExpired } from '../../core/expiry.ts';
import { judgeScopes, type Refusal } from '../../core/verdict.ts';
import { readDecision } from '../authorizer/principal-context.ts';
import { refusalEntry } from '../log/entry.ts';
import { beginInvocation, writeEntry } from '../log/small-log.ts';
import type { VerdictSource } from './verifier.ts';

/**
 * Takes over what the authorizer in front has decided, and judges only what it could not see.
 * @param now Unix seconds.
 */
export function authorized(now: () => number): VerdictSource {
  return async (event, requirement) => {
    const invocation = beginInvocation(event.requestContext?.requestId ?? '');
    const refuse = (refusal: Refusal): Refusal => {
      writeEntry(refusalEntry(refusal), invocation);
      return refusal;
    };
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
