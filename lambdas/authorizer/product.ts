import { optionalVariable, unixNow } from '../environment.ts';
import { productVerification } from '../product-verification.ts';
import { profile } from '../profile.ts';
import { createProductAuthorizer } from './product-authorizer.ts';

/** The Lambda function in front of the product's API. */
export const handler = createProductAuthorizer({
  profile,
  verification: productVerification(profile),
  isCaching: optionalVariable('KEYWARD_VERDICTS') === 'kept',
  guardedRoutes: optionalVariable('KEYWARD_GUARDED_ROUTES') ?? '',
  now: unixNow,
});
