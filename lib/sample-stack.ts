import { CfnOutput, RemovalPolicy, Stack, type StackProps } from 'aws-cdk-lib';
import { AttributeType, BillingMode, Table } from 'aws-cdk-lib/aws-dynamodb';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';
import { MCP_HTTP_METHODS } from '../core/mcp/message.ts';
import { InvalidProfile } from '../core/profile/parse-profile.ts';
import type { Profile } from '../core/profile/profile.ts';
import { isGranted } from './apis/granted-route.ts';
import { GuardedApi } from './apis/guarded-api.ts';
import type { DeployedApiProps } from './apis/guarded-api-props.ts';
import { KeyAuthorizer } from './apis/key-authorizer.ts';
import type { VerdictCache } from './apis/verdict-cache.ts';
import type { ProfileFile } from './files/profile-file.ts';
import type { EntryName } from './functions/bundle.ts';
import { KeywardFunction, memoryForVerifying } from './functions/keyward-function.ts';
import { alarmTargetOf } from './monitoring/api-alarms.ts';
import { acknowledgeFinding } from './parts/findings.ts';
import { routesOf, type Sample, sampleOf } from './samples.ts';
import { assertProductStays, assertSameProduct, importProduct } from './tables/deployed-product.ts';
import type { IKeyTables } from './tables/table-access.ts';

export interface SampleStackProps extends StackProps, DeployedApiProps {
  /** The profile of the product, as `loadProfile` has read it. */
  readonly profileFile: ProfileFile;
  /** The tables with the product’s keys. */
  readonly tables: IKeyTables;
  /**
   * What the sample offers.
   * @default the sample with the profile's name, otherwise one that answers with the caller that the guard let through
   */
  readonly sample?: Sample | undefined;
  /**
   * For a sample behind an authorizer.
   * @default no verdict is cached
   */
  readonly verdictCache?: VerdictCache | undefined;
}

/** Every function of a sample that stands behind an authorizer holds the guard. */
const GUARDED = { answersRateLimit: 'guard' } as const;

/** A product's API as a customer of Keyward would build it: functions with guards, an authorizer, some rows. */
export class SampleStack extends Stack {
  readonly api: GuardedApi;
  readonly #props: SampleStackProps;
  readonly #profile: Profile;
  readonly #sample: Sample;

  /** @throws where the tables belong to another product, or where verdicts cannot be cached. */
  constructor(scope: Construct, id: string, props: SampleStackProps) {
    super(scope, id, { description: 'Keyward: a sample product API', ...props });
    const { profile } = props.profileFile;
    this.#props = props;
    this.#profile = profile;
    this.#sample = props.sample ?? sampleOf(profile);
    assertProductStays(this, profile);
    assertSameProduct(profile.name, props.tables);
    importProduct(this, props.tables);
    const { verifiedBy, mcpEntry, hasRows } = this.#sample;
    const hasAuthorizer = verifiedBy === 'authorizer' || profile.mcp?.verifiedBy === 'authorizer';
    if (props.verdictCache !== undefined && !hasAuthorizer)
      throw new InvalidProfile(
        `The verdicts on credentials of ${profile.name} cannot be cached: a guard decides on each request anew.`,
      );
    const sample = this.#addFunction();
    const mcpSample = mcpEntry === undefined ? sample : this.#addMcpFunction(mcpEntry);
    if (hasRows) this.#addRows(new Set([sample, mcpSample]));
    this.api = this.#addApi(hasAuthorizer);
    this.#addRoutes(sample);
    this.#addMcpRoutes(mcpSample);
    new CfnOutput(this, 'ApiUrl', { value: this.api.restApi.url });
  }

