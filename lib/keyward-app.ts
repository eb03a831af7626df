import { App, type AppProps, Duration } from 'aws-cdk-lib';
import { parseEventRetention } from '../core/event-retention.ts';
import { parseMaxKeysPerMember } from '../core/keys-per-member.ts';
import { Dashboard } from './dashboard.ts';
import { DataStack, type DataStackProps } from './data-stack.ts';
import { ManagementStack, type ManagementStackProps } from './management-stack.ts';
import { loadProfile } from './profile-file.ts';
import { SampleStack } from './sample-stack.ts';
import type { VerdictCache } from './verdict-cache.ts';

export interface KeywardAppProps extends AppProps {
  /**
   * The name of a profile, or the absolute path of one.
   * @default the context's `profile`, or else `standard`
   */
  readonly profile?: string;
}

const NAME = /^[A-Za-z][A-Za-z0-9-]{0,39}$/;

/** The tables may not go while functions still name them. Context of the constructor would give way to that of `cdk.json`. */
const REFERENCES = { '@aws-cdk/core:defaultCrossStackReferences': 'strong' };

/**
 * All stacks of one product. Context: `profile`; `name`, the stacks' prefix where one account holds two products;
 * `console-url`, where people sign in from; `accounts=anyone`, if whoever wants to may make an account; `mfa=required`, if
 * nobody signs in without a second factor; `alarm-topic`, the ARN of the SNS topic that alarms tell; `cache-seconds`, for how
 * long verdicts on calls of the sample API are kept; `default-endpoint=closed`, where custom domains lead to the APIs;
 * `events-retention-days`, for how long the audit log is, or `forever`; `keys-per-member`, how many active keys of a
 * workspace a member may have.
 */
export class KeywardApp extends App {
  readonly #prefix: string;

  constructor(props: KeywardAppProps = {}) {
    super({ ...props, postCliContext: { ...props.postCliContext, ...REFERENCES } });
    const profileFile = loadProfile(props.profile ?? this.node.tryGetContext('profile') ?? 'standard');
    this.#prefix = this.node.tryGetContext('name') ?? 'Keyward';
    if (!NAME.test(this.#prefix))
      throw new Error('The context value name must be letters, digits and hyphens.');
    const alarmTopicArn = alarmTopicContext(this);
    const { tables, signIn } = new DataStack(this, this.stackName('Data'), {
      ...{ profileFile, alarmTopicArn },
      ...signInContext(this),
      ...eventContext(this),
    });
    const verdictCache = verdictCacheContext(this);
    const isKept = verdictCache !== undefined;
    const shared = { profileFile, tables, alarmTopicArn, ...endpointContext(this) };
    const sample = new SampleStack(this, this.stackName('Sample'), {
      ...{ ...shared, setsAccountLogRole: isKept },
      ...(isKept && { verdictCache }),
    });
    const management = new ManagementStack(this, this.stackName('Api'), {
      ...{ ...shared, signIn, setsAccountLogRole: !isKept },
      ...keysPerMemberContext(this),
      flushes: isKept ? [sample.api] : [],
    });
    new Dashboard(management, 'Dashboard', {
      tables,
      dataStackName: this.stackName('Data'),
      apis: [
        { title: 'Product API', stackName: this.stackName('Sample'), apiId: 'Api' },
        { title: 'Management API', stackName: this.stackName('Api'), apiId: 'Api' },
      ],
    });
    // The role by which API Gateway writes logs is the account's: the stack that sets it is deployed before the other. Where
    // verdicts are kept the management API needs the sample's, to flush it.
    if (!isKept) sample.addStackDependency(management);
  }

  stackName(part: 'Data' | 'Api' | 'Sample'): string {
    return `${this.#prefix}-${part}`;
  }
}

function alarmTopicContext({ node }: App): string | undefined {
  const arn = node.tryGetContext('alarm-topic');
  if (arn === undefined || /^arn:[a-z-]+:sns:[a-z0-9-]+:\d{12}:[\w-]+$/.test(String(arn))) return arn;
  throw new Error('The context value alarm-topic must be the ARN of an SNS topic.');
}

function endpointContext({ node }: App): { readonly closesDefaultEndpoint: boolean } {
  const asked: unknown = node.tryGetContext('default-endpoint') ?? 'open';
  if (asked === 'open' || asked === 'closed') return { closesDefaultEndpoint: asked === 'closed' };
  throw new Error('The context value default-endpoint must be open or closed.');
}

function eventContext({ node }: App): Pick<DataStackProps, 'eventRetention'> {
  const name = 'events-retention-days';
  const asked: unknown = node.tryGetContext(name);
  if (asked === undefined) return {};
  return { eventRetention: parseEventRetention(asked, `The context value ${name}`) };
}

function keysPerMemberContext({ node }: App): Pick<ManagementStackProps, 'maxKeysPerMember'> {
  const name = 'keys-per-member';
  const asked: unknown = node.tryGetContext(name);
  if (asked === undefined) return {};
  return { maxKeysPerMember: parseMaxKeysPerMember(asked, `The context value ${name}`) };
}

function signInContext({
  node,
}: App): Pick<DataStackProps, 'consoleUrl' | 'accountsMadeBy' | 'secondFactor'> {
  const consoleUrl = node.tryGetContext('console-url');
  const accountsMadeBy = node.tryGetContext('accounts') ?? 'operator';
  if (consoleUrl !== undefined && !/^https:\/\/[^\s#?]+\/$/.test(String(consoleUrl)))
    throw new Error('The context value console-url must be an address such as https://console.example.com/.');
  if (accountsMadeBy !== 'operator' && accountsMadeBy !== 'anyone')
    throw new Error('The context value accounts must be operator or anyone.');
  const secondFactor = node.tryGetContext('mfa') ?? 'optional';
  if (secondFactor !== 'optional' && secondFactor !== 'required')
    throw new Error('The context value mfa must be optional or required.');
  return { ...(consoleUrl !== undefined && { consoleUrl }), accountsMadeBy, secondFactor };
}

function verdictCacheContext({ node }: App): VerdictCache | undefined {
  const seconds = node.tryGetContext('cache-seconds');
  if (seconds === undefined) return undefined;
  if (!/^\d{1,9}$/.test(String(seconds)))
    throw new Error('The context value cache-seconds must be a whole number of seconds.');
  return { ttl: Duration.seconds(Number(seconds)), checkedAgainBy: 'guard' };
}
