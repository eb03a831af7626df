import { CfnMethod, type Method, type RestApi } from 'aws-cdk-lib/aws-apigateway';
import { METHODS } from '../core/access/action-pattern.ts';
import type { ProductAuthorizer } from './product-authorizer.ts';

export interface RouteOptions {
  /**
   * Say `guard` where the function holds `guard` or `guardMcpBehindAuthorizer` of `keyward/middleware`. A call beyond its
   * rate limit is then handed to it, and it answers 429 with `Retry-After`, which an authorizer cannot. **Where no guard is,
   * the call would run.**
   * @default the authorizer denies such a call, with 403 and the code `rate_limited`
   */
  readonly answersRateLimit?: 'guard';
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
