import { Duration, Lazy } from 'aws-cdk-lib';
import { CfnMethod, type IRestApi, type Method } from 'aws-cdk-lib/aws-apigateway';
import type { RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { Construct } from 'constructs';
import { METHODS } from '../core/access/action-pattern.ts';
import type { Profile } from '../core/profile/profile.ts';
import { MOST_GUARDED_ROUTES, writeGuardedRoutes } from '../core/verification/guarded-route.ts';
import { KeywardFunction, memoryForVerifying } from './keyward-function.ts';
import type { IKeyTables } from './table-access.ts';

export interface KeyAuthorizerProps {
  readonly tables: IKeyTables;
  /**
   * For how long the log of the function is kept.
   * @default three months
   */
  readonly logRetention?: RetentionDays | undefined;
  /**
   * How many runs of the function Lambda keeps free for it. Other functions of the account cannot use them up, and it never runs
   * more often at the same time.
   * @default it shares what the account has
   */
  readonly reservedConcurrentExecutions?: number | undefined;
}

/** The function of the product's REQUEST authorizer. It belongs in the stack of the API that it guards. */
export class KeyAuthorizer extends KeywardFunction {
  readonly profile: Profile;
  /** The methods whose functions hold the guard, by their APIs. */
  readonly #guarded = new Map<IRestApi, Method[]>();

  constructor(scope: Construct, id: string, { tables, ...props }: KeyAuthorizerProps) {
    const { profile, path } = tables.profileFile;
    super(scope, id, {
      ...props,
      entry: 'product-authorizer',
      profilePath: path,
      description: `Keyward: authorizes ${profile.name}`,
      timeout: Duration.seconds(3),
      memoryMegabytes: memoryForVerifying(profile),
      environment: tables.verifyEnvironment,
    });
    this.profile = profile;
    tables.grantVerify(this);
  }

  /**
   * Tells the authorizer that the guard stands behind a method. Only there it lets a call beyond its rate limit through, for
   * the guard to answer. On every other method, including those that other code adds to the API, it denies such a call.
   */
  addGuardedMethod(method: Method): void {
    this.#guarded.set(method.api, [...(this.#guarded.get(method.api) ?? []), method]);
    const produce = () => [...this.#guarded].map(([api, methods]) => writeRoutes(api, methods)).join(' ');
    this.addEnvironment('KEYWARD_GUARDED_ROUTES', Lazy.string({ produce }));
  }
}

/** Runs when the template is written, since all methods are known only then. */
function writeRoutes(api: IRestApi, methods: readonly Method[]): string {
  const routes = methods.flatMap((method) =>
    verbsOf(api, method).map((verb) => `${verb} ${method.resource.path}`),
  );
  if (routes.length > MOST_GUARDED_ROUTES)
    throw new Error(
      `At most ${MOST_GUARDED_ROUTES} routes and methods of an API may have answersRateLimit, found ${routes.length}: the authorizer's environment has no room for more.`,
    );
  return `${api.restApiId} ${writeGuardedRoutes(routes)}`;
}

/**
 * `ANY` serves only the methods that its resource does not have by name. Those others need not have a guard, and any construct
 * of the app may have added them.
 */
function verbsOf(api: IRestApi, { httpMethod, resource }: Method): readonly string[] {
  if (httpMethod !== 'ANY') return [httpMethod];
  const named = api.node.root.node
    .findAll()
    .filter((construct) => construct instanceof CfnMethod)
    .filter(({ resourceId }) => resourceId === resource.resourceId)
    .map((method) => method.httpMethod);
  return METHODS.filter((verb) => !named.includes(verb));
}
