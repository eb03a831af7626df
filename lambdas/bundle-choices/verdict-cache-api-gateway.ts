import type { VerdictFlusher } from '../../core/verification/cacheable-verdict.ts';
import { apiGatewayVerdictFlusher, type CachingStage } from '../../stores/api-gateway/verdict-cache.ts';
import { requiredVariable } from '../environment.ts';

/**
 * `#verdict-cache` for a deployment in which API Gateway caches verdicts. The stack names the stages in a variable:
 * `API/STAGE API/STAGE …`.
 */
export function createVerdictFlusher(): VerdictFlusher {
  return apiGatewayVerdictFlusher(requiredVariable('KEYWARD_CACHING_STAGES').split(' ').map(readStage));
}

function readStage(text: string): CachingStage {
  const [restApiId = '', stageName = ''] = text.split('/');
  return { restApiId, stageName };
}
