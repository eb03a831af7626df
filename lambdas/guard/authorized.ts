import { isExpired } from '../../core/credential/credential-type.ts';
import { judgeScopes, type Refusal } from '../../core/verification/verdict.ts';
import { readDecision, readProduct } from '../authorizer/principal-context.ts';
import { requestIdOf } from '../http/request-id.ts';
import { faultEntry, refusalEntry } from '../log/entry.ts';
import { AUTHORIZATION_FAULT } from '../log/metric.ts';
import { beginInvocation, writeEntry } from '../log/small-log.ts';
import type { VerdictSource } from './verifier.ts';

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
