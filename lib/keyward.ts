import { CfnOutput } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { KeyAuthorizer } from './apis/key-authorizer.ts';
import { Console, type ConsoleProps } from './console/console.ts';
import { Dashboard } from './dashboard.ts';
import { profileFileOf } from './files/profile-file.ts';
import { KeywardData, type KeywardDataProps, outputsOf } from './keyward-data.ts';
import { ManagementApi, type ManagementApiProps } from './management/management-api.ts';
import { metricsNameOf, pathInStack } from './parts/part-name.ts';
import type { SignInSource } from './sign-in/sign-in-source.ts';
import { assertProductStays } from './tables/deployed-product.ts';
import type { KeyTables } from './tables/key-tables.ts';

export interface KeywardProps
  extends KeywardDataProps,
    Omit<ManagementApiProps, 'signIn' | 'tables'>,
    Pick<ConsoleProps, 'domain' | 'frameOrigins' | 'productApi' | 'returnUrl'> {
  /**
   * Whether there is a console, where people see to their keys. It calls the management API at its default endpoint.
   * @default true, unless `closesDefaultEndpoint` is
   */
  readonly hasConsole?: boolean | undefined;
  /**
   * Whether there is a dashboard in CloudWatch, which costs 3 USD a month.
   * @default false
   */
  readonly hasDashboard?: boolean | undefined;
  /**
   * Where the console is, as `https://…/console/`. People sign in from there. Without a `domain`, CloudFront chooses its address in the
   * first deployment: it is an output of the stack.
   * @default that of the `domain`. Without one, people sign in from a console on their own machine only
   */
  readonly consoleUrl?: string | undefined;
}

/**
 * Keys for one product: tables, sign-in, management API and console, in any stack, stage or pipeline. `authorizer` lets an API that
 * you have check the keys. Two of them share nothing, whether they stand in two stacks or in one, which has room for one console.
 */
export class Keyward extends Construct {
  /** The tables of its keys. */
  readonly tables: KeyTables;
  /** Where people sign in. */
  readonly signIn: SignInSource;
  /** The API by which keys are issued, changed and revoked. */
  readonly managementApi: ManagementApi;
  /** `undefined` where `hasConsole` is false. */
  readonly console: Console | undefined;
  readonly #props: KeywardProps;
  #authorizer: KeyAuthorizer | undefined;

  /** @throws `InvalidProfile` for a profile that is not valid, and for another prop that is not. */
  constructor(scope: Construct, id: string, props: KeywardProps) {
    super(scope, id);
    this.#props = props;
    const { domain, closesDefaultEndpoint = false, hasConsole = !closesDefaultEndpoint } = props;
    if (hasConsole && closesDefaultEndpoint)
      throw new Error(
        'The console calls the management API at the address that API Gateway gives it: leave closesDefaultEndpoint out, or set hasConsole to false.',
      );
    const profileFile = profileFileOf(props.profile);
    assertProductStays(this, profileFile.profile);
    const consoleUrl = props.consoleUrl ?? (domain && `https://${domain.domainName}/console/`);
    const shared = { ...props, profile: profileFile, consoleUrl };
    const data = new KeywardData(this, 'Data', shared);
    this.tables = data.tables;
    this.signIn = data.signIn;
    this.managementApi = new ManagementApi(this, 'ManagementApi', {
      ...shared,
      tables: data.tables,
      signIn: data.signIn,
    });
    const { restApi } = this.managementApi;
    this.console = hasConsole
      ? new Console(this, 'Console', { ...shared, managementApi: restApi, signIn: data.signIn })
      : undefined;
    for (const [name, value] of outputsOf(data)) this.#addOutput(name, value);
    this.#addOutput('ManagementUrl', restApi.url);
    if (this.console !== undefined) this.#addConsoleOutputs(this.console);
    if (props.hasDashboard === true) this.#addDashboard(data);
  }

  /**
   * Checks the product's keys in front of an API of this stack: `rest` for a REST API, `http` for HTTP APIs. In another stack, make a
   * `KeyAuthorizer` with these tables.
   */
  get authorizer(): KeyAuthorizer {
    const { logRetention } = this.#props;
    this.#authorizer ??= new KeyAuthorizer(this, 'Authorizer', { tables: this.tables, logRetention });
    return this.#authorizer;
  }

  /** The command line finds an output by the end of its name, so the name has no hash behind it. */
  #addOutput(name: string, value: string): void {
    const output = new CfnOutput(this, name, { value });
    output.overrideLogicalId(`${pathInStack(this)}-${name}`.replaceAll(/[^A-Za-z0-9]/g, ''));
  }

  #addConsoleOutputs({ url, distribution }: Console): void {
    this.#addOutput('ConsoleUrl', url);
    // What a domain of your own has to point to.
    this.#addOutput('DistributionDomain', distribution.distributionDomainName);
  }

  #addDashboard(data: KeywardData): void {
    const stackName = metricsNameOf(this.managementApi);
    new Dashboard(this, 'Dashboard', {
      tables: data.tables,
      dataStackName: metricsNameOf(data),
      managementStackName: stackName,
      apis: [{ title: 'Management API', stackName, apiId: 'Api' }],
    });
  }
}
