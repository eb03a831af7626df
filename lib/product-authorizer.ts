import { Duration, Lazy } from 'aws-cdk-lib';
import { CfnMethod, type Method, type RestApi } from 'aws-cdk-lib/aws-apigateway';
import type { Construct } from 'constructs';
import { METHODS } from '../core/access/action-pattern.ts';
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

/**
 * The routes of one API whose functions hold the guard, as the authorizer is told of them. It is told nothing of other
 * methods, whoever adds them, and refuses there what exceeds a limit.
 */
export class GuardedRouteList {
  readonly #api: RestApi;
  readonly #methods: Method[] = [];

  constructor(api: RestApi, authorizer: ProductAuthorizer) {
    this.#api = api;
    authorizer.addGuardedRoutes({ apiId: api.restApiId, routes: () => this.#routes() });
  }

  add(method: Method): void {
    this.#methods.push(method);
  }

  #routes(): string[] {
    return this.#methods.flatMap((method) =>
      this.#calledWith(method).map((verb) => `${verb} ${method.resource.path}`),
    );
  }

  /** `ANY` serves only the methods that its resource does not have by name, and those need not have a guard. */
  #calledWith({ httpMethod, resource }: Method): readonly string[] {
    if (httpMethod !== 'ANY') return [httpMethod];
    const named = this.#api.node.root.node
      .findAll()
      .filter((construct) => construct instanceof CfnMethod)
      .filter(({ resourceId }) => resourceId === resource.resourceId)
      .map((method) => method.httpMethod);
    return METHODS.filter((verb) => !named.includes(verb));
  }
}
