import { App, type AppProps, Duration } from 'aws-cdk-lib';
import { Dashboard } from './dashboard.ts';
import { DataStack } from './data-stack.ts';
import { ManagementStack } from './management-stack.ts';
import { loadProfile } from './profile-file.ts';
import { SampleStack } from './sample-stack.ts';
import { readSettings, type Settings } from './settings.ts';
import { type StackPart, stackNameOf } from './stack-names.ts';
import type { VerdictCache } from './verdict-cache.ts';

export interface KeywardAppProps extends AppProps {
  /**
   * The name of a profile, or the path of its file.
   * @default the context's `profile`, without which there is no app
   */
  readonly profile?: string;
}

/** The tables may not go while functions still name them. Context of the constructor would give way to that of `cdk.json`. */
const REFERENCES = { '@aws-cdk/core:defaultCrossStackReferences': 'strong' };

/** All stacks of one product, as the settings in the context say: {@link Settings}. */
export class KeywardApp extends App {
  readonly #settings: Settings;

  /** @throws {InvalidSetting} for a setting that is not known or not valid, and `InvalidProfile` for such a profile. */
  constructor({ profile, ...props }: KeywardAppProps = {}) {
    super({ ...props, postCliContext: { ...props.postCliContext, ...REFERENCES } });
    const context = this.node.getAllContext();
    this.#settings = readSettings({ ...context, ...(profile !== undefined && { profile }) });
    const { alarmTopicArn, consoleUrl, accountsMadeBy, secondFactor } = this.#settings;
    const { eventRetention, maxKeysPerMember, closesDefaultEndpoint } = this.#settings;
    const profileFile = loadProfile(this.#settings.profile);
    const { tables, signIn } = new DataStack(this, this.stackName('Data'), {
      ...{ profileFile, alarmTopicArn, accountsMadeBy, secondFactor },
      ...(consoleUrl !== undefined && { consoleUrl }),
      ...(eventRetention !== undefined && { eventRetention }),
    });
    const verdictCache = verdictCacheOf(this.#settings);
    const isKept = verdictCache !== undefined;
    const shared = { profileFile, tables, alarmTopicArn, closesDefaultEndpoint };
    const sample = new SampleStack(this, this.stackName('Sample'), {
      ...{ ...shared, setsAccountLogRole: isKept },
      ...(isKept && { verdictCache }),
    });
    const management = new ManagementStack(this, this.stackName('Api'), {
      ...{ ...shared, signIn, setsAccountLogRole: !isKept },
      ...(maxKeysPerMember !== undefined && { maxKeysPerMember }),
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

  stackName(part: StackPart): string {
    return stackNameOf(this.#settings, part);
  }
}

function verdictCacheOf({ cacheSeconds }: Settings): VerdictCache | undefined {
  if (cacheSeconds === undefined) return undefined;
  return { ttl: Duration.seconds(cacheSeconds), checkedAgainBy: 'guard' };
}
