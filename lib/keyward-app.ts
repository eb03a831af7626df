import { App, type AppProps, Duration } from 'aws-cdk-lib';
import { Dashboard } from './dashboard.ts';
import { DataStack } from './data-stack.ts';
import type { KeyTables } from './key-tables.ts';
import { ManagementStack } from './management-stack.ts';
import { loadProfile, type ProfileFile } from './profile-file.ts';
import { SampleStack, type SampleStackProps } from './sample-stack.ts';
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
    const { alarmTopicArn, accountLogRole, closesDefaultEndpoint, allowedOrigins, hasDashboard } =
      this.#settings;
    const profileFile = loadProfile(this.#settings.profile);
    const { tables, signIn } = this.#addData(profileFile);
    const shared = {
      profileFile,
      tables,
      alarmTopicArn,
      accountLogRole,
      closesDefaultEndpoint,
      ...(allowedOrigins && { allowedOrigins }),
    };
    const sample = this.#settings.hasSample ? this.#addSample(shared) : undefined;
    const { maxKeysPerMember, cacheSeconds } = this.#settings;
    const management = new ManagementStack(this, this.stackName('Api'), {
      ...shared,
      signIn,
      ...(maxKeysPerMember !== undefined && { maxKeysPerMember }),
      flushes: sample !== undefined && cacheSeconds !== undefined ? [sample.api] : [],
    });
    if (hasDashboard) this.#addDashboard(management, tables);
  }

  stackName(part: StackPart): string {
    return stackNameOf(this.#settings, part);
  }

  #addData(profileFile: ProfileFile): DataStack {
    const { consoleUrl, eventRetention, alarmTopicArn, accountsMadeBy, secondFactor, accountLogRole } =
      this.#settings;
    return new DataStack(this, this.stackName('Data'), {
      profileFile,
      alarmTopicArn,
      accountsMadeBy,
      secondFactor,
      accountLogRole,
      ...(consoleUrl !== undefined && { consoleUrl }),
      ...(eventRetention !== undefined && { eventRetention }),
    });
  }

  #addSample(shared: SampleStackProps): SampleStack {
    const verdictCache = verdictCacheOf(this.#settings);
    return new SampleStack(this, this.stackName('Sample'), {
      ...shared,
      ...(verdictCache !== undefined && { verdictCache }),
    });
  }

  #addDashboard(management: ManagementStack, tables: KeyTables): void {
    const [api, sample] = [this.stackName('Api'), this.stackName('Sample')];
    new Dashboard(management, 'Dashboard', {
      tables,
      dataStackName: this.stackName('Data'),
      apis: [
        ...(this.#settings.hasSample ? [{ title: 'Product API', stackName: sample, apiId: 'Api' }] : []),
        { title: 'Management API', stackName: api, apiId: 'Api' },
      ],
    });
  }
}

function verdictCacheOf({ cacheSeconds }: Settings): VerdictCache | undefined {
  if (cacheSeconds === undefined) return undefined;
  return { ttl: Duration.seconds(cacheSeconds), checkedAgainBy: 'guard' };
}
