import { CfnOutput, Duration, Stack, type StackProps } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import type { EventRetention } from '../core/audit/event-store.ts';
import { AccountLogRole, type LogRoleSetter } from './account-log-role.ts';
import { DataAlarms } from './data-alarms.ts';
import { holdToProduct } from './deployed-product.ts';
import { KeyTables } from './key-tables.ts';
import { KeywardFunction } from './keyward-function.ts';
import type { ProfileFile } from './profile-file.ts';
import { SignIn, type SignInProps } from './sign-in.ts';

export interface DataStackProps extends StackProps, Omit<SignInProps, 'onSignIn'> {
  readonly profileFile: ProfileFile;
  /** The ARN of the SNS topic that alarms tell. */
  readonly alarmTopicArn?: string | undefined;
  /**
   * For how many days events are kept, or `forever`.
   * @default that of {@link KeyTables}
   */
  readonly eventRetention?: EventRetention;
  /**
   * As that of `GuardedApi`. The role is made here, since every stack with an API is deployed after this one.
   * @default 'keyward'
   */
  readonly accountLogRole?: LogRoleSetter | undefined;
}

/**
 * Context by which `cdk import` takes tables and a user pool that were kept into a stack again: the pool is then written without
 * its trigger, which the next deployment sets.
 */
const ADOPTING = 'keyward:adopting';

/** What must not be lost: the tables, and the people who sign in. They stay when the stack goes. */
export class DataStack extends Stack {
  readonly tables: KeyTables;
  readonly signIn: SignIn;

  constructor(scope: Construct, id: string, props: DataStackProps) {
    super(scope, id, {
      description: 'Keyward: where keys and people are kept',
      terminationProtection: true,
      ...props,
    });
    const { profileFile, eventRetention, consoleUrl, accountsMadeBy, secondFactor, alarmTopicArn } = props;
    const { profile } = profileFile;
    holdToProduct(this, profile);
    AccountLogRole.addForAll(this, props.accountLogRole);
    this.tables = new KeyTables(this, 'Keys', {
      profile,
      ...(eventRetention !== undefined && { eventRetention }),
    });
    const onSignIn = this.#acceptInvitations(profileFile);
    this.signIn = new SignIn(this, 'SignIn', {
      onSignIn: this.node.tryGetContext(ADOPTING) === 'true' ? undefined : onSignIn,
      ...(consoleUrl !== undefined && { consoleUrl }),
      ...(accountsMadeBy !== undefined && { accountsMadeBy }),
      ...(secondFactor !== undefined && { secondFactor }),
    });
    new DataAlarms(this, 'Alarms', { tables: this.tables, onSignIn, alarmTopicArn });
    const { defaultPlan, plans = {} } = profile.rateLimits ?? {};
    const others = Object.keys(plans).filter((plan) => plan !== defaultPlan);
    // The command line finds the tables by these names, for how long it keeps events, and which plans a workspace may have, the
    // default first.
    new CfnOutput(this, 'RecordsTable', { value: this.tables.records.tableName });
    new CfnOutput(this, 'SecretsTable', { value: this.tables.secrets.tableName });
    new CfnOutput(this, 'EventsTable', { value: this.tables.events.tableName });
    new CfnOutput(this, 'ManagementKeysTable', { value: this.tables.managementKeys.tableName });
    new CfnOutput(this, 'EventsRetention', { value: String(this.tables.eventRetention) });
    if (defaultPlan !== undefined)
      new CfnOutput(this, 'Plans', { value: [defaultPlan, ...others].join(',') });
    // What a console needs to know: who issues tokens, as which client it asks for them, and where people sign in.
    new CfnOutput(this, 'IssuerUrl', { value: this.signIn.issuerUrl });
    new CfnOutput(this, 'ClientId', { value: this.signIn.client.userPoolClientId });
    new CfnOutput(this, 'LoginUrl', { value: this.signIn.loginUrl });
  }

  /** Cognito gives a trigger five seconds, tries again when it fails, and turns the person away when it fails again. */
  #acceptInvitations({ path }: ProfileFile): KeywardFunction {
    const fn = new KeywardFunction(this, 'AcceptInvitations', {
      entry: 'sign-in',
      profilePath: path,
      description: 'Keyward: makes people who were invited members when they sign in',
      environment: this.tables.environment,
      timeout: Duration.seconds(5),
    });
    this.tables.grantAcceptInvitations(fn);
    return fn;
  }
}
