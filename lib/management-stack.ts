import { CfnOutput, Duration, Stack, type StackProps } from 'aws-cdk-lib';
import type { RestApi } from 'aws-cdk-lib/aws-apigateway';
import type { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import type { Construct } from 'constructs';
import { DEFAULT_KEYS_PER_MEMBER, parseMaxKeysPerMember } from '../core/management/key-store.ts';
import { roleCopiesOf } from '../core/management/member-store.ts';
import { describeUnauthorized, describeUnknownRoute } from '../core/management/problem.ts';
import {
  type ManagementHandler,
  type ManagementRoute,
  managementRoutesOf,
} from '../core/management/route.ts';
import { SIGN_IN_PATH } from '../core/management/sign-in.ts';
import type { Profile } from '../core/profile/profile.ts';
import { DESCRIPTION_PATH } from '../openapi/open-paths.ts';
import type { OwnThrottle } from './api-stage.ts';
import type { EntryName } from './bundle.ts';
import { assertProductStays, importProduct } from './deployed-product.ts';
import { GuardedApi } from './guarded-api.ts';
import type { DeployedApiProps } from './guarded-api-props.ts';
import type { KeyTables } from './key-tables.ts';
import {
  type FunctionChoices,
  KeywardFunction,
  memoryForIssuing,
  memoryForVerifying,
} from './keyward-function.ts';
import type { ProfileFile } from './profile-file.ts';
import { reachesSessions, SessionTable } from './session-table.ts';
import type { SignInSource } from './sign-in-source.ts';
import { ManagementAlarms, NOT_OF_MANAGEMENT } from './stack-alarms.ts';
import { pascalCase } from './stack-names.ts';
import { addSweeper } from './sweeper.ts';

export interface ManagementStackProps extends StackProps, DeployedApiProps {
  readonly profileFile: ProfileFile;
  readonly tables: KeyTables;
  /** Where the people who call the API sign in. */
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
}

/** What each function of the management API does, as the end of its description. */
const DESCRIPTIONS: Readonly<Record<ManagementHandler, string>> = {
  'issue-key': 'issues keys',
  'import-keys': 'imports keys by their hashes',
  'read-keys': 'lists and shows keys',
  'update-key': 'changes keys',
  'revoke-key': 'revokes keys',
  'revoke-keys': 'revokes many keys at once',
  'rotate-key': 'rotates keys',
  'revoke-previous-secret': 'ends the older secret of a rotated key',
  'verify-key': 'tells an operator about a credential',
  'create-invitation': 'invites people',
  'read-invitations': 'lists invitations',
  'revoke-invitation': 'takes invitations back',
  'read-events': 'shows the audit log',
  'describe-scopes': 'says which scopes there are',
  'describe-caller': 'says who the caller is',
  'create-workspace': 'makes workspaces',
  'read-workspace': 'shows workspaces',
  'issue-token': "issues users' tokens",
  'read-tokens': "lists users' tokens",
  'revoke-token': "revokes users' tokens",
  'update-workspace': 'changes workspaces, and what their plan means for keys',
  'read-members': 'lists members',
  'put-member': 'adds members and changes their roles',
  'remove-member': 'removes members',
  'create-session': 'makes links into the console',
  'exchange-session': 'turns links into sessions',
  'end-session': 'ends sessions',
  'revoke-sessions': 'ends the sessions of a user',
};

/** The functions that may have to reach many keys in one call: to change, revoke or verify them. */
const REACHES_MANY_KEYS: ReadonlySet<EntryName> = new Set([
  'revoke-keys',
  'verify-key',
  'update-workspace',
  'put-member',
  'remove-member',
]);

/** As long as API Gateway waits for an answer. */
const UNTIL_ANSWERED = Duration.seconds(29);

/** The throttle of each method that revokes. A flood on the other methods, which needs no credential, leaves it alone. */
const REVOCATIONS_PER_SECOND = 100;

/** Everybody can call the route that starts sessions. Its throttle is its own, so that a flood there stops nobody else. */
const EXCHANGES_PER_SECOND = 50;

/** The memory of the functions that make secrets or verify them. */
const MEMORY_FOR_SECRETS: { readonly [Entry in EntryName]?: (profile: Profile) => number } = {
  'management-authorizer': memoryForVerifying,
  'verify-key': memoryForVerifying,
  'issue-key': memoryForIssuing,
  'rotate-key': memoryForIssuing,
};

/**
 * The functions that take rights from credentials whose verdicts can be cached. Verdicts on tokens and on counted calls cannot
 * be, so no function that revokes tokens or changes plans is among them.
 */
function entriesThatTakeRights(profile: Profile): ReadonlySet<EntryName> {
  const onMembers: EntryName[] = roleCopiesOf(profile).length > 0 ? ['put-member', 'remove-member'] : [];
  const onKeys = ['update-key', 'revoke-key', 'revoke-keys', 'rotate-key', 'revoke-previous-secret'] as const;
  return new Set<EntryName>([...onKeys, ...onMembers, 'sweeper']);
}

function throttleOf({ method, path, handler, caller }: ManagementRoute): readonly OwnThrottle[] {
  if (caller === 'public') return [{ method, path, requestsPerSecond: EXCHANGES_PER_SECOND }];
  if (!handler.startsWith('revoke-')) return [];
  return [{ method, path, requestsPerSecond: REVOCATIONS_PER_SECOND }];
}

/** The management API, its authorizer, and the sweeper that finishes changes after a crash. */
export class ManagementStack extends Stack {
  readonly restApi: RestApi;
  readonly #props: ManagementStackProps;
  readonly #maxKeysPerMember: number;
  readonly #sessions: SessionTable;

  /** @throws where the tables belong to another product, or `maxKeysPerMember` is not valid. */
  constructor(scope: Construct, id: string, props: ManagementStackProps) {
    super(scope, id, { description: 'Keyward: the management API', ...props });
    this.#props = props;
    this.#maxKeysPerMember = parseMaxKeysPerMember(
      props.maxKeysPerMember ?? DEFAULT_KEYS_PER_MEMBER,
      'maxKeysPerMember',
    );
    this.#sessions = new SessionTable(this, 'Sessions');
    const { tables, profileFile, alarmTopicArn } = props;
    assertProductStays(this, profileFile.profile);
    importProduct(this, profileFile.profile, tables);
    const api = this.#addApi(this.#addAuthorizer());
    this.restApi = api.restApi;
    this.#addRoutes(api);
    this.#addDescription(api);
    addSweeper(this, { tables, addFunction: (choices) => this.#addFunction(choices) });
    new ManagementAlarms(this, 'Alarms', { stage: api.restApi.deploymentStage, alarmTopicArn });
    new CfnOutput(this, 'ManagementUrl', { value: api.restApi.url });
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
    const { profileFile, accountLogRole, closesDefaultEndpoint, allowedOrigins, alarmTopicArn } = this.#props;
    const { profile } = profileFile;
    return new GuardedApi(this, 'Api', {
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
      ownThrottles: managementRoutesOf(profile).flatMap(throttleOf),
      alarmTopicArn,
      withoutAlarms: NOT_OF_MANAGEMENT,
    });
  }

  #addRoutes(api: GuardedApi): void {
    const functions = new Map<ManagementHandler, LambdaFunction>();
    for (const { method, path, handler, caller } of managementRoutesOf(this.#props.profileFile.profile)) {
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
      profilePath: this.#props.profileFile.path,
      environment: this.#props.signIn.environment,
    });
    for (const path of [DESCRIPTION_PATH, SIGN_IN_PATH]) api.addPublicRoute('GET', path, fn);
  }

  #addHandler(name: ManagementHandler): LambdaFunction {
    const timeout = REACHES_MANY_KEYS.has(name) ? UNTIL_ANSWERED : undefined;
    const fn = this.#addFunction({ entry: name, does: DESCRIPTIONS[name], timeout });
    this.#props.tables.grant(name, fn);
    return fn;
  }

  #addFunction({ entry, does, timeout }: FunctionChoices): LambdaFunction {
    const { tables, profileFile, signIn, consoleUrl, flushes = [] } = this.#props;
    const { path: profilePath, profile } = profileFile;
    const flushed = entriesThatTakeRights(profile).has(entry) ? flushes : [];
    const fn = new KeywardFunction(this, pascalCase(entry), {
      entry,
      description: `Keyward: ${does}`,
      profilePath,
      environment: tables.environment,
      verdictCache: flushed.length > 0 ? 'api-gateway' : 'none',
      memoryMegabytes: MEMORY_FOR_SECRETS[entry]?.(profile),
      timeout,
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
