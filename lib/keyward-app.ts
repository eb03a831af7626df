import { App, type AppProps } from 'aws-cdk-lib';
import { parseEventRetention } from '../core/event-retention.ts';
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
 * `console-url`, where people sign in from, and `accounts=anyone`, if whoever wants to may make an account;
 * `events-retention-days`, for how long the audit log is kept, or `forever`.
 */
export class KeywardApp extends App {
  readonly #prefix: string;

  constructor(props: KeywardAppProps = {}) {
    super({ ...props, context: { ...CONTEXT, ...props.context } });
    const profileFile = loadProfile(props.profile ?? this.node.tryGetContext('profile') ?? 'standard');
    this.#prefix = this.node.tryGetContext('name') ?? 'Keyward';
    if (!NAME.test(this.#prefix))
      throw new Error('The context value name must be letters, digits and hyphens.');
    const { tables, signIn } = new DataStack(this, this.stackName('Data'), {
      profileFile,
      ...signInContext(this),
      ...eventContext(this),
    });
    const management = new ManagementStack(this, this.stackName('Api'), { profileFile, tables, signIn });
    const sample = new SampleStack(this, this.stackName('Sample'), { profileFile, tables });
    // The role by which API Gateway writes logs is the account's, and the management stack sets it.
    sample.addStackDependency(management);
  }

  stackName(part: 'Data' | 'Api' | 'Sample'): string {
    return `${this.#prefix}-${part}`;
  }
}

function eventContext({ node }: App): Pick<DataStackProps, 'eventRetention'> {
  const name = 'events-retention-days';
  const asked: unknown = node.tryGetContext(name);
  if (asked === undefined) return {};
  return { eventRetention: parseEventRetention(asked, `The context value ${name}`) };
}

function signInContext({ node }: App): Pick<DataStackProps, 'consoleUrl' | 'accountsMadeBy'> {
  const consoleUrl = node.tryGetContext('console-url');
  const accountsMadeBy = node.tryGetContext('accounts') ?? 'operator';
  if (consoleUrl !== undefined && !/^https:\/\/[^\s#?]+\/$/.test(String(consoleUrl)))
    throw new Error('The context value console-url must be an address such as https://console.example.com/.');
  if (accountsMadeBy !== 'operator' && accountsMadeBy !== 'anyone')
    throw new Error('The context value accounts must be operator or anyone.');
  return { ...(consoleUrl !== undefined && { consoleUrl }), accountsMadeBy };
}
