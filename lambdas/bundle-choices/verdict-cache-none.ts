import type { VerdictFlusher } from '../../core/verification/cacheable-verdict.ts';

/** `#verdict-cache` for a deployment in which API Gateway caches no verdicts: there is nothing to flush. */
export function createVerdictFlusher(): VerdictFlusher {
  return { flush: async () => {} };
}
