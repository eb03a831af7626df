import { CfnOutput, RemovalPolicy, Stack, type StackProps } from 'aws-cdk-lib';
import { AttributeType, BillingMode, Table } from 'aws-cdk-lib/aws-dynamodb';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';
import { InvalidProfile } from '../core/invalid.ts';
import { MCP_HTTP_METHODS } from '../core/mcp-message.ts';
import type { Profile } from '../core/profile.ts';
import type { LogRoleSetter } from './account-log-role.ts';
import type { EntryName } from './bundle.ts';
import { holdToProduct, importProduct } from './deployed-product.ts';
import { acknowledge } from './findings.ts';
import { GuardedApi, type GuardedApiProps } from './guarded-api.ts';
import type { KeyTables } from './key-tables.ts';
import { KeywardFunction, secretHandling } from './keyward-function.ts';
import { ProductAuthorizer } from './product-authorizer.ts';
import type { ProfileFile } from './profile-file.ts';
import { isGranted } from './route-check.ts';
import { routesOf } from './sample-routes.ts';
import type { VerdictCache } from './verdict-cache.ts';

export interface SampleStackProps extends StackProps {
  readonly profileFile: ProfileFile;
  readonly tables: KeyTables;
  /** The ARN of the SNS topic that alarms tell. */
  readonly alarmTopicArn?: string | undefined;
  /** @default the one of the profile's name, or else collections of rows */
  readonly sample?: Sample;
  /**
   * For a sample behind an authorizer.
   * @default verdicts are not kept
   */
  readonly verdictCache?: VerdictCache;
  /** As {@link GuardedApiProps.accountLogRole}. @default 'keyward' */
  readonly accountLogRole?: LogRoleSetter | undefined;
  /** As {@link GuardedApiProps.closesDefaultEndpoint}. @default false */
  readonly closesDefaultEndpoint?: boolean;
}

export interface Sample {
  readonly entry: EntryName;
  /** The function that serves MCP, where it is another one: it needs what the other has no use for. */
  readonly mcpEntry?: EntryName;
  readonly hasRows: boolean;
  /** Who verifies on the profile's routes: the authorizer in front of the function, or the function's own guard. */
  readonly verifiedBy: 'authorizer' | 'guard';
}

/** What a product has that is given no sample of its own: collections of rows under whatever routes it declares. */
const COLLECTIONS: Sample = { entry: 'sample-collections', hasRows: true, verifiedBy: 'authorizer' };

const SAMPLES: Readonly<Record<string, Sample>> = {
  socialcrm: { entry: 'sample-socialcrm', hasRows: true, verifiedBy: 'guard' },
  sophic: {
    entry: 'sample-documents',
    mcpEntry: 'sample-documents-mcp',
    hasRows: true,
    verifiedBy: 'authorizer',
  },
  supersonic: { entry: 'sample-crm', hasRows: true, verifiedBy: 'guard' },
  'supersonic-authorized': { entry: 'sample-crm-authorized', hasRows: true, verifiedBy: 'authorizer' },
  supertone: { entry: 'sample-voices', hasRows: false, verifiedBy: 'authorizer' },
};

/** @throws for a profile whose MCP server or public documents nobody would serve: collections of rows are neither. */
function sampleOf({ name, mcp, publicRoutes }: Profile): Sample {
  const sample = SAMPLES[name];
  if (sample !== undefined) return sample;
  if (mcp === undefined && publicRoutes.length === 0) return COLLECTIONS;
  throw new InvalidProfile(
    `The profile ${name} has mcp or public_routes, and there is no sample that serves them: name one in lib/sample-stack.ts, or leave "sample" out of cdk.json.`,
  );
}

/** Every function of a sample that stands behind an authorizer holds the guard. */
const GUARDED = { answersRateLimit: 'guard' } as const;

/** A product's API as a customer of Keyward would build it: a function with a guard, an authorizer, some rows. */
export class SampleStack extends Stack {
  readonly api: GuardedApi;

  constructor(scope: Construct, id: string, props: SampleStackProps) {
    super(scope, id, { description: 'Keyward: a sample product API', ...props });
    const { profileFile, tables, verdictCache } = props;
    const { profile, path } = profileFile;
    holdToProduct(this, profile);
    importProduct(this, profile, tables);
    const { entry, mcpEntry, hasRows, verifiedBy } = props.sample ?? sampleOf(profile);
    const hasAuthorizer = verifiedBy === 'authorizer' || profile.mcp?.verifiedBy === 'authorizer';
    if (verdictCache !== undefined && !hasAuthorizer)
      throw new InvalidProfile(
        `The verdicts on credentials of ${profile.name} cannot be kept: a guard decides on each request anew.`,
      );
    const verifiesItself = verifiedBy === 'guard' || profile.mcp?.verifiedBy === 'guard';
    const sample = new KeywardFunction(this, 'Sample', {
      entry,
      profilePath: path,
      description: `Keyward: the sample API of ${profile.name}`,
      ...(verifiesItself && secretHandling(profile)),
    });
    const mcpSample =
      mcpEntry === undefined
        ? sample
        : new KeywardFunction(this, 'SampleMcp', {
            entry: mcpEntry,
            profilePath: path,
            description: `Keyward: the sample MCP server of ${profile.name}`,
          });
    if (hasRows) this.#addRows(new Set([sample, mcpSample]));
    this.api = new GuardedApi(this, 'Api', {
      description: `Sample API of ${profile.name}`,
      presentation: profile.presentation,
      realm: profile.realm,
      accountLogRole: props.accountLogRole,
      closesDefaultEndpoint: props.closesDefaultEndpoint ?? false,
      alarmTopicArn: props.alarmTopicArn,
      withoutAlarms: profile.rateLimits === undefined ? ['LimitDegraded'] : [],
      ...(verdictCache && { verdictCache }),
      ...(hasAuthorizer && {
        authorizer: new ProductAuthorizer(this, 'ProductAuthorizer', {
          profileFile,
          tables,
        }),
      }),
    });
    const { api } = this;
    for (const { method, path: route } of routesOf(profile.routes)) {
      // `* /books/**` may be more than scopes grant.
      if (!isGranted(profile, method, route)) continue;
      if (verifiedBy === 'authorizer') api.addRoute(method, route, sample, GUARDED);
      else api.addSelfVerifyingRoute(method, route, sample, tables);
    }
    for (const route of profile.publicRoutes) {
      const [method = '', publicPath = ''] = route.split(' ');
      api.addPublicRoute(method, publicPath, sample);
    }
    for (const method of profile.mcp ? MCP_HTTP_METHODS : []) {
      const { path: mcpPath = '/', verifiedBy: mcpVerifiedBy } = profile.mcp ?? {};
      if (profile.publicRoutes.includes(`${method} ${mcpPath}`)) continue;
      if (mcpVerifiedBy === 'authorizer') api.addRoute(method, mcpPath, mcpSample, GUARDED);
      else api.addSelfVerifyingRoute(method, mcpPath, mcpSample, tables);
    }
    new CfnOutput(this, 'ApiUrl', { value: api.restApi.url });
  }

  #addRows(samples: ReadonlySet<KeywardFunction>): void {
    const rows = new Table(this, 'Rows', {
      partitionKey: { name: 'pk', type: AttributeType.STRING },
      sortKey: { name: 'id', type: AttributeType.STRING },
      billingMode: BillingMode.PAY_PER_REQUEST,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    acknowledge(rows, 'DDB3');
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
