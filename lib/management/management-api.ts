import { Duration } from 'aws-cdk-lib';
import type { RestApi } from 'aws-cdk-lib/aws-apigateway';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import type { Construct } from 'constructs';
import { DEFAULT_KEYS_PER_MEMBER, parseMaxKeysPerMember } from '../../core/management/key-store.ts';
import { describeUnauthorized, describeUnknownRoute } from '../../core/management/problem.ts';
import { type ManagementHandler, managementRoutesOf } from '../../core/management/route.ts';
import { SIGN_IN_PATH } from '../../core/management/sign-in.ts';
import { DESCRIPTION_PATH } from '../../openapi/open-paths.ts';
import { GuardedApi } from '../apis/guarded-api.ts';
import type { DeployedApiProps, GuardedApiProps } from '../apis/guarded-api-props.ts';
import { pascalCase } from '../files/stack-names.ts';
import { type FunctionChoices, KeywardFunction } from '../functions/keyward-function.ts';
import { alarmTargetOf } from '../monitoring/api-alarms.ts';
import { ManagementAlarms, NOT_OF_MANAGEMENT } from '../monitoring/stack-alarms.ts';
import { Part } from '../parts/part-name.ts';
import type { SignInSource } from '../sign-in/sign-in-source.ts';
import { importProduct } from '../tables/deployed-product.ts';
import type { IKeyTables } from '../tables/table-access.ts';
import {
  DESCRIPTIONS,
  entriesThatTakeRights,
  MEMORY_FOR_SECRETS,
  throttleOf,
  timeoutOf,
} from './management-functions.ts';
import { reachesSessions, SessionTable } from './session-table.ts';
import { addSweeper } from './sweeper.ts';

export interface ManagementApiProps extends DeployedApiProps, Pick<GuardedApiProps, 'restApiProps'> {
  /** The tables that the API manages. They have its profile. */
  readonly tables: IKeyTables;
  /** Where the people who call the API sign in: a `SignIn`, or an `OwnIssuer`. */
  readonly signIn: SignInSource;
  /**
   * The APIs of the product that cache verdicts: a call that takes rights away makes them forget. Their stacks may not need
   * this one.
   * @default none
   */
  readonly flushes?: readonly GuardedApi[] | undefined;
  /**
   * How many active keys of a workspace a member may have. A change of the member has to reach all of them.
   * @default 500
   */
  readonly maxKeysPerMember?: number | undefined;
  /**
   * The address of the console, to which links lead.
   * @default there are no links: the call that makes one says so
   */
  readonly consoleUrl?: string | undefined;
  /**
   * The key of KMS that encrypts the table of sessions.
   * @default the key that AWS manages for DynamoDB in the account
   */
  readonly encryptionKey?: IKey | undefined;
  /**
   * How many runs of the API's authorizer Lambda keeps free for it. Other functions of the account cannot use them up, and the
   * authorizer never runs more often at the same time.
   * @default it shares what the account has
   */
  readonly reservedConcurrentExecutions?: number | undefined;
}

/** The management API, its authorizer, and the sweeper that finishes changes after a crash. */
export class ManagementApi extends Part {
  readonly restApi: RestApi;
  readonly #props: ManagementApiProps;
  readonly #maxKeysPerMember: number;
  readonly #sessions: SessionTable;

