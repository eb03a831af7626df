import { Duration } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import type { Profile } from '../core/profile.ts';
import { assertSameProduct } from './deployed-product.ts';
import type { KeyTables } from './key-tables.ts';
import { KeywardFunction, secretHandling } from './keyward-function.ts';
import type { ProfileFile } from './profile-file.ts';

export interface ProductAuthorizerProps {
  readonly profileFile: ProfileFile;
  readonly tables: KeyTables;
  /**
   * Who tells a caller that a rate limit is exceeded. An authorizer can only answer 403; the guard of `keyward/middleware`
   * in the functions behind it answers 429 with `Retry-After`. Saying `guard` where no guard is would let such calls through.
   * @default 'authorizer'
   */
  readonly rateLimitAnsweredBy?: 'guard' | 'authorizer';
}

/** The function of the product's REQUEST authorizer. Belongs into the stack of the API that it guards. */
export class ProductAuthorizer extends KeywardFunction {
  readonly profile: Profile;

  constructor(
    scope: Construct,
    id: string,
    { profileFile, tables, rateLimitAnsweredBy }: ProductAuthorizerProps,
  ) {
    assertSameProduct(profileFile.profile.name, tables);
    super(scope, id, {
      entry: 'product-authorizer',
      profilePath: profileFile.path,
      description: `Keyward: authorizes ${profileFile.profile.name}`,
      timeout: Duration.seconds(3),
      ...secretHandling(profileFile.profile),
      environment: {
        KEYWARD_SECRETS_TABLE: tables.secrets.tableName,
        KEYWARD_RATE_LIMIT_ANSWERED_BY: rateLimitAnsweredBy ?? 'authorizer',
      },
    });
    this.profile = profileFile.profile;
    tables.grantVerify(this);
  }
}
