import { apiGatewayVerdictCache, type CachingStage } from '../../stores/api-gateway/verdict-cache.ts';
import { requiredVariable } from '../environment.ts';

/** For a deployment that keeps verdicts: `API/STAGE API/STAGE …`, as the stack names them. */
export const verdictCache = apiGatewayVerdictCache(
  requiredVariable('KEYWARD_CACHING_STAGES').split(' ').map(readStage),
);

function readStage(text: string): CachingStage {
  const [restApiId = '', stageName = ''] = text.split('/');
  return { restApiId, stageName };
}
