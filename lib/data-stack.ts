import { CfnOutput, Duration, Stack, type StackProps } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import type { EventRetention } from '../core/audit/event-store.ts';
import type { Profile } from '../core/profile/profile.ts';
import { AccountLogRole, type LogRoleSetter } from './account-log-role.ts';
import { assertProductStays } from './deployed-product.ts';
import { KeyTables } from './key-tables.ts';
import { KeywardFunction } from './keyward-function.ts';
import type { OwnIssuer } from './own-issuer.ts';
import type { ProfileFile } from './profile-file.ts';
import { SignIn, type SignInProps } from './sign-in.ts';
import type { SignInSource } from './sign-in-source.ts';
import { DataAlarms } from './stack-alarms.ts';

export interface DataStackProps extends StackProps, Omit<SignInProps, 'onSignIn'> {
  readonly profileFile: ProfileFile;
  /**
   * The issuer where people sign in. `accountsMadeBy` and `secondFactor` are then its own affair.
   * @default a user pool of this stack
   */
  readonly ownIssuer?: OwnIssuer | undefined;
  /**
   * The ARN of the SNS topic that alarms notify.
   * @default alarms notify nobody: they are seen in CloudWatch only
   */
  readonly alarmTopicArn?: string | undefined;
  /**
   * For how many days events are kept: 30 to 3,650, or `forever`.
   * @default 400
   */
  readonly eventRetention?: EventRetention | undefined;
  /**
   * Who sets the role with which API Gateway writes logs. This stack makes it, since every stack with an API is deployed
   * after this one.
   * @default 'keyward'
   */
  readonly accountLogRole?: LogRoleSetter | undefined;
}

/**
 * The context value that an operator sets for `cdk import`, to take tables and a user pool that were kept back into a stack.
 * The template then leaves the trigger of the pool out, and the next deployment sets it.
 */
const ADOPTING = 'keyward:adopting';

/** The tables, and the people who sign in unless they sign in elsewhere. They must not be lost, so they stay when the stack is deleted. */
export class DataStack extends Stack {
  readonly tables: KeyTables;
  readonly signIn: SignInSource;

  constructor(scope: Construct, id: string, props: DataStackProps) {
    super(scope, id, {
      description: 'Keyward: where keys and people are kept',
      terminationProtection: true,
      ...props,
    });
    const { profileFile, eventRetention, alarmTopicArn, ownIssuer } = props;
    const { profile } = profileFile;
    assertProductStays(this, profile);
    AccountLogRole.addForAll(this, props.accountLogRole);
    this.tables = new KeyTables(this, 'Keys', { profile, eventRetention });
    const onSignIn = ownIssuer === undefined ? this.#addSignInFunction(profileFile) : undefined;
    this.signIn = ownIssuer ?? this.#addUserPool(props, onSignIn);
    new DataAlarms(this, 'Alarms', { tables: this.tables, onSignIn, alarmTopicArn });
    this.#addOutputs(profile);
  }

  #addOutputs({ rateLimits }: Profile): void {
    const { tables, signIn } = this;
    const add = (name: string, value: string) => new CfnOutput(this, name, { value });
    // The command line reads these: the names of the tables, for how long events are kept, and the plans that a workspace
    // may have, the default first.
    add('RecordsTable', tables.records.tableName);
    add('SecretsTable', tables.secrets.tableName);
    add('EventsTable', tables.events.tableName);
    add('ManagementKeysTable', tables.managementKeys.tableName);
    add('EventsRetention', String(tables.eventRetention));
    if (rateLimits !== undefined) {
      const { defaultPlan, plans } = rateLimits;
      const others = Object.keys(plans).filter((plan) => plan !== defaultPlan);
      add('Plans', [defaultPlan, ...others].join(','));
    }
    // A console reads these: who issues tokens, the client that asks for them, and where people sign in.
    add('IssuerUrl', signIn.issuerUrl);
    add('ClientId', signIn.clientId);
    if (signIn instanceof SignIn) add('LoginUrl', signIn.loginUrl);
  }

  #addUserPool(
    { consoleUrl, accountsMadeBy, secondFactor }: DataStackProps,
    onSignIn: KeywardFunction | undefined,
  ): SignIn {
    const isAdopting = this.node.tryGetContext(ADOPTING) === 'true';
    return new SignIn(this, 'SignIn', {
      onSignIn: isAdopting ? undefined : onSignIn,
      consoleUrl,
      accountsMadeBy,
      secondFactor,
    });
  }

  /** Cognito waits five seconds for it. When it fails, Cognito tries once more, and then turns the person away. */
  #addSignInFunction({ path }: ProfileFile): KeywardFunction {
    const fn = new KeywardFunction(this, 'AcceptInvitations', {
      entry: 'sign-in',
      profilePath: path,
      description: 'Keyward: makes people who were invited members when they sign in',
      environment: this.tables.environment,
      timeout: Duration.seconds(5),
    });
    this.tables.grant('accept-invitations', fn);
    return fn;
  }
}
