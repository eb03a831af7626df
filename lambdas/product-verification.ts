import { credentialTypesOf } from '../core/profile.ts';
import type { Verification } from '../core/verification.ts';
import { dynamoDbClient } from '../stores/dynamodb/client.ts';
import { dynamoVerificationStore } from '../stores/dynamodb/verification-store.ts';
import { requiredVariable } from './environment.ts';
import { profile } from './profile.ts';

/** How the product's credentials are verified, by the authorizer and by a guard alone: the same, wired once. */
export function productVerification(): Verification {
  return {
    credentials: credentialTypesOf(profile),
    store: dynamoVerificationStore({
      client: dynamoDbClient(),
      secrets: requiredVariable('KEYWARD_SECRETS_TABLE'),
    }),
    tracking: profile.rateLimits === undefined ? 'stamp' : 'count',
  };
}
