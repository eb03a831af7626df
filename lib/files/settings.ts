import type { RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { EventRetention } from '../../core/audit/event-store.ts';
import type { LogRoleSetter } from '../parts/account-log-role.ts';
import { OwnIssuer } from '../sign-in/own-issuer.ts';
import type { DeploymentData } from './deployment-schema.ts';
import type { DeploymentName } from './stack-names.ts';

/** The settings of a deployment, as its file says them. */
export interface Settings extends DeploymentName {
  /** The ARN of the SNS topic that alarms notify. @default alarms notify nobody */
  readonly alarmTopicArn: string | undefined;
  /** Where people sign in from. @default on this machine only */
  readonly consoleUrl: string | undefined;
  /** Whether a sample API of the product is deployed beside it. */
  readonly hasSample: boolean;
  /** Whether the console is deployed. */
  readonly hasConsole: boolean;
  /** The console's own domain, with the ARN of its certificate. @default the console has a domain of CloudFront's */
  readonly consoleDomain: { readonly domainName: string; readonly certificateArn: string } | undefined;
  /** The origins whose pages may show the console in a frame. */
  readonly consoleFrameOrigins: readonly string[] | undefined;
  /** Where a page whose session has ended leads. @default nowhere */
  readonly consoleReturnUrl: string | undefined;
  /** Where the product's API is. @default the sample, if there is one */
  readonly productUrl: string | undefined;
  /** Where people sign in. @default a user pool of the deployment */
  readonly ownIssuer: OwnIssuer | undefined;
  readonly accountsMadeBy: 'operator' | 'anyone';
  readonly secondFactor: 'optional' | 'required';
  /** For how long the audit log is kept. @default that of the tables */
  readonly eventRetention: EventRetention | undefined;
  /** How many active keys of a workspace a member may have. @default that of the management API */
  readonly maxKeysPerMember: number | undefined;
  /** Whether the APIs answer at custom domains alone. */
  readonly closesDefaultEndpoint: boolean;
  /** The origins whose pages may call both APIs from a browser. */
  readonly allowedOrigins: readonly string[] | undefined;
  /** Who sets the role by which API Gateway writes the account's logs. */
  readonly accountLogRole: LogRoleSetter;
  readonly hasDashboard: boolean;
  /** For how long the logs of functions and APIs are kept. @default three months */
  readonly logRetention: RetentionDays | undefined;
  /** The ARN of the key that encrypts the tables. @default one that AWS manages */
  readonly encryptionKeyArn: string | undefined;
  /** For how long verdicts on calls of the sample API are cached. @default not at all */
  readonly cacheSeconds: number | undefined;
}

export function settingsOf(data: DeploymentData): Settings {
  return {
    profile: data.profile,
    name: data.name,
    stackPrefix: data.stack_prefix,
    alarmTopicArn: data.alarms?.topic_arn,
    ...signInSettings(data),
    eventRetention: data.events?.retention_days,
    maxKeysPerMember: data.keys_per_member,
    closesDefaultEndpoint: data.default_endpoint === 'closed',
    allowedOrigins: data.allowed_origins,
    hasSample: data.sample,
    cacheSeconds: data.cache_seconds,
    ...consoleSettings(data),
    accountLogRole: data.manage_account_log_role ? 'keyward' : 'managed-elsewhere',
    hasDashboard: data.dashboard,
    logRetention: data.log_retention_days,
    encryptionKeyArn: data.kms_key_arn,
  };
}

function signInSettings({
  sign_in: signIn,
}: DeploymentData): Pick<Settings, 'ownIssuer' | 'accountsMadeBy' | 'secondFactor'> {
  if (signIn.kind === 'cognito')
    return { ownIssuer: undefined, accountsMadeBy: signIn.accounts, secondFactor: signIn.mfa };
  const { kind: _, ...issuer } = signIn;
  return { ownIssuer: new OwnIssuer(issuer), accountsMadeBy: 'operator', secondFactor: 'optional' };
}

function consoleSettings({
  console = {},
  domain,
  default_endpoint,
}: DeploymentData): Pick<
  Settings,
  'hasConsole' | 'productUrl' | Extract<keyof Settings, `console${string}`>
> {
  return {
    hasConsole: console.deploy ?? default_endpoint === 'open',
    consoleUrl: domain === undefined ? console.url : `https://${domain.name}/console/`,
    consoleDomain: domain && { domainName: domain.name, certificateArn: domain.certificate_arn },
    consoleFrameOrigins: console.frame_origins,
    consoleReturnUrl: console.return_url,
    productUrl: console.product_url,
  };
}
