import { App, type AppProps, Duration } from 'aws-cdk-lib';
import type { DeployedApiProps } from './apis/guarded-api-props.ts';
import { ConsoleStack } from './console-stack.ts';
import { Dashboard } from './dashboard.ts';
import { DataStack } from './data-stack.ts';
import { assertNoneChosen, chooseDeployment } from './files/deployment-context.ts';
import { readDeployment, readDeploymentFile } from './files/deployment-file.ts';
import type { DeploymentFile } from './files/deployment-schema.ts';
import { loadProfile, type ProfileFile } from './files/profile-file.ts';
import type { Settings } from './files/settings.ts';
import { type StackPart, stackNameOf } from './files/stack-names.ts';
import { ManagementStack } from './management-stack.ts';
import { SampleStack, type SampleStackProps } from './sample-stack.ts';
import type { KeyTables } from './tables/key-tables.ts';

export interface KeywardAppProps extends AppProps {
  /**
   * The path of the file that says what is deployed, or what it would say.
   * @default the path in the context value `deployment`, otherwise `keyward.json`
   */
  readonly deployment?: string | DeploymentFile | undefined;
}

/**
 * CloudFormation must not delete tables that functions still use. This is set after the context of the command line,
 * because `cdk.json` overrides the context that a constructor sets.
 */
const REFERENCES = { '@aws-cdk/core:defaultCrossStackReferences': 'strong' };

/** All stacks of one product, as the file of the deployment says. */
export class KeywardApp extends App {
  readonly #settings: Settings;
  readonly #profileFile: ProfileFile;

  /** @throws {InvalidDeployment} for a deployment that is not valid, and `InvalidProfile` for such a profile. */
  constructor({ deployment, ...props }: KeywardAppProps = {}) {
    super({ ...props, postCliContext: { ...props.postCliContext, ...REFERENCES } });
    const context = this.node.getAllContext();
    if (deployment !== undefined) assertNoneChosen(context);
    const chosen = deployment ?? chooseDeployment(context);
    this.#settings = typeof chosen === 'object' ? readDeployment(chosen) : readDeploymentFile(chosen);
    this.#profileFile = loadProfile(this.#settings.profile);
    const data = this.#addData();
    const sample = this.#settings.hasSample ? this.#addSample(data) : undefined;
    const management = this.#addManagement(data, sample);
    if (this.#settings.hasConsole) this.#addConsole(data, management, sample);
    if (this.#settings.hasDashboard) this.#addDashboard(management, data.tables);
  }

  /** The name of one of its stacks. */
  stackName(part: StackPart): string {
    return stackNameOf(this.#settings, part);
  }

  #addData(): DataStack {
    const { consoleUrl, eventRetention, alarmTopicArn, ownIssuer, accountsMadeBy, secondFactor } =
      this.#settings;
    const { accountLogRole, logRetention, encryptionKeyArn } = this.#settings;
    return new DataStack(this, this.stackName('Data'), {
      profileFile: this.#profileFile,
      alarmTopicArn,
      ownIssuer,
      accountsMadeBy,
      secondFactor,
      accountLogRole,
      logRetention,
      encryptionKeyArn,
      consoleUrl,
      eventRetention,
    });
  }

  #addSample({ tables }: DataStack): SampleStack {
    const { cacheSeconds, allowedOrigins = [], hasConsole, consoleUrl } = this.#settings;
    const console = hasConsole && consoleUrl !== undefined ? [new URL(consoleUrl).origin] : [];
    const origins = [...new Set([...allowedOrigins, ...console])];
    return new SampleStack(this, this.stackName('Sample'), {
      ...this.#apiProps(),
      // The console shows a first call of the sample, and makes it.
      allowedOrigins: origins.length === 0 ? undefined : origins,
      tables,
      verdictCache:
        cacheSeconds === undefined
          ? undefined
          : { ttl: Duration.seconds(cacheSeconds), checkedAgainBy: 'guard' },
    });
  }

  #addManagement({ tables, signIn }: DataStack, sample: SampleStack | undefined): ManagementStack {
    const { maxKeysPerMember, cacheSeconds, consoleUrl, encryptionKeyArn } = this.#settings;
    return new ManagementStack(this, this.stackName('Api'), {
      ...this.#apiProps(),
      tables,
      signIn,
      maxKeysPerMember,
      encryptionKeyArn,
      consoleUrl,
      flushes: sample !== undefined && cacheSeconds !== undefined ? [sample.api] : [],
    });
  }

  #addConsole({ signIn }: DataStack, { restApi }: ManagementStack, sample: SampleStack | undefined): void {
    const { consoleDomain, consoleFrameOrigins, consoleReturnUrl, productUrl } = this.#settings;
    new ConsoleStack(this, this.stackName('Console'), {
      profileFile: this.#profileFile,
      managementApi: restApi,
      signIn,
      productApi: productUrl ?? sample?.api.restApi,
      frameOrigins: consoleFrameOrigins,
      returnUrl: consoleReturnUrl,
      domain: consoleDomain,
    });
  }

  /** The props that both stacks with an API have. */
  #apiProps(): DeployedApiProps & Pick<SampleStackProps, 'profileFile'> {
    const { alarmTopicArn, accountLogRole, closesDefaultEndpoint, allowedOrigins, logRetention } =
      this.#settings;
    return {
      profileFile: this.#profileFile,
      alarmTopicArn,
      accountLogRole,
      closesDefaultEndpoint,
      allowedOrigins,
      logRetention,
    };
  }

  #addDashboard(management: ManagementStack, tables: KeyTables): void {
    const product = { title: 'Product API', stackName: this.stackName('Sample'), apiId: 'Api' };
    const own = { title: 'Management API', stackName: this.stackName('Api'), apiId: 'Api' };
    new Dashboard(management, 'Dashboard', {
      tables,
      dataStackName: this.stackName('Data'),
      apis: this.#settings.hasSample ? [product, own] : [own],
    });
  }
}
