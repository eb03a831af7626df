import { Duration, Lazy, Stack } from 'aws-cdk-lib';
import {
  type IAuthorizer,
  IdentitySource,
  type IRestApi,
  RequestAuthorizer,
  type RestApi,
} from 'aws-cdk-lib/aws-apigateway';
import type { IHttpRouteAuthorizer } from 'aws-cdk-lib/aws-apigatewayv2';
import { HttpLambdaAuthorizer, HttpLambdaResponseType } from 'aws-cdk-lib/aws-apigatewayv2-authorizers';
import { ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import type { RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { Construct, IConstruct } from 'constructs';
import type { Profile } from '../../core/profile/profile.ts';
import { credentialHeader } from '../../core/verification/presentation.ts';
import { challengeOf, unauthorizedDetail } from '../../core/verification/refusal.ts';
import { KeywardFunction, memoryForVerifying } from '../functions/keyward-function.ts';
import { metricsNameOf } from '../parts/part-name.ts';
import type { IKeyTables } from '../tables/table-access.ts';
import { cachingFaults } from './authorizer-faults.ts';
import { authorizersOver } from './function-authorizers.ts';
import { addAuthorizerResponses } from './gateway-responses.ts';
import { type ApiRoute, GuardedRoutes } from './guarded-routes.ts';
import { routeFaults } from './route-faults.ts';

export interface KeyAuthorizerProps {
  /** The tables with the product's keys. */
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

export interface AuthorizerResponsesProps {
  /**
   * The origins whose pages may read the answers, the most important one first. API Gateway can name only one in them.
   * @default none
   */
  readonly allowedOrigins?: readonly string[] | undefined;
}

/** Nothing is cached, so a revoked key is refused on the very next request. */
const UNCACHED = Duration.seconds(0);

/**
 * Lets API Gateway check the product's keys, in front of an API that you have: `rest` is for a REST API, `http` for HTTP APIs. It is
 * the function of a Lambda authorizer, with the right to verify and nothing else.
 */
export class KeyAuthorizer extends KeywardFunction {
  readonly profile: Profile;
  readonly #guarded = new GuardedRoutes();
  /** The authorizers over this function that may cache. */
  readonly #caching = new Set<IConstruct>();
  #rest: RestKeyAuthorizer | undefined;
  #http: HttpLambdaAuthorizer | undefined;

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
    this.node.addValidation({
      validate: () => {
        const authorizers = authorizersOver(this);
        return [
          ...cachingFaults(this, { authorizers, permitted: this.#caching }),
          ...routeFaults(this, { authorizers, profile }),
        ];
      },
    });
  }

  /**
   * For the methods of one REST API, which may be imported: `addMethod(…, { authorizer: keys.authorizer.rest })`. The API must be in
   * this stack: otherwise each of the two stacks would need the other.
   */
  get rest(): IAuthorizer {
    this.#rest ??= new RestKeyAuthorizer(this, 'Rest', this.profile);
    return this.#rest as IAuthorizer;
  }

  /** For the routes of one HTTP API, or as its `defaultAuthorizer`. The API may be in another stack. */
  get http(): IHttpRouteAuthorizer {
    this.#http ??= new HttpLambdaAuthorizer(this.node.id, this as IFunction, {
      responseTypes: [HttpLambdaResponseType.SIMPLE],
      resultsCacheTtl: UNCACHED,
      // Without a key, API Gateway answers 401 itself. A simple answer that refuses would be a 403. Route and method are here
      // should anybody turn a cache on by hand: an answer names neither, so it would otherwise let the key into every route, and
      // into every method of `ANY /orders`.
      identitySource: [
        `$request.header.${headerOf(this.profile)}`,
        '$context.routeKey',
        '$context.httpMethod',
      ],
    });
    return this.#http;
  }

  /**
   * For a REST API that is described by OpenAPI, such as a `SpecRestApi`: one of its `securitySchemes` (or `securityDefinitions`).
   * Lets every API of this account and Region ask the function. Synthesis refuses a copy that caches.
   */
  get securityScheme(): object {
    const { account, partition, region } = Stack.of(this);
    if (this.node.tryFindChild('AnyApi') === undefined)
      this.addPermission('AnyApi', {
        principal: new ServicePrincipal('apigateway.amazonaws.com'),
        sourceArn: `arn:${partition}:execute-api:${region}:${account}:*/authorizers/*`,
      });
    const header = headerOf(this.profile);
    return {
      type: 'apiKey',
      in: 'header',
      name: header,
      'x-amazon-apigateway-authtype': 'custom',
      'x-amazon-apigateway-authorizer': {
        type: 'request',
        authorizerUri: `arn:${partition}:apigateway:${region}:lambda:path/2015-03-31/functions/${this.functionArn}/invocations`,
        authorizerResultTtlInSeconds: UNCACHED.toSeconds(),
        identitySource: IdentitySource.header(header),
      },
    };
  }

  /** The variables of a function with `guard` behind the authorizer: how errors of the product look, and where its metrics belong. */
  get guardEnvironment(): Record<string, string> {
    const { errors } = this.profile;
    return {
      KEYWARD_STACK: metricsNameOf(this),
      ...(errors !== undefined && { KEYWARD_ERRORS: JSON.stringify(errors) }),
    };
  }

  /**
   * Tells the authorizer that the guard stands behind a route. Only there it lets a call beyond its rate limit through, for
   * the guard to answer 429. On every other route, including those that other code adds to the API, it denies such a call with
   * 403 and the code `rate_limited`. **Without a guard the function would run for that call.**
   */
  addGuarded(route: ApiRoute): void {
    this.#guarded.add(route);
    this.addEnvironment('KEYWARD_GUARDED_ROUTES', Lazy.string({ produce: () => this.#guarded.write() }));
  }

  /**
   * Gives a REST API the bodies of the errors that the authorizer causes: 401, 403, and 503 where a key cannot be checked. The API
   * may have no gateway responses of these types yet. An HTTP API has its own bodies, which cannot be changed.
   */
  addGatewayResponses(
    restApi: IRestApi | RestApi,
    { allowedOrigins = [] }: AuthorizerResponsesProps = {},
  ): void {
    const { presentation, realm, errors } = this.profile;
    addAuthorizerResponses(restApi as IRestApi, {
      challenge: challengeOf(presentation, realm),
      unauthorized: unauthorizedDetail(credentialHeader(presentation)),
      errors,
      ownAnswers: { origins: allowedOrigins, isToldOrigin: false },
    });
  }

  /** @internal Lets one authorizer over this function cache, since what its verdicts depend on has been checked. */
  permitCache(authorizer: IConstruct): void {
    this.#caching.add(authorizer);
  }
}

/** As it is usually spelled. API Gateway ignores the case. */
function headerOf({ presentation }: Profile): string {
  return presentation.kind === 'bearer' ? 'Authorization' : presentation.header;
}

class RestKeyAuthorizer extends RequestAuthorizer {
  readonly #fn: KeyAuthorizer;
  #api: IRestApi | undefined;

  constructor(scope: KeyAuthorizer, id: string, profile: Profile) {
    super(scope, id, {
      handler: scope as IFunction,
      resultsCacheTtl: UNCACHED,
      identitySources: [IdentitySource.header(headerOf(profile))],
    });
    this.#fn = scope;
  }

  override _attachToApi(restApi: IRestApi): void {
    const { path } = this.#fn.node;
    if (this.#api !== undefined && this.#api.restApiId !== restApi.restApiId)
      throw new Error(
        `${path} guards another REST API already: give each REST API a KeyAuthorizer of its own.`,
      );
    if (Stack.of(restApi) !== Stack.of(this))
      throw new Error(
        `${path} is in another stack than ${restApi.node.path}: make a KeyAuthorizer in the stack of the API that it guards, with the same tables.`,
      );
    this.#api = restApi;
    super._attachToApi(restApi);
  }
}
