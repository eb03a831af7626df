/** `keyward/guard`, for any server in Node: the check of a request as a plain function. */
import { productVerification } from '../product-verification.ts';
import { connectSecrets } from '../tables.ts';
import { type ProfileGuardOptions, readProfileOptions } from './profile-guards.ts';
import { createRequestCheck, type RequestCheck } from './request-check.ts';

export type { Principal } from '../../core/access/principal.ts';
export type { CheckedRequest, RequestCheck, RequestVerdict } from './request-check.ts';

export interface RequestGuardOptions extends ProfileGuardOptions {
  /**
   * The name of the table with the secrets: the output `SecretsTable` of the data stack.
   * @default the variable `KEYWARD_SECRETS_TABLE`
   */
  readonly secretsTable?: string | undefined;
}

/**
 * Makes the check of a server that has no API Gateway in front. It decides as `guardAlone` does, and writes the same lines to
 * stdout. The AWS SDK finds Region and credentials as usual; the role has to read and update the table of the secrets.
 * @returns a function that answers every request with a verdict. It throws only for a `route` that is no route, or `headers`
 * that hide repeated ones.
 * @throws at start if the table is not named, or if the profile is missing or not valid.
 */
export function createRequestGuard({ secretsTable, ...options }: RequestGuardOptions): RequestCheck {
  const { profile, now } = readProfileOptions('createRequestGuard', options);
  return createRequestCheck({
    profile,
    now,
    verification: productVerification(profile, connectSecrets(secretsTable)),
  });
}
