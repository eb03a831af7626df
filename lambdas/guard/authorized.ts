import { judgeScopes } from '../../core/verdict.ts';
import { readDecision } from '../authorizer/principal-context.ts';
import { isExpired } from './kept-verdict.ts';
import type { VerdictSource } from './verifier.ts';

/**
 * Takes over what the authorizer in front has decided, and judges only what it could not see.
 * @param now Unix seconds.
 */
export function authorized(now: () => number): VerdictSource {
  return async (event, requirement) => {
    const decision = readDecision(event.requestContext?.authorizer);
    // The method was deployed without an authorizer.
    if (decision === undefined) return { kind: 'refuse', code: 'missing' };
    const { principal, rate } = decision;
    if (isExpired(principal, now())) return { kind: 'refuse', code: 'expired', principal };
    if (decision.kind === 'rate_limited') {
      return { kind: 'refuse', code: 'rate_limited', principal, rate: decision.rate };
    }
    return { ...judgeScopes(principal, requirement), ...(rate && { rate }) };
  };
}
