import { APIGatewayClient, FlushStageAuthorizersCacheCommand } from '@aws-sdk/client-api-gateway';
import type { VerdictFlusher } from '../../core/verification/cacheable-verdict.ts';
import { toUnavailable } from '../dynamodb/table/contention.ts';

/** One stage of a REST API whose authorizer's verdicts are cached. */
export interface CachingStage {
  readonly restApiId: string;
  readonly stageName: string;
}

/**
 * The caches of all stages that cache verdicts. A flush clears a whole stage; API Gateway has no finer flush. AWS allows ten
 * control-plane calls a second for an account, so a flush can be throttled.
 * @see "FlushStageAuthorizersCache", Amazon API Gateway REST API Reference
 */
export function apiGatewayVerdictFlusher(stages: readonly CachingStage[]): VerdictFlusher {
  const client = new APIGatewayClient({ maxAttempts: 1 });
  return {
    flush: async (milliseconds) => {
      const abortSignal = AbortSignal.timeout(milliseconds);
      const outcomes = await Promise.allSettled(
        stages.map((stage) => client.send(new FlushStageAuthorizersCacheCommand(stage), { abortSignal })),
      );
      const [failure] = outcomes.filter((outcome) => outcome.status === 'rejected');
      if (failure === undefined) return;
      throw toUnavailable(failure.reason, 'A stage did not flush its verdicts.');
    },
  };
}
