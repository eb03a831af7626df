import { ArnFormat, RemovalPolicy, Stack } from 'aws-cdk-lib';
import {
  AccessLogFormat,
  AuthorizationType,
  type CfnMethod,
  type CfnRestApi,
  EndpointType,
  type IAuthorizer,
  LogGroupLogDestination,
  type Method,
  type MethodOptions,
  RequestAuthorizer,
  RestApi,
} from 'aws-cdk-lib/aws-apigateway';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { IFunction, Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import {
  ALLOWED_ORIGINS_VARIABLE,
  parseAllowedOrigins,
  writeAllowedOrigins,
} from '../core/access/allowed-origins.ts';
import type { ErrorBodies } from '../core/errors/error-body.ts';
import type { Profile } from '../core/profile/profile.ts';
import { challengeOf, credentialHeader, unauthorizedDetail } from '../core/verification/presentation.ts';
import { AccountLogRole } from './account-log-role.ts';
import { ApiAlarms } from './api-alarms.ts';
import {
  assertDetails,
  assertErrors,
  assertGranted,
  assertHeaders,
  assertPresentation,
  assertRealm,
  assertRoute,
  assertSameErrors,
  sizeFaults,
  warnOfPathParts,
} from './api-check.ts';
import { ACCESS_LOG, apiName, methodThrottles, pathInStack, STAGE_NAME } from './api-stage.ts';
import { Preflight } from './cross-origin.ts';
import { acknowledge } from './findings.ts';
import { addGatewayResponses } from './gateway-responses.ts';
import type { GuardedApiProps, RouteOptions } from './guarded-api-props.ts';
import type { KeyTables } from './key-tables.ts';
import { GuardedRouteList, ProductAuthorizer } from './product-authorizer.ts';
import { FunctionIntegration, ownFunctionOf, setAgreedVariable, setVariable } from './route-function.ts';
import {
  assertPolicyFits,
  keepVerdicts,
  NO_CACHE,
  policyFaults,
  productAuthorizer,
  type VerdictCache,
} from './verdict-cache.ts';

/**
 * A REST API whose methods stand behind one authorizer, or in front of functions that verify by themselves, with bodies for
 * every error that a caller can meet.
 */
export class GuardedApi extends Construct {
  readonly restApi: RestApi;
  readonly #verifying = new Set<IFunction>();
  readonly #errors: ErrorBodies | undefined;
  readonly #integrations = new Map<IFunction, FunctionIntegration>();
  readonly #product: ProductAuthorizer | undefined;
  #guarded: GuardedRouteList | undefined;
  readonly #authorizer: IAuthorizer | undefined;
  /** Undefined where no pages of other origins may call. */
  readonly #preflight: Preflight | undefined;
  /** Of the product whose verdicts are kept here; undefined where none are. */
  readonly #keptProfile: Profile | undefined;

  constructor(scope: Construct, id: string, props: GuardedApiProps) {
    super(scope, id);
    const { description, presentation, realm, requestsPerSecond = 1000 } = props;
    assertRealm(realm);
    assertPresentation(presentation);
    assertDetails(props.details ?? {});
    if (props.errors !== undefined) assertErrors(props.errors);
    const origins = props.allowedOrigins && parseAllowedOrigins(props.allowedOrigins, 'allowedOrigins');
    const accessLog = new LogGroup(this, 'AccessLog', {
      retention: RetentionDays.THREE_MONTHS,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    this.restApi = new RestApi(this, 'Rest', {
      restApiName: apiName(Stack.of(this).stackName, pathInStack(this)),
      description,
      endpointTypes: [EndpointType.REGIONAL],
      ...(props.binaryMediaTypes && { binaryMediaTypes: [...props.binaryMediaTypes] }),
      // CDK's own would be one for each API.
      cloudWatchRole: false,
      disableExecuteApiEndpoint: props.closesDefaultEndpoint ?? false,
      deployOptions: {
        stageName: STAGE_NAME,
        ...(origins && { variables: { [ALLOWED_ORIGINS_VARIABLE]: writeAllowedOrigins(origins) } }),
        throttlingRateLimit: requestsPerSecond,
        throttlingBurstLimit: requestsPerSecond * 2,
        methodOptions: methodThrottles(props.ownThrottles ?? []),
        accessLogDestination: new LogGroupLogDestination(accessLog),
        accessLogFormat: AccessLogFormat.custom(JSON.stringify(ACCESS_LOG)),
      },
    });
    // No prop of the construct has it: what is older than TLS 1.2 is turned away, and there is no plain listener.
    (this.restApi.node.defaultChild as CfnRestApi).securityPolicy = 'TLS_1_2';
    const { authorizer, verdictCache } = props;
    this.#keptProfile = verdictCache && productAuthorizer(authorizer).profile;
    this.#product = authorizer instanceof ProductAuthorizer ? authorizer : undefined;
    this.#authorizer = authorizer && this.#addAuthorizer(authorizer, verdictCache);
    this.node.addValidation({ validate: () => [...this.#policyFaults(), ...sizeFaults(this.restApi)] });
    this.#preflight = origins && new Preflight(origins);
    if (props.errors !== undefined && this.#product !== undefined)
      assertSameErrors(this.#product.profile, props.errors);
    for (const header of [credentialHeader(presentation), ...assertHeaders(props.allowedHeaders ?? [])])
      this.#preflight?.acceptHeader(header);
    this.#errors = props.errors ?? this.#product?.profile.errors;
    addGatewayResponses(this.restApi, {
      challenge: challengeOf(presentation, realm),
      unauthorized: unauthorizedDetail(credentialHeader(presentation)),
      ...props.details,
      errors: this.#errors,
      ownAnswers: {
        origins: origins ?? [],
        isToldOrigin: authorizer !== undefined && verdictCache === undefined,
      },
    });
    const stage = this.restApi.deploymentStage;
    const logRole = AccountLogRole.forApi(this, props.accountLogRole);
    if (logRole !== undefined) stage.node.addDependency(logRole);
    new ApiAlarms(this, 'Alarms', {
      stage,
      without: props.withoutAlarms,
      alarmTopicArn: props.alarmTopicArn,
    });
    for (const finding of ['APIG2', 'APIG3', 'APIG6', 'COG4'] as const) acknowledge(this.restApi, finding);
  }

  /**
   * @param path as API Gateway writes it, such as `/users/{id}`.
   * @param handler an alias or an imported function will do; a warning says what has to be set on the latter by hand.
   * @throws for a route that nobody could call; and where verdicts are kept, and one of them would let a credential through
   * that the route is not granted to.
   */
  addRoute(method: string, path: string, handler: IFunction, options: RouteOptions = {}): void {
    if (this.#authorizer === undefined)
      throw new Error(`${method} ${path} needs an authorizer, and there is none.`);
    this.#assertRoute(method, path);
    if (this.#keptProfile !== undefined) assertPolicyFits(this.#keptProfile, `${method} ${path}`);
    if (this.#product !== undefined) {
      assertGranted(this.#product.profile, method, path);
      this.#acceptHeadersOf(this.#product.profile);
    }
    const added = this.#addMethod(method, path, handler, {
      authorizer: this.#authorizer,
      authorizationType: AuthorizationType.CUSTOM,
    });
    if (options.answersRateLimit === 'guard') this.#guardedRoutes().add(added);
    this.#tellErrors(handler);
  }

  /**
   * A route that everybody reaches: **its function must verify**, with `guardAlone` or `guardMcp` of `keyward/middleware`.
   * It is granted what that takes.
   */
  addSelfVerifyingRoute(method: string, path: string, handler: IFunction, tables: KeyTables): void {
    this.#assertRoute(method, path);
    assertGranted(tables.profile, method, path);
    assertSameErrors(tables.profile, this.#errors);
    this.#acceptHeadersOf(tables.profile);
    setAgreedVariable(this, handler, {
      name: 'KEYWARD_SECRETS_TABLE',
      value: tables.secrets.tableName,
      without: 'its guard does not start, nor may it verify before its role may read and update that table',
      because: 'its guard verifies by one table only',
    });
    if (!this.#verifying.has(handler)) tables.grantVerify(ownFunctionOf(handler) ?? handler);
    this.#verifying.add(handler);
    this.#addMethod(method, path, handler, { authorizationType: AuthorizationType.NONE });
  }

  /** A route that everybody reaches without a credential, such as a document by which a product is discovered. */
  addPublicRoute(method: string, path: string, handler: IFunction): void {
    this.#assertRoute(method, path);
    this.#addMethod(method, path, handler, { authorizationType: AuthorizationType.NONE });
  }

  /** The stage that keeps verdicts, as the functions that flush it are told: `API/STAGE`. */
  get cachingStage(): string {
    return `${this.restApi.restApiId}/${this.restApi.deploymentStage.stageName}`;
  }

  /** Lets a function make API Gateway forget the verdicts that it keeps for this API, and do nothing else to it. */
  grantFlushVerdicts(fn: LambdaFunction): void {
    if (this.#keptProfile === undefined) throw new Error('An API that keeps no verdicts has none to flush.');
    const { restApiId, deploymentStage } = this.restApi;
    const cache = Stack.of(fn).formatArn({
      service: 'apigateway',
      account: '',
      resource: `/restapis/${restApiId}/stages/${deploymentStage.stageName}/cache/authorizers`,
      arnFormat: ArnFormat.NO_RESOURCE_NAME,
    });
    fn.addToRolePolicy(new PolicyStatement({ actions: ['apigateway:DELETE'], resources: [cache] }));
  }

  #assertRoute(method: string, path: string): void {
    const paths = new Set(this.restApi.methods.map(({ resource }) => resource.path));
    assertRoute(method, path, [...paths]);
  }

  #addAuthorizer(handler: IFunction, verdictCache: VerdictCache | undefined): RequestAuthorizer {
    const caching = verdictCache ? keepVerdicts(handler, verdictCache) : NO_CACHE;
    // A stage serves the authorizer of its deployment: when this changes, there has to be another one.
    this.restApi.latestDeployment?.addToLogicalId({
      authorizer: { seconds: caching.resultsCacheTtl.toSeconds(), identitySources: caching.identitySources },
    });
    return new RequestAuthorizer(this, 'Authorizer', { handler, ...caching });
  }

  /** What is added to the API itself is called with kept verdicts too. */
  #policyFaults(): string[] {
    const profile = this.#keptProfile;
    if (profile === undefined) return [];
    const routes = this.restApi.methods
      .filter(({ node }) => (node.defaultChild as CfnMethod).authorizerId === this.#authorizer?.authorizerId)
      .map(({ httpMethod, resource }) => `${httpMethod} ${resource.path}`);
    return policyFaults(profile, routes);
  }

  /** How its guard answers errors. It is told nothing where they are problem details. */
  #tellErrors(handler: IFunction): void {
    setAgreedVariable(this, handler, {
      name: 'KEYWARD_ERRORS',
      value: this.#errors && JSON.stringify(this.#errors),
      without: 'its guard answers with problem details, and not as the profile says',
      because: 'its guard answers errors in one way only',
    });
  }

  #guardedRoutes(): GuardedRouteList {
    if (this.#product === undefined)
      throw new Error('answersRateLimit needs a ProductAuthorizer, which knows of rate limits.');
    this.#guarded ??= new GuardedRouteList(this.restApi, this.#product);
    return this.#guarded;
  }

  #acceptHeadersOf({ personalAccessTokens }: Profile): void {
    if (personalAccessTokens !== undefined)
      this.#preflight?.acceptHeader(personalAccessTokens.workspaceHeader);
  }

  #addMethod(method: string, path: string, handler: IFunction, options: MethodOptions): Method {
    if (method === 'OPTIONS' && this.#preflight !== undefined)
      throw new Error(
        `OPTIONS ${path}: leave it out, since API Gateway answers it where allowedOrigins are given.`,
      );
    const integration = this.#integrations.get(handler) ?? new FunctionIntegration(handler, STAGE_NAME);
    this.#integrations.set(handler, integration);
    const added = this.restApi.root.resourceForPath(path).addMethod(method, integration, options);
    this.#preflight?.acceptMethod(added);
    warnOfPathParts(this.restApi);
    if (options.authorizationType === AuthorizationType.NONE) acknowledge(added, 'APIG4');
    const { stackName } = Stack.of(this);
    const without = 'the metrics of its guard belong to no stack';
    setVariable(this, handler, { name: 'KEYWARD_STACK', value: stackName, without });
    return added;
  }
}
