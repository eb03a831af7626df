import type { VerdictCache } from '../../core/verification/cacheable-verdict.ts';

/** `#verdict-cache` for a deployment in which API Gateway caches no verdicts: there is nothing to flush. */
export function createVerdictCache(): VerdictCache {
  return { flush: async () => {} };
}
