import { createVerifiers } from '#verifiers';
import { MANAGEMENT_KEY } from '../../core/credential/credential-type.ts';
import { credentialTypesOf } from '../../core/profile/profile.ts';
import { dynamoEventStore } from '../../stores/dynamodb/audit/event-store.ts';
import { dynamoVerificationStore } from '../../stores/dynamodb/secrets/verification-store.ts';
import { eventRetention, optionalVariable, requiredVariable, unixNow } from '../environment.ts';
import { stampingOf } from '../product-verification.ts';
import { profile } from '../profile.ts';
import { refusalLog } from '../refusal-log.ts';
import { connectSecrets } from '../tables.ts';
import { accessTokenVerifier } from './access-token.ts';
import { createManagementAuthorizer } from './management-authorizer.ts';

const table = connectSecrets();
const { client } = table;
const managementTable = { client, secrets: requiredVariable('KEYWARD_MANAGEMENT_KEYS_TABLE') };

/** The authorizer's role may add events, and may neither read nor change any. */
const events = dynamoEventStore({
  client,
  events: requiredVariable('KEYWARD_EVENTS_TABLE'),
  eventRetention: eventRetention(),
});

/** The Lambda function in front of the management API. */
export const handler = createManagementAuthorizer({
  profile,
  verification: {
    credentials: [MANAGEMENT_KEY, ...credentialTypesOf(profile)],
    store: dynamoVerificationStore(table),
    managementKeys: dynamoVerificationStore(managementTable),
    // Managing keys does not use up the rate limit of the product's API.
    tracking: stampingOf(profile),
    ...createVerifiers(table),
  },
  verifyAccessToken: accessTokenVerifier({
    issuer: requiredVariable('KEYWARD_ISSUER'),
    clientId: requiredVariable('KEYWARD_CLIENT_ID'),
    // Only a local run sets it.
    insecureJwksUri: optionalVariable('KEYWARD_INSECURE_JWKS_URI'),
  }),
  noteRefusal: refusalLog(events),
  now: unixNow,
});
