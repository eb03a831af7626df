import { hash } from 'node:crypto';
import { Aws, Duration, Fn, ReferenceStrength, RemovalPolicy, Stack } from 'aws-cdk-lib';
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
import { acknowledge } from './findings.ts';

export interface SignInProps {
  /**
   * Runs whenever somebody is about to be given tokens, and has five seconds at most: Cognito waits no longer. Absent while a
   * pool that was kept is adopted: an import takes no resource that names one which is not imported.
   */
  readonly onSignIn?: LambdaFunction | undefined;
  /**
   * Where the console is, as `https://…/`, besides this machine.
   * @default on this machine only
   */
  readonly consoleUrl?: string;
  /**
   * Who makes accounts: the operator, in Cognito, or whoever wants one. An account alone may do nothing.
   * @default 'operator'
   */
  readonly accountsMadeBy?: 'operator' | 'anyone';
  /**
   * Whether everybody needs a second factor, an app that shows codes, or whoever wants one has one.
   * @default 'optional'
   */
  readonly secondFactor?: 'optional' | 'required';
}

/** Where the console is while it is developed; Cognito takes plain HTTP from the loopback address only. */
const LOCAL_CONSOLE_URL = 'http://127.0.0.1:4000/console/';

/** The people who sign in, and the pages where they do. The pool outlives its stack: nobody can make the same users again. */
export class SignIn extends Construct {
  readonly userPool: UserPool;
  readonly client: UserPoolClient;
  /** What the `iss` of every token says. */
  readonly issuerUrl: string;
  /** Where the pages are. */
  readonly loginUrl: string;

  constructor(scope: Construct, id: string, props: SignInProps) {
    super(scope, id);
    const { onSignIn, consoleUrl, accountsMadeBy = 'operator', secondFactor = 'optional' } = props;
    this.userPool = new UserPool(this, 'People', {
      selfSignUpEnabled: accountsMadeBy === 'anyone',
      signInAliases: { email: true },
      signInCaseSensitive: false,
      // An address says who may accept an invitation: a changed one counts once it is verified, and the old one until then.
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
    if (secondFactor === 'optional') acknowledge(this.userPool, 'COG2');
    acknowledge(this.userPool, 'COG8');
    if (onSignIn !== undefined) this.userPool.addTrigger(UserPoolOperation.PRE_TOKEN_GENERATION, onSignIn);
    this.client = new UserPoolClient(this, 'Console', {
      ...CONSOLE_CLIENT,
      userPool: this.userPool,
      oAuth: {
        flows: { authorizationCodeGrant: true },
        scopes: [OAuthScope.OPENID, OAuthScope.EMAIL],
        callbackUrls: [LOCAL_CONSOLE_URL, ...(consoleUrl === undefined ? [] : [consoleUrl])],
        logoutUrls: [LOCAL_CONSOLE_URL, ...(consoleUrl === undefined ? [] : [consoleUrl])],
      },
    });
    const domain = this.userPool.addDomain('Login', {
      cognitoDomain: { domainPrefix: domainPrefixOf(Stack.of(this)) },
      managedLoginVersion: ManagedLoginVersion.NEWER_MANAGED_LOGIN,
    });
    // Without a style, even Cognito's own, the newer pages do not render for a client.
    new CfnManagedLoginBranding(this, 'Branding', {
      userPoolId: this.userPool.userPoolId,
      clientId: this.client.userPoolClientId,
      useCognitoProvidedValues: true,
    });
    // As for the tables: an issuer that another stack imports is not replaced.
    this.userPool.applyCrossStackReferenceStrength(ReferenceStrength.STRONG);
    this.client.applyCrossStackReferenceStrength(ReferenceStrength.STRONG);
    this.issuerUrl = this.userPool.userPoolProviderUrl;
    this.loginUrl = domain.baseUrl();
  }

  /** The variables by which a function verifies who has signed in. */
  get environment(): Record<string, string> {
    return { KEYWARD_ISSUER: this.issuerUrl, KEYWARD_CLIENT_ID: this.client.userPoolClientId };
  }
}

/** A page keeps no secret: the code flow is proven with PKCE, and the pages are the only way to sign in. */
const CONSOLE_CLIENT = {
  userPoolClientName: 'keyward-console',
  generateSecret: false,
  // With none of them named, all that the API knows would be allowed.
  authFlows: { userSrp: false },
  preventUserExistenceErrors: true,
  enableTokenRevocation: true,
  // What a person may do is looked up in each call; who they are stands in a token until it ends.
  accessTokenValidity: Duration.minutes(30),
  idTokenValidity: Duration.minutes(30),
  refreshTokenValidity: Duration.hours(12),
} as const satisfies Partial<UserPoolClientProps>;

/** Prefixes are taken by one account in a Region, and may not hold words such as `aws`, which a stack's name could. */
function domainPrefixOf({ stackName }: Stack): string {
  return Fn.join('-', ['keyward', hash('sha256', stackName).slice(0, 8), Aws.ACCOUNT_ID]);
}
