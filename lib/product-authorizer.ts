import { Duration, Lazy } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import type { Profile } from '../core/profile/profile.ts';
import { MOST_GUARDED_ROUTES, writeGuardedRoutes } from '../core/verification/guarded-route.ts';
import { assertSameProduct } from './deployed-product.ts';
import type { KeyTables } from './key-tables.ts';
import { KeywardFunction, secretHandling } from './keyward-function.ts';
import type { ProfileFile } from './profile-file.ts';

export interface ProductAuthorizerProps {
  readonly profileFile: ProfileFile;
  readonly tables: KeyTables;
}

/** The function of the product's REQUEST authorizer. Belongs into the stack of the API that it guards. */
export class ProductAuthorizer extends KeywardFunction {
  readonly profile: Profile;
  readonly #guarded: GuardedRoutes[] = [];

  constructor(scope: Construct, id: string, { profileFile, tables }: ProductAuthorizerProps) {
    assertSameProduct(profileFile.profile.name, tables);
    super(scope, id, {
      entry: 'product-authorizer',
      profilePath: profileFile.path,
      description: `Keyward: authorizes ${profileFile.profile.name}`,
      timeout: Duration.seconds(3),
      ...secretHandling(profileFile.profile),
      environment: {
        KEYWARD_SECRETS_TABLE: tables.secrets.tableName,
      },
    });
    this.profile = profileFile.profile;
    tables.grantVerify(this);
  }

  /** Tells the function which routes of an API have the guard behind them: only there a call beyond its limit is let through. */
  addGuardedRoutes(guarded: GuardedRoutes): void {
    this.#guarded.push(guarded);
    const produce = () => this.#guarded.map(writeRoutes).join(' ');
    this.addEnvironment('KEYWARD_GUARDED_ROUTES', Lazy.string({ produce }));
  }
}

export interface GuardedRoutes {
  readonly apiId: string;
  /** Asked for when all methods are known. */
  readonly routes: () => readonly string[];
}

function writeRoutes({ apiId, routes }: GuardedRoutes): string {
  const guarded = routes();
  if (guarded.length > MOST_GUARDED_ROUTES)
    throw new Error(
      `answersRateLimit may be said of ${MOST_GUARDED_ROUTES} routes and methods of an API, found ${guarded.length}: the authorizer's environment has no room for more.`,
    );
  return `${apiId} ${writeGuardedRoutes(guarded)}`;
}
