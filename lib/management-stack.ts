import { CfnOutput, Duration, Stack, type StackProps } from 'aws-cdk-lib';
import { Rule, Schedule } from 'aws-cdk-lib/aws-events';
import { LambdaFunction as LambdaTarget } from 'aws-cdk-lib/aws-events-targets';
import type { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import type { Construct } from 'constructs';
import { DEFAULT_KEYS_PER_MEMBER, parseMaxKeysPerMember } from '../core/management/key-store.ts';
import { roleCopiesOf } from '../core/management/member-store.ts';
import { describeUnauthorized, describeUnknownRoute } from '../core/management/problem.ts';
import { type ManagementHandler, managementRoutesOf } from '../core/management/route.ts';
import type { Profile } from '../core/profile/profile.ts';
import type { LogRoleSetter } from './account-log-role.ts';
import type { EntryName } from './bundle.ts';
import { holdToProduct, importProduct } from './deployed-product.ts';
import { GuardedApi } from './guarded-api.ts';
import type { GuardedApiProps } from './guarded-api-props.ts';
import type { KeyTables } from './key-tables.ts';
import { KeywardFunction, secretHandling } from './keyward-function.ts';
import { ManagementAlarms, NOT_OF_MANAGEMENT } from './management-alarms.ts';
import type { ProfileFile } from './profile-file.ts';
import type { SignIn } from './sign-in.ts';
import { pascalCase } from './stack-names.ts';

export interface ManagementStackProps extends StackProps {
  readonly profileFile: ProfileFile;
  readonly tables: KeyTables;
  /** Where the people who call the API have signed in. */
  readonly signIn: SignIn;
  /** The ARN of the SNS topic that alarms tell. */
  readonly alarmTopicArn?: string | undefined;
  /**
   * The product's APIs that keep verdicts: whatever takes power away makes them forget. Their stacks may not need this one.
   * @default none
   */
  readonly flushes?: readonly GuardedApi[];
  /** As {@link GuardedApiProps.accountLogRole}. @default 'keyward' */
  readonly accountLogRole?: LogRoleSetter | undefined;
  /**
   * How many active keys of a workspace a member may have: what a change of a member has to reach.
   * @default 500
   */
  readonly maxKeysPerMember?: number;
  /** As {@link GuardedApiProps.closesDefaultEndpoint}. @default false */
  readonly closesDefaultEndpoint?: boolean;
  /** As {@link GuardedApiProps.allowedOrigins}. @default none */
  readonly allowedOrigins?: readonly string[];
}

interface FunctionDefinition {
  readonly description: string;
  readonly grant: (tables: KeyTables, fn: LambdaFunction) => void;
  /** @default that of {@link KeywardFunction} */
  readonly timeout?: Duration;
}

/** For what reaches every key of a member or a workspace: as long as API Gateway waits for an answer. */
const UNTIL_ANSWERED = Duration.seconds(29);

/** A sweep begins no turn after 50 seconds, since the next one then goes on; one turn may be slow. */
const SWEEP_TIMEOUT = Duration.minutes(5);

/** Of each method that revokes: a flood on the others, which needs no credential, leaves these alone. */
const REVOCATIONS_PER_SECOND = 100;

/** What each function of the management API is for, and what it is granted for that. */
const FUNCTIONS: Readonly<Record<ManagementHandler, FunctionDefinition>> = {
  'issue-key': { description: 'issues keys', grant: (tables, fn) => tables.grantIssue(fn) },
  'read-keys': { description: 'lists and shows keys', grant: (tables, fn) => tables.grantRead(fn) },
  'update-key': { description: 'changes keys', grant: (tables, fn) => tables.grantUpdate(fn) },
  'revoke-key': { description: 'revokes keys', grant: (tables, fn) => tables.grantRevoke(fn) },
  'rotate-key': { description: 'rotates keys', grant: (tables, fn) => tables.grantRotate(fn) },
  'verify-key': {
    description: 'tells an operator about a credential',
    grant: (tables, fn) => tables.grantInspect(fn),
  },
  'create-invitation': {
    description: 'invites people',
    grant: (tables, fn) => tables.grantInvite(fn),
  },
  'read-invitations': {
    description: 'lists invitations',
    grant: (tables, fn) => tables.grantReadInvitations(fn),
  },
  'revoke-invitation': {
    description: 'takes invitations back',
    grant: (tables, fn) => tables.grantRevokeInvitation(fn),
  },
  'read-events': { description: 'shows the audit log', grant: (tables, fn) => tables.grantReadEvents(fn) },
  'describe-scopes': { description: 'says which scopes there are', grant: () => {} },
  'describe-caller': {
    description: 'says who the caller is',
    grant: (tables, fn) => tables.grantDescribeMember(fn),
  },
  'create-workspace': {
    description: 'makes workspaces',
    grant: (tables, fn) => tables.grantCreateWorkspace(fn),
  },
  'read-workspace': { description: 'shows workspaces', grant: (tables, fn) => tables.grantReadWorkspace(fn) },
  'issue-token': { description: "issues users' tokens", grant: (tables, fn) => tables.grantIssueToken(fn) },
  'read-tokens': { description: "lists users' tokens", grant: (tables, fn) => tables.grantReadTokens(fn) },
  'revoke-token': {
    description: "revokes users' tokens",
    grant: (tables, fn) => tables.grantRevokeToken(fn),
  },
  'update-workspace': {
    description: 'changes workspaces, and what their plan means for keys',
    grant: (tables, fn) => tables.grantUpdateWorkspace(fn),
    timeout: UNTIL_ANSWERED,
  },
  'read-members': { description: 'lists members', grant: (tables, fn) => tables.grantReadMembers(fn) },
  'put-member': {
    description: 'adds members and changes their roles',
    grant: (tables, fn) => tables.grantPutMember(fn),
    timeout: UNTIL_ANSWERED,
  },
  'remove-member': {
    description: 'removes members',
    grant: (tables, fn) => tables.grantRemoveMember(fn),
    timeout: UNTIL_ANSWERED,
  },
};

/** The functions that make secrets or verify them. */
const HANDLES_SECRETS: ReadonlySet<EntryName> = new Set<EntryName>([
  'management-authorizer',
  'issue-key',
  'rotate-key',
  'verify-key',
]);

/**
 * The functions that take power from credentials whose verdicts can be kept. Those on tokens and on counted calls cannot be,
 * so nothing that ends tokens or lowers plans is among them.
 */
function takersOfPower(profile: Profile): ReadonlySet<EntryName> {
  const onMembers: EntryName[] = roleCopiesOf(profile).length > 0 ? ['put-member', 'remove-member'] : [];
  return new Set<EntryName>(['update-key', 'revoke-key', 'rotate-key', 'sweeper', ...onMembers]);
}

/** The management API, its authorizer, and the sweeper that finishes what crashes leave. */
export class ManagementStack extends Stack {
  readonly #props: ManagementStackProps;
  readonly #maxKeysPerMember: number;

  constructor(scope: Construct, id: string, props: ManagementStackProps) {
    super(scope, id, { description: 'Keyward: the management API', ...props });
    this.#props = props;
    this.#maxKeysPerMember = parseMaxKeysPerMember(
      props.maxKeysPerMember ?? DEFAULT_KEYS_PER_MEMBER,
      'maxKeysPerMember',
    );
    const { tables, profileFile } = props;
    holdToProduct(this, profileFile.profile);
    importProduct(this, profileFile.profile, tables);
    const hasty = Duration.seconds(3);
    const authorizer = this.#function(
      'management-authorizer',
      'Keyward: authorizes the management API',
      hasty,
    );
    tables.grantVerify(authorizer);
    tables.grantVerifyManagementKeys(authorizer);
    tables.grantNoteRefusals(authorizer);
    for (const [name, value] of Object.entries(props.signIn.environment))
      authorizer.addEnvironment(name, value);
    const api = new GuardedApi(this, 'Api', {
      description: 'Keyward management API',
      presentation: { kind: 'bearer' },
      realm: `${profileFile.profile.realm} management`,
      details: {
        unauthorized: describeUnauthorized(profileFile.profile).detail,
        noRoute: describeUnknownRoute(profileFile.profile).detail,
      },
      authorizer,
      accountLogRole: props.accountLogRole,
      closesDefaultEndpoint: props.closesDefaultEndpoint ?? false,
      ...(props.allowedOrigins && { allowedOrigins: props.allowedOrigins }),
      ownThrottles: managementRoutesOf(profileFile.profile)
        .filter(({ handler }) => handler.startsWith('revoke-'))
        .map(({ method, path }) => ({ method, path, requestsPerSecond: REVOCATIONS_PER_SECOND })),
      alarmTopicArn: props.alarmTopicArn,
      withoutAlarms: NOT_OF_MANAGEMENT,
    });
    const functions = new Map<ManagementHandler, LambdaFunction>();
    for (const { method, path, handler } of managementRoutesOf(profileFile.profile)) {
      const fn = functions.get(handler) ?? this.#handler(handler);
      functions.set(handler, fn);
      api.addRoute(method, path, fn);
    }
    this.#addSweeper();
    new ManagementAlarms(this, 'Alarms', {
      stage: api.restApi.deploymentStage,
      alarmTopicArn: props.alarmTopicArn,
    });
    new CfnOutput(this, 'ManagementUrl', { value: api.restApi.url });
  }

  #handler(name: ManagementHandler): LambdaFunction {
    const { description, grant, timeout } = FUNCTIONS[name];
    const fn = this.#function(name, `Keyward: ${description}`, timeout);
    grant(this.#props.tables, fn);
    return fn;
  }

  #addSweeper(): void {
    const sweeper = this.#function('sweeper', 'Keyward: finishes changes that calls began', SWEEP_TIMEOUT);
    this.#props.tables.grantSweep(sweeper);
    new Rule(this, 'SweepSchedule', {
      schedule: Schedule.rate(Duration.minutes(1)),
      targets: [new LambdaTarget(sweeper)],
    });
  }

  #function(entry: EntryName, description: string, timeout?: Duration): LambdaFunction {
    const { tables, profileFile, flushes = [] } = this.#props;
    const { path: profilePath, profile } = profileFile;
    const flushed = takersOfPower(profile).has(entry) ? flushes : [];
    const fn = new KeywardFunction(this, pascalCase(entry), {
      entry,
      description,
      profilePath,
      environment: {
        ...tables.environment,
        ...(entry === 'issue-key' && { KEYWARD_MAX_KEYS_PER_MEMBER: String(this.#maxKeysPerMember) }),
        ...(flushed.length > 0 && {
          KEYWARD_CACHING_STAGES: flushed.map(({ cachingStage }) => cachingStage).join(' '),
        }),
      },
      verdictCache: flushed.length > 0 ? 'api-gateway' : 'none',
      ...(HANDLES_SECRETS.has(entry) && secretHandling(profile)),
      ...(timeout && { timeout }),
    });
    for (const api of flushed) api.grantFlushVerdicts(fn);
    return fn;
  }
}
