import { Duration } from 'aws-cdk-lib';
import type { RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { Construct } from 'constructs';
import { KeywardFunction } from './functions/keyward-function.ts';
import { type AlarmGroupProps, alarmTargetOf } from './monitoring/api-alarms.ts';
import { DataAlarms } from './monitoring/stack-alarms.ts';
import { Part } from './parts/part-name.ts';
import type { OwnIssuer } from './sign-in/own-issuer.ts';
import { SignIn, type SignInProps } from './sign-in/sign-in.ts';
import type { SignInSource } from './sign-in/sign-in-source.ts';
import { KeyTables, type KeyTablesProps } from './tables/key-tables.ts';

export interface KeywardDataProps extends KeyTablesProps, Omit<SignInProps, 'onSignIn'>, AlarmGroupProps {
  /**
   * The issuer where people sign in. `accountsMadeBy` and `secondFactor` are then its own affair.
   * @default a user pool beside the tables
   */
  readonly ownIssuer?: OwnIssuer | undefined;
  /**
   * For how long the logs of Keyward's functions are kept.
   * @default three months
   */
  readonly logRetention?: RetentionDays | undefined;
}

/**
 * The context value that an operator sets for `cdk import`, to take tables and a user pool that were kept back into a stack.
 * The template then leaves the trigger of the pool out, and the next deployment sets it.
 */
const ADOPTING = 'keyward:adopting';

/** What must not be lost: the tables, and the people who sign in unless they sign in elsewhere. It stays when its stack is deleted. */
export class KeywardData extends Part {
  readonly tables: KeyTables;
  readonly signIn: SignInSource;

  constructor(scope: Construct, id: string, props: KeywardDataProps) {
    super(scope, id);
    const { ownIssuer } = props;
    this.tables = new KeyTables(this, 'Keys', props);
    const onSignIn = ownIssuer === undefined ? this.#addSignInFunction(props) : undefined;
    this.signIn = ownIssuer ?? this.#addUserPool(props, onSignIn);
    new DataAlarms(this, 'Alarms', { ...alarmTargetOf(props), tables: this.tables, onSignIn });
  }

  #addUserPool(
    { consoleUrl, accountsMadeBy, secondFactor }: KeywardDataProps,
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
  #addSignInFunction({ logRetention }: KeywardDataProps): KeywardFunction {
    const fn = new KeywardFunction(this, 'AcceptInvitations', {
      entry: 'sign-in',
      profilePath: this.tables.profileFile.path,
      description: 'Keyward: makes people who were invited members when they sign in',
      environment: this.tables.environment,
      timeout: Duration.seconds(5),
      logRetention,
    });
    this.tables.grant('accept-invitations', fn);
    return fn;
  }
}

/** What command lines and consoles have to know of a deployment, by the names of its outputs. */
export function outputsOf({ tables, signIn }: KeywardData): ReadonlyMap<string, string> {
  const outputs = new Map([
    ['RecordsTable', tables.records.tableName],
    ['SecretsTable', tables.secrets.tableName],
    ['EventsTable', tables.events.tableName],
    ['ManagementKeysTable', tables.managementKeys.tableName],
    ['EventsRetention', String(tables.eventRetention)],
  ]);
  const { rateLimits } = tables.profile;
  if (rateLimits !== undefined) {
    const { defaultPlan, plans } = rateLimits;
    const others = Object.keys(plans).filter((plan) => plan !== defaultPlan);
    // The default comes first.
    outputs.set('Plans', [defaultPlan, ...others].join(','));
  }
  // Who issues tokens, the client that asks for them, and where people sign in.
  outputs.set('IssuerUrl', signIn.issuerUrl);
  outputs.set('ClientId', signIn.clientId);
  if (signIn instanceof SignIn) outputs.set('LoginUrl', signIn.loginUrl);
  return outputs;
}
