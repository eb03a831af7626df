import { hash } from 'node:crypto';
import { Aws, Duration, Fn, ReferenceStrength, RemovalPolicy } from 'aws-cdk-lib';
import {
  AccountRecovery,
  CfnManagedLoginBranding,
  FeaturePlan,
  ManagedLoginVersion,
  Mfa,
  OAuthScope,
  UserPool,
  UserPoolClient,
  type UserPoolClientProps,
  UserPoolOperation,
} from 'aws-cdk-lib/aws-cognito';
import type { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import { LOGIN_CALLBACKS } from '../../core/management/sign-in.ts';
import { acknowledgeFinding } from '../parts/findings.ts';
import { nameInAccount, outermostStack, pathInStack } from '../parts/part-name.ts';
import { requestEnvironment, type SignInSource } from './sign-in-source.ts';

export interface SignInProps {
  /**
   * The function that runs before a person gets tokens. Cognito waits five seconds for it.
   * @default none. `cdk import` needs that to adopt a pool that was kept: an imported resource may only name imported ones
   */
  readonly onSignIn?: LambdaFunction | undefined;
  /**
   * The address of the console, as `https://…/`. A console on this machine is always allowed.
   * @default on this machine only
   */
  readonly consoleUrl?: string | undefined;
  /**
   * Who makes accounts: the operator in Cognito, or anyone for themselves. An account alone may do nothing.
   * @default 'operator'
   */
  readonly accountsMadeBy?: 'operator' | 'anyone' | undefined;
  /**
   * Whether every person must have a second factor, which is an app that shows codes, or may have one.
   * @default 'optional'
   */
  readonly secondFactor?: 'optional' | 'required' | undefined;
}

/** Where the console is while it is developed. Cognito takes plain HTTP only for the loopback address. */
const LOCAL_CONSOLE_URL = 'http://127.0.0.1:4000/console/';

/** The people who sign in, and the pages where they do. The pool outlives its stack: its users could not be made again. */
export class SignIn extends Construct implements SignInSource {
  readonly userPool: UserPool;
  readonly client: UserPoolClient;
  /** The `iss` of every token. */
  readonly issuerUrl: string;
  /** The address of the pages. */
  readonly loginUrl: string;
  readonly acceptsInvitations = true;
  readonly request = { scopes: ['openid', 'email'], parameters: {} } as const;

  constructor(scope: Construct, id: string, props: SignInProps) {
    super(scope, id);
    const { onSignIn, consoleUrl, accountsMadeBy = 'operator', secondFactor = 'optional' } = props;
    this.userPool = new UserPool(this, 'People', {
      selfSignUpEnabled: accountsMadeBy === 'anyone',
      signInAliases: { email: true },
      signInCaseSensitive: false,
      // The address decides who may accept an invitation. A new address counts only once it is verified, the old one until then.
      autoVerify: { email: true },
      keepOriginal: { email: true },
      standardAttributes: { email: { required: true, mutable: true } },
      passwordPolicy: {
        minLength: 12,
        requireLowercase: true,
        requireUppercase: true,
        requireDigits: true,
        requireSymbols: true,
        tempPasswordValidity: Duration.days(7),
      },
      mfa: secondFactor === 'required' ? Mfa.REQUIRED : Mfa.OPTIONAL,
      mfaSecondFactor: { otp: true, sms: false },
      accountRecovery: AccountRecovery.EMAIL_ONLY,
      featurePlan: FeaturePlan.ESSENTIALS,
      deletionProtection: true,
      removalPolicy: RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE,
    });
    if (secondFactor === 'optional') acknowledgeFinding(this.userPool, 'COG2');
    acknowledgeFinding(this.userPool, 'COG8');
    if (onSignIn !== undefined) this.userPool.addTrigger(UserPoolOperation.PRE_TOKEN_GENERATION, onSignIn);
    const consoleUrls = [...new Set([LOCAL_CONSOLE_URL, consoleUrl ?? LOCAL_CONSOLE_URL])];
    this.client = new UserPoolClient(this, 'Console', {
      ...CONSOLE_CLIENT,
      userPool: this.userPool,
      oAuth: {
        flows: { authorizationCodeGrant: true },
        scopes: [OAuthScope.OPENID, OAuthScope.EMAIL],
        callbackUrls: [...consoleUrls, ...LOGIN_CALLBACKS],
        logoutUrls: consoleUrls,
      },
    });
    const domain = this.userPool.addDomain('Login', {
      cognitoDomain: { domainPrefix: domainPrefixOf(this) },
      managedLoginVersion: ManagedLoginVersion.NEWER_MANAGED_LOGIN,
    });
    // The newer pages render for a client only where it has a style. Cognito's own is enough.
    new CfnManagedLoginBranding(this, 'Branding', {
      userPoolId: this.userPool.userPoolId,
      clientId: this.client.userPoolClientId,
      useCognitoProvidedValues: true,
    });
    // As for the tables: CloudFormation does not replace an issuer that another stack imports.
    this.userPool.applyCrossStackReferenceStrength(ReferenceStrength.STRONG);
    this.client.applyCrossStackReferenceStrength(ReferenceStrength.STRONG);
    this.issuerUrl = this.userPool.userPoolProviderUrl;
    this.loginUrl = domain.baseUrl();
  }

  get clientId(): string {
    return this.client.userPoolClientId;
  }

  get calledUrls(): readonly string[] {
    return [this.issuerUrl, this.loginUrl];
  }

  get environment(): Record<string, string> {
    return {
      KEYWARD_ISSUER: this.issuerUrl,
      KEYWARD_CLIENT_ID: this.clientId,
      ...requestEnvironment(this.request),
    };
  }
}

/** A page cannot keep a secret, so PKCE proves the code flow. The pages are the only way to sign in. */
const CONSOLE_CLIENT = {
  userPoolClientName: 'keyward-console',
  generateSecret: false,
  // Without this, Cognito would allow every flow that it knows.
  authFlows: { userSrp: false },
  preventUserExistenceErrors: true,
  enableTokenRevocation: true,
  // Each call looks up what a person may do. Who the person is stands in the token until it expires.
  accessTokenValidity: Duration.minutes(30),
  idTokenValidity: Duration.minutes(30),
  refreshTokenValidity: Duration.hours(12),
} as const satisfies Partial<UserPoolClientProps>;

/**
 * Only one account in a Region can have a prefix. It may not contain words such as `aws`, and a stack's name could. The pool of a
 * `DataStack`, at this very place, is told apart by its stack alone: another prefix would be another address for everybody.
 */
function domainPrefixOf(signIn: SignIn): string {
  const { stackName } = outermostStack(signIn);
  const name = pathInStack(signIn) === 'SignIn' ? stackName : nameInAccount(signIn);
  return Fn.join('-', ['keyward', hash('sha256', name).slice(0, 8), Aws.ACCOUNT_ID]);
}