  #addFunction(): KeywardFunction {
    const verifiesItself = this.#sample.verifiedBy === 'guard' || this.#profile.mcp?.verifiedBy === 'guard';
    return new KeywardFunction(this, 'Sample', {
      entry: this.#sample.entry,
      profilePath: this.#props.profileFile.path,
      description: `Keyward: the sample API of ${this.#profile.name}`,
      logRetention: this.#props.logRetention,
      memoryMegabytes: verifiesItself ? memoryForVerifying(this.#profile) : undefined,
    });
  }

  #addMcpFunction(entry: EntryName): KeywardFunction {
    const verifiesItself = this.#profile.mcp?.verifiedBy === 'guard';
    return new KeywardFunction(this, 'SampleMcp', {
      entry,
      profilePath: this.#props.profileFile.path,
      description: `Keyward: the sample MCP server of ${this.#profile.name}`,
      logRetention: this.#props.logRetention,
      memoryMegabytes: verifiesItself ? memoryForVerifying(this.#profile) : undefined,
    });
  }

  #addApi(hasAuthorizer: boolean): GuardedApi {
    const { tables, verdictCache, logRetention } = this.#props;
    const { name, presentation, realm, errors, rateLimits } = this.#profile;
    return new GuardedApi(this, 'Api', {
      ...alarmTargetOf(this.#props),
      description: `Sample API of ${name}`,
      presentation,
      realm,
      errors,
      binaryMediaTypes: this.#sample.binaryMediaTypes ?? [],
      accountLogRole: this.#props.accountLogRole,
      closesDefaultEndpoint: this.#props.closesDefaultEndpoint,
      allowedOrigins: this.#props.allowedOrigins,
      logRetention,
      withoutAlarms: rateLimits === undefined ? ['LimitDegraded'] : [],
      verdictCache,
      authorizer: hasAuthorizer
        ? new KeyAuthorizer(this, 'ProductAuthorizer', { tables, logRetention })
        : undefined,
    });
  }

  #addRoutes(sample: KeywardFunction): void {
    const { api } = this;
    const { routes, publicRoutes, mcp } = this.#profile;
    const isOfMcp = (method: string, path: string) =>
      path === mcp?.path && MCP_HTTP_METHODS.some((each) => each === method);
    for (const { method, path } of routesOf(routes, this.#sample.offer)) {
      // A pattern such as `* /books/**` may have methods that no scope grants.
      if (!isGranted(this.#profile, method, path) || isOfMcp(method, path)) continue;
      if (this.#sample.verifiedBy === 'authorizer') api.addRoute(method, path, sample, GUARDED);
      else api.addSelfVerifyingRoute(method, path, sample, this.#props.tables);
    }
    for (const route of publicRoutes) {
      const [method = '', path = ''] = route.split(' ');
      api.addPublicRoute(method, path, sample);
    }
  }

  #addMcpRoutes(sample: KeywardFunction): void {
    const { mcp, publicRoutes } = this.#profile;
    if (mcp === undefined) return;
    for (const method of MCP_HTTP_METHODS) {
      if (publicRoutes.includes(`${method} ${mcp.path}`)) continue;
      if (mcp.verifiedBy === 'authorizer') this.api.addRoute(method, mcp.path, sample, GUARDED);
      else this.api.addSelfVerifyingRoute(method, mcp.path, sample, this.#props.tables);
    }
  }

  #addRows(samples: ReadonlySet<KeywardFunction>): void {
    const rows = new Table(this, 'Rows', {
      partitionKey: { name: 'pk', type: AttributeType.STRING },
      sortKey: { name: 'id', type: AttributeType.STRING },
      billingMode: BillingMode.PAY_PER_REQUEST,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    acknowledgeFinding(rows, 'DDB3');
    for (const sample of samples) {
      sample.addEnvironment('ROWS_TABLE', rows.tableName);
      sample.addToRolePolicy(
        new PolicyStatement({
          actions: ['GetItem', 'PutItem', 'DeleteItem', 'Query'].map((action) => `dynamodb:${action}`),
          resources: [rows.tableArn],
        }),
      );
    }
  }
}
