import { App, type AppProps } from 'aws-cdk-lib';
import { Dashboard } from './dashboard.ts';
import { DataStack, type DataStackProps } from './data-stack.ts';
import { ManagementStack } from './management-stack.ts';
import { loadProfile } from './profile-file.ts';
import { SampleStack } from './sample-stack.ts';

export interface KeywardAppProps extends AppProps {
  /**
   * The name of a profile, or the absolute path of one.
   * @default the context's `profile`, or else `standard`
   */
  readonly profile?: string;
}

const NAME = /^[A-Za-z][A-Za-z0-9-]{0,39}$/;

/** The tables may not go while functions still name them. */
const CONTEXT = { '@aws-cdk/core:defaultCrossStackReferences': 'strong' };

/**
 * All stacks of one product. Context: `profile`; `name`, the stacks' prefix where one account holds two products;
 * `console-url`, where people sign in from; `accounts=anyone`, if whoever wants to may make an account; `mfa=required`, if
 * nobody signs in without a second factor; `alarm-topic`, the ARN of the SNS topic that alarms tell.
 */
export class KeywardApp extends App {
  readonly #prefix: string;

  constructor(props: KeywardAppProps = {}) {
    super({ ...props, context: { ...CONTEXT, ...props.context } });
    const profileFile = loadProfile(props.profile ?? this.node.tryGetContext('profile') ?? 'standard');
    this.#prefix = this.node.tryGetContext('name') ?? 'Keyward';
    if (!NAME.test(this.#prefix))
      throw new Error('The context value name must be letters, digits and hyphens.');
    const alarmTopicArn = alarmTopicContext(this);
    const { tables, signIn } = new DataStack(this, this.stackName('Data'), {
      ...{ profileFile, alarmTopicArn },
      ...signInContext(this),
    });
    const kept = { profileFile, tables, alarmTopicArn };
    const management = new ManagementStack(this, this.stackName('Api'), { ...kept, signIn });
    const sample = new SampleStack(this, this.stackName('Sample'), kept);
    new Dashboard(management, 'Dashboard', {
      tables,
      dataStackName: this.stackName('Data'),
      apis: [
        { title: 'Product API', stackName: this.stackName('Sample'), apiId: 'Api' },
        { title: 'Management API', stackName: this.stackName('Api'), apiId: 'Api' },
      ],
    });
    // The role by which API Gateway writes logs is the account's, and the management stack sets it.
    sample.addStackDependency(management);
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
