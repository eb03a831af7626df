import type { VerdictCache } from '../../core/verification/cacheable-verdict.ts';

/** For a deployment that keeps no verdict. The bundler puts the module beside this one in its place where one does. */
export const verdictCache: VerdictCache = { flush: async () => {} };
