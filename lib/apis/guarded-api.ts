import { Aspects, RemovalPolicy } from 'aws-cdk-lib';
import {
  AuthorizationType,
  type CfnRestApi,
  EndpointType,
  type IAuthorizer,
  type Method,
  type MethodOptions,
  RestApi,
} from 'aws-cdk-lib/aws-apigateway';
import type { IFunction, Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { parseAllowedOrigins } from '../../core/access/allowed-origins.ts';
import type { ErrorBodies } from '../../core/errors/error-body.ts';
import type { Profile } from '../../core/profile/profile.ts';
import { credentialHeader } from '../../core/verification/presentation.ts';
import { challengeOf, unauthorizedDetail } from '../../core/verification/refusal.ts';
import { ApiAlarms, alarmTargetOf } from '../monitoring/api-alarms.ts';
import { AccountLogRole } from '../parts/account-log-role.ts';
import { acknowledgeFinding } from '../parts/findings.ts';
import { metricsNameOf, outermostStack, pathInStack } from '../parts/part-name.ts';
import type { IKeyTables } from '../tables/table-access.ts';
import { assertApiProps, assertRoute, assertSameErrors, sizeFaults, warnOfPathParts } from './api-check.ts';
import { apiName, STAGE_NAME, stageOptions } from './api-stage.ts';
import { Preflight } from './cross-origin.ts';
import { addGatewayResponses } from './gateway-responses.ts';
import { assertGranted } from './granted-route.ts';
import type { GuardedApiProps, RouteOptions } from './guarded-api-props.ts';
import { KeyAuthorizer } from './key-authorizer.ts';
import { FunctionIntegration, ownFunctionOf, setAgreedVariable, setVariable } from './route-function.ts';
import {
  addRequestAuthorizer,
  assertPolicyFits,
  grantFlush,
  keyAuthorizer,
  policyFaults,
} from './verdict-cache.ts';

/**
 * A REST API whose methods stand behind one authorizer, or in front of functions that verify by themselves. Every error that
 * a caller can meet has a body.
 */
export class GuardedApi extends Construct {
  readonly restApi: RestApi;
  readonly #errors: ErrorBodies | undefined;
  readonly #authorizer: IAuthorizer | undefined;
  /** The function of the authorizer, where it is a product's. */
  readonly #product: KeyAuthorizer | undefined;
  /** The product whose verdicts are cached here; `undefined` where none are. */
  readonly #cachedProfile: Profile | undefined;
  /** `undefined` where no pages of other origins may call. */
  readonly #preflight: Preflight | undefined;
  readonly #integrations = new Map<IFunction, FunctionIntegration>();
  /** The functions that verify by themselves. */
  readonly #verifying = new Set<IFunction>();

  /** @throws for a prop that would break a header or a body, and for verdicts that cannot be cached. */
  constructor(scope: Construct, id: string, props: GuardedApiProps) {
    super(scope, id);
    const { presentation, realm, authorizer, verdictCache } = props;
    assertApiProps(props);
    const origins = props.allowedOrigins && parseAllowedOrigins(props.allowedOrigins, 'allowedOrigins');
    this.restApi = this.#addRestApi(props, origins);
    this.#cachedProfile = verdictCache && keyAuthorizer(authorizer).profile;
    this.#product = authorizer instanceof KeyAuthorizer ? authorizer : undefined;
    this.#authorizer = authorizer && addRequestAuthorizer(this, authorizer, verdictCache);
    if (props.errors !== undefined && this.#product !== undefined)
      assertSameErrors(this.#product.profile, props.errors);
    this.#errors = props.errors ?? this.#product?.profile.errors;
    this.#preflight = origins && new Preflight(origins);
    for (const header of [credentialHeader(presentation), ...(props.allowedHeaders ?? [])])
      this.#preflight?.acceptHeader(header);
    addGatewayResponses(this.restApi, {
      challenge: challengeOf(presentation, realm),
      unauthorized: props.details?.unauthorized ?? unauthorizedDetail(credentialHeader(presentation)),
      noRoute: props.details?.noRoute,
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
      ...alarmTargetOf(props),
    });
    for (const finding of ['APIG2', 'APIG3', 'APIG6', 'COG4'] as const)
      acknowledgeFinding(this.restApi, finding);
    this.#addChecks();
  }

  /**
   * Adds a route that the authorizer guards.
   * @param path as API Gateway writes it, such as `/users/{id}`.
   * @param handler a function of this app, or an alias or a version of one. For an imported function, a warning says what has
   * to be set on it by hand.
   * @throws for a route that nobody could call; and where verdicts are cached and one of them would let a credential through
   * that the route is not granted to.
   */
  addRoute(method: string, path: string, handler: IFunction, options: RouteOptions = {}): void {
    if (this.#authorizer === undefined)
      throw new Error(`${method} ${path} needs an authorizer, and this API has none.`);
    this.#assertRoute(method, path);
    if (this.#cachedProfile !== undefined) assertPolicyFits(this.#cachedProfile, `${method} ${path}`);
    if (this.#product !== undefined) {
      assertGranted(this.#product.profile, method, path);
      this.#acceptHeadersOf(this.#product.profile);
    }
    const added = this.#addMethod(method, path, handler, {
      authorizer: this.#authorizer,
      authorizationType: AuthorizationType.CUSTOM,
    });
    if (options.answersRateLimit === 'guard') {
      if (this.#product === undefined)
        throw new Error('answersRateLimit needs a KeyAuthorizer, which knows of rate limits.');
      this.#product.addGuarded(added);
    }
    setAgreedVariable(this, handler, {
      name: 'KEYWARD_ERRORS',
      // Without the variable, the guard answers with problem details.
      value: this.#errors && JSON.stringify(this.#errors),
      without: 'its guard answers with problem details, and not as the profile says',
      because: 'its guard answers errors in one way only',
    });
  }

  /**
   * Adds a route that everybody reaches: **its function must verify**, with `guardAlone` or `guardMcp` of
   * `keyward/middleware`. The function is granted what that needs.
   */
  addSelfVerifyingRoute(method: string, path: string, handler: IFunction, tables: IKeyTables): void {
    this.#assertRoute(method, path);
    assertGranted(tables.profile, method, path);
    assertSameErrors(tables.profile, this.#errors);
    this.#acceptHeadersOf(tables.profile);
    setAgreedVariable(this, handler, {
      name: 'KEYWARD_SECRETS_TABLE',
      value: tables.verifyEnvironment.KEYWARD_SECRETS_TABLE ?? '',
      without:
        'its guard does not start. Its role also needs the rights to read and update that table before it can verify',
      because: 'its guard verifies by one table only',
    });
    if (!this.#verifying.has(handler)) tables.grantVerify(ownFunctionOf(handler) ?? handler);
    this.#verifying.add(handler);
    this.#addMethod(method, path, handler, { authorizationType: AuthorizationType.NONE });
  }

  /** Adds a route that everybody reaches without a credential, such as a document by which clients discover a product. */
  addPublicRoute(method: string, path: string, handler: IFunction): void {
    this.#assertRoute(method, path);
    this.#addMethod(method, path, handler, { authorizationType: AuthorizationType.NONE });
  }

  /** `API/STAGE`: the functions that flush cached verdicts are told this stage. */
  get cachingStage(): string {
    return `${this.restApi.restApiId}/${this.restApi.deploymentStage.stageName}`;
  }

  /** Lets a function make API Gateway forget the verdicts that it caches for this API, and do nothing else to the API. */
  grantFlushVerdicts(fn: LambdaFunction): void {
    if (this.#cachedProfile === undefined)
      throw new Error('This API caches no verdicts, so there are none to flush.');
    grantFlush(this.restApi, fn);
  }

  #addRestApi(props: GuardedApiProps, origins: readonly string[] | undefined): RestApi {
    const accessLog = new LogGroup(this, 'AccessLog', {
      retention: props.logRetention ?? RetentionDays.THREE_MONTHS,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    const { requestsPerSecond = 1000, ownThrottles = [], binaryMediaTypes, restApiProps = {} } = props;
    const restApi = new RestApi(this, 'Rest', {
      restApiName: apiName(outermostStack(this).stackName, pathInStack(this)),
      ...restApiProps,
      description: props.description,
      ...(restApiProps.endpointConfiguration === undefined && { endpointTypes: [EndpointType.REGIONAL] }),
      ...(binaryMediaTypes !== undefined && { binaryMediaTypes: [...binaryMediaTypes] }),
      // CDK would make a role for each API, and the account has only one.
      cloudWatchRole: false,
      disableExecuteApiEndpoint: props.closesDefaultEndpoint ?? false,
      deployOptions: stageOptions({ accessLog, requestsPerSecond, ownThrottles, origins }),
    });
    // The construct has no prop for this. API Gateway then refuses TLS older than 1.2, and it never listens without TLS.
    (restApi.node.defaultChild as CfnRestApi).securityPolicy = 'TLS_1_2';
    return restApi;
  }

  /** They run when the app is synthesized, and so also see methods that other code adds to the API itself. */
  #addChecks(): void {
    const restApi = this.restApi;
    const cached = this.#cachedProfile;
    this.node.addValidation({
      validate: () => [
        ...(cached === undefined ? [] : policyFaults(cached, restApi, this.#authorizer)),
        ...sizeFaults(restApi),
      ],
    });
    Aspects.of(restApi).add({ visit: (node) => (node === restApi ? warnOfPathParts(restApi) : undefined) });
  }

  #assertRoute(method: string, path: string): void {
    const paths = new Set(this.restApi.methods.map(({ resource }) => resource.path));
    assertRoute(method, path, [...paths]);
    if (method === 'OPTIONS' && this.#preflight !== undefined)
      throw new Error(
        `OPTIONS ${path}: leave it out, since API Gateway answers it where allowedOrigins are given.`,
      );
  }

  #acceptHeadersOf({ personalAccessTokens: tokens }: Profile): void {
    if (tokens !== undefined) this.#preflight?.acceptHeader(tokens.workspaceHeader);
  }

  #addMethod(method: string, path: string, handler: IFunction, options: MethodOptions): Method {
    const integration = this.#integrations.get(handler) ?? new FunctionIntegration(handler, STAGE_NAME);
    this.#integrations.set(handler, integration);
    const added = this.restApi.root.resourceForPath(path).addMethod(method, integration, options);
    this.#preflight?.acceptMethod(added);
    if (options.authorizationType === AuthorizationType.NONE) acknowledgeFinding(added, 'APIG4');
    setVariable(this, handler, {
      name: 'KEYWARD_STACK',
      value: metricsNameOf(this),
      without: 'the metrics of its guard belong to no stack',
    });
    return added;
  }
}
