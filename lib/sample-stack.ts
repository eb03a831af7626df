import { CfnOutput, RemovalPolicy, Stack, type StackProps } from 'aws-cdk-lib';
import { AttributeType, BillingMode, Table } from 'aws-cdk-lib/aws-dynamodb';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';
import { MCP_HTTP_METHODS } from '../core/mcp/message.ts';
import { InvalidProfile } from '../core/profile/parse-profile.ts';
import type { Profile } from '../core/profile/profile.ts';
import type { LogRoleSetter } from './account-log-role.ts';
import { isGranted } from './api-check.ts';
import { holdToProduct, importProduct } from './deployed-product.ts';
import { acknowledge } from './findings.ts';
import { GuardedApi } from './guarded-api.ts';
import type { GuardedApiProps } from './guarded-api-props.ts';
import type { KeyTables } from './key-tables.ts';
import { KeywardFunction, secretHandling } from './keyward-function.ts';
import { ProductAuthorizer } from './product-authorizer.ts';
import type { ProfileFile } from './profile-file.ts';
import { routesOf, type Sample } from './samples.ts';
import type { VerdictCache } from './verdict-cache.ts';

export interface SampleStackProps extends StackProps {
  readonly profileFile: ProfileFile;
  readonly tables: KeyTables;
  /** The ARN of the SNS topic that alarms tell. */
  readonly alarmTopicArn?: string | undefined;
  /** @default the one of the profile's name, or else one that answers with what the guard has let through */
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
  /** As {@link GuardedApiProps.allowedOrigins}. @default none */
  readonly allowedOrigins?: readonly string[];
}

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
  standard: { entry: 'sample-collections', hasRows: true, verifiedBy: 'authorizer' },
  supertone: {
    entry: 'sample-voices',
    hasRows: false,
    verifiedBy: 'authorizer',
    binaryMediaTypes: ['audio/wav', 'audio/mpeg'],
  },
};

function sampleOf(profile: Profile): Sample {
  const sample = Object.hasOwn(SAMPLES, profile.name) ? SAMPLES[profile.name] : undefined;
  return sample ?? anySample(profile);
}

/** What a product has that is given no sample of its own: all its routes and tools, which say who has called them. */
function anySample({ routes, publicRoutes, mcp }: Profile): Sample {
  const mcpEntry = mcp?.verifiedBy === 'authorizer' ? 'sample-any-mcp-authorized' : 'sample-any-mcp';
  if (routes.length === 0 && publicRoutes.length === 0)
    return { entry: mcpEntry, hasRows: false, verifiedBy: mcp?.verifiedBy ?? 'guard' };
  return {
    entry: 'sample-any',
    ...(mcp && { mcpEntry }),
    hasRows: false,
    offer: 'everything',
    verifiedBy: routes.length === 0 ? 'guard' : 'authorizer',
  };
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
    const own = props.sample ?? sampleOf(profile);
    const { entry, mcpEntry, hasRows, offer, verifiedBy, binaryMediaTypes = [] } = own;
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
            ...(profile.mcp?.verifiedBy === 'guard' && secretHandling(profile)),
          });
    if (hasRows) this.#addRows(new Set([sample, mcpSample]));
    this.api = new GuardedApi(this, 'Api', {
      description: `Sample API of ${profile.name}`,
      presentation: profile.presentation,
      realm: profile.realm,
      errors: profile.errors,
      binaryMediaTypes,
      accountLogRole: props.accountLogRole,
      closesDefaultEndpoint: props.closesDefaultEndpoint ?? false,
      ...(props.allowedOrigins && { allowedOrigins: props.allowedOrigins }),
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
    const isOfMcp = (method: string, route: string) =>
      route === profile.mcp?.path && MCP_HTTP_METHODS.some((each) => each === method);
    for (const { method, path: route } of routesOf(profile.routes, offer)) {
      // `* /books/**` may be more than scopes grant.
      if (!isGranted(profile, method, route) || isOfMcp(method, route)) continue;
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
