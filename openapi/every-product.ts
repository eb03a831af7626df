import { parseProfile } from '../core/profile/parse-profile.ts';
import { type ApiDescription, describeApi } from './describe-api.ts';

/** Stand for the names that each product chooses, where one description has to serve every product. */
export const STAND_INS = { scope: 'scope-of-a-product', plan: 'plan-of-a-product' } as const;

/**
 * Describes every route and every field of the management API, for programs that serve all products. A field is required only
 * where every product requires it.
 */
export function describeEveryProduct(): ApiDescription {
  const profile = parseProfile(WITH_TOKENS_AND_SCOPES);
  const plans = { [STAND_INS.plan]: { limit: 60, windowSeconds: 60 } };
  // No product has both tokens and rate limits, so no data of a profile can say this.
  return describeApi({ ...profile, rateLimits: { defaultPlan: STAND_INS.plan, plans } });
}

const WITH_TOKENS_AND_SCOPES = {
  name: 'every-product',
  realm: 'every-product',
  presentation: { kind: 'bearer' },
  api_key: { prefix: 'key_', random_length: 30, checksum: true },
  personal_access_tokens: {
    prefix: 'token_',
    random_length: 30,
    checksum: true,
    workspace_header: 'x-workspace',
  },
  issuing: { requires_name: false, requires_scopes: false },
  scopes: [{ name: STAND_INS.scope, description: 'Everything', grants: ['GET /', 'keyward.administer'] }],
  role_scopes: { owner: 'all', admin: 'all', member: [STAND_INS.scope] },
  routes: ['GET /'],
};