  /** @throws where `maxKeysPerMember` or another prop is not valid. */
  constructor(scope: Construct, id: string, props: ManagementApiProps) {
    super(scope, id);
    this.#props = props;
    this.#maxKeysPerMember = parseMaxKeysPerMember(
      props.maxKeysPerMember ?? DEFAULT_KEYS_PER_MEMBER,
      'maxKeysPerMember',
    );
    this.#sessions = new SessionTable(this, 'Sessions', props);
    const { tables } = props;
    importProduct(this, tables);
    const api = this.#addApi(this.#addAuthorizer());
    this.restApi = api.restApi;
    this.#addRoutes(api);
    this.#addDescription(api);
    addSweeper(this, { tables, addFunction: (choices) => this.#addFunction(choices) });
    new ManagementAlarms(this, 'Alarms', { ...alarmTargetOf(props), stage: api.restApi.deploymentStage });
  }

  #addAuthorizer(): LambdaFunction {
    const { tables, signIn } = this.#props;
    const authorizer = this.#addFunction({
      entry: 'management-authorizer',
      does: 'authorizes the management API',
      timeout: Duration.seconds(3),
    });
    tables.grantVerify(authorizer);
    tables.grantVerifyManagementKeys(authorizer);
    tables.grant('note-refusals', authorizer);
    for (const [name, value] of Object.entries(signIn.environment)) authorizer.addEnvironment(name, value);
    return authorizer;
  }

  #addApi(authorizer: LambdaFunction): GuardedApi {
    const { tables, accountLogRole, closesDefaultEndpoint, allowedOrigins, logRetention, restApiProps } =
      this.#props;
    const { profile } = tables;
    return new GuardedApi(this, 'Api', {
      ...alarmTargetOf(this.#props),
      description: 'Keyward management API',
      presentation: { kind: 'bearer' },
      realm: `${profile.realm} management`,
      details: {
        unauthorized: describeUnauthorized(profile).detail,
        noRoute: describeUnknownRoute(profile).detail,
      },
      authorizer,
      accountLogRole,
      closesDefaultEndpoint,
      allowedOrigins,
      logRetention,
      restApiProps,
      ownThrottles: managementRoutesOf(profile).flatMap(throttleOf),
      withoutAlarms: NOT_OF_MANAGEMENT,
    });
  }

  #addRoutes(api: GuardedApi): void {
    const functions = new Map<ManagementHandler, LambdaFunction>();
    for (const { method, path, handler, caller } of managementRoutesOf(this.#props.tables.profile)) {
      const fn = functions.get(handler) ?? this.#addHandler(handler);
      functions.set(handler, fn);
      if (caller === 'public') api.addPublicRoute(method, path, fn);
      else api.addRoute(method, path, fn);
    }
  }

  /** The description of the API and where people sign in are public, and their function may only write its own log. */
  #addDescription(api: GuardedApi): void {
    const fn = new KeywardFunction(this, 'DescribeApi', {
      entry: 'describe-api',
      description: 'Keyward: describes the management API, and says where people sign in',
      profilePath: this.#props.tables.profileFile.path,
      environment: this.#props.signIn.environment,
      logRetention: this.#props.logRetention,
    });
    for (const path of [DESCRIPTION_PATH, SIGN_IN_PATH]) api.addPublicRoute('GET', path, fn);
  }

  #addHandler(name: ManagementHandler): LambdaFunction {
    const fn = this.#addFunction({ entry: name, does: DESCRIPTIONS[name], timeout: timeoutOf(name) });
    this.#props.tables.grant(name, fn);
    return fn;
  }

  #addFunction({ entry, does, timeout }: FunctionChoices): LambdaFunction {
    const { tables, signIn, consoleUrl, logRetention, flushes = [] } = this.#props;
    const { path: profilePath, profile } = tables.profileFile;
    const flushed = entriesThatTakeRights(profile).has(entry) ? flushes : [];
    const isAuthorizer = entry === 'management-authorizer';
    const fn = new KeywardFunction(this, pascalCase(entry), {
      entry,
      description: `Keyward: ${does}`,
      profilePath,
      environment: tables.environment,
      verdictCache: flushed.length > 0 ? 'api-gateway' : 'none',
      memoryMegabytes: MEMORY_FOR_SECRETS[entry]?.(profile),
      timeout,
      logRetention,
      reservedConcurrentExecutions: isAuthorizer ? this.#props.reservedConcurrentExecutions : undefined,
    });
    if (reachesSessions(entry)) this.#sessions.grant(fn, entry);
    if (entry === 'create-session' && consoleUrl !== undefined)
      fn.addEnvironment('KEYWARD_CONSOLE_URL', consoleUrl);
    if (entry === 'create-invitation' && !signIn.acceptsInvitations)
      fn.addEnvironment('KEYWARD_INVITATIONS', 'closed');
    if (entry === 'issue-key' || entry === 'import-keys')
      fn.addEnvironment('KEYWARD_MAX_KEYS_PER_MEMBER', String(this.#maxKeysPerMember));
    if (flushed.length > 0)
      fn.addEnvironment('KEYWARD_CACHING_STAGES', flushed.map(({ cachingStage }) => cachingStage).join(' '));
    for (const api of flushed) api.grantFlushVerdicts(fn);
    return fn;
  }
}
