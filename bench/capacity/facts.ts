/**
 * Where a number comes from. `documented`: from AWS's documentation. `third-party`: from pages that repeat AWS's prices,
 * because AWS's own pages compute them in the browser. `unread`: widely quoted, but read nowhere. `assumed`: ours, to be measured on AWS.
 */
export type Standing = 'documented' | 'third-party' | 'unread' | 'assumed';

export interface Fact {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  readonly standing: Standing;
  readonly source: string;
}

/** When the stored copies of these pages were read. Quotas change, and differ between accounts. */
export const FACTS_READ = '2026-11-22';

const DYNAMODB_GUIDE = 'https://docs.aws.amazon.com/amazondynamodb/latest/developerguide';
const LAMBDA_QUOTAS = 'https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html';
const SCALING = 'https://docs.aws.amazon.com/lambda/latest/dg/scaling-behavior.html';
const GATEWAY_QUOTAS = 'https://docs.aws.amazon.com/apigateway/latest/developerguide/limits.html';
const GATEWAY_PRICES =
  'https://docs.aws.amazon.com/whitepapers/latest/best-practices-api-gateway-private-apis-integration/cost-optimization.html';
const PARTITIONS = `${DYNAMODB_GUIDE}/bp-partition-key-design.html`;
const NEW_TABLE = `${DYNAMODB_GUIDE}/warm-throughput.html, https://repost.aws/knowledge-center/on-demand-table-throttling-dynamodb`;
const TABLE_QUOTA = `${DYNAMODB_GUIDE}/on-demand-capacity-mode-max-throughput.html`;
const ITEM_SIZES = `${DYNAMODB_GUIDE}/CapacityUnitCalculations.html`;
const DYNAMODB_PRICES = 'https://airbyte.com/data-engineering-resources/dynamodb-pricing';
const PRICE_LIST = 'a public repository that read the AWS Price List API for us-east-1 in August 2026';
const LOG_PRICES =
  'https://www.duckbillgroup.com (Lambda logs, May 2025), https://hykell.com (CloudWatch Logs)';
const GLOBAL_TABLES = `${DYNAMODB_GUIDE}/V2globaltables_HowItWorks.html`;
const REPLICA_PRICES =
  'https://www.jusdb.com/blog/dynamodb-cost-optimization-a-comprehensive-guide-by-jusdb: as much as a write in one Region';
const LAMBDA_PRICES = 'price pages as third parties repeat them, checked in November 2026';

export const FACTS = {
  gatewayRequests: documented('API Gateway, requests of an account', 10_000, 'a second', GATEWAY_QUOTAS),
  lambdaConcurrency: documented('Lambda, environments of an account', 1_000, '', LAMBDA_QUOTAS),
  lambdaInvocations: documented(
    'Lambda, invocations for each environment of the quota',
    10,
    'a second',
    LAMBDA_QUOTAS,
  ),
  lambdaScaling: documented('Lambda, new environments of a function', 1_000, 'in ten seconds', SCALING),
  newTableWrites: documented('DynamoDB, a new on-demand table', 4_000, 'write units a second', NEW_TABLE),
  newTableReads: documented('DynamoDB, a new on-demand table', 12_000, 'read units a second', NEW_TABLE),
  tableQuota: documented('DynamoDB, a table', 40_000, 'units a second, each kind', TABLE_QUOTA),
  partitionWrites: documented(
    'DynamoDB, a partition and so an item',
    1_000,
    'write units a second',
    PARTITIONS,
  ),
  partitionReads: documented(
    'DynamoDB, a partition and so an item',
    3_000,
    'read units a second',
    PARTITIONS,
  ),
  partitionBytes: thirdParty(
    'DynamoDB, a partition',
    10,
    'GB',
    'https://github.com/utkaln/dynamodb-helloworld/wiki',
  ),
  itemOverhead: documented('DynamoDB, storage beside each item', 100, 'bytes', ITEM_SIZES),
  writeUnits: thirdParty('DynamoDB, a million write units', 0.625, '$', DYNAMODB_PRICES),
  readUnits: thirdParty('DynamoDB, a million read units', 0.125, '$', DYNAMODB_PRICES),
  storage: thirdParty('DynamoDB, storage', 0.25, '$ for a GB and month', PRICE_LIST),
  recovery: thirdParty('DynamoDB, point-in-time recovery', 0.2, '$ for a GB and month', PRICE_LIST),
  restoring: unread('DynamoDB, restoring', 0.15, '$ for a GB'),
  exporting: unread('DynamoDB, exporting to S3', 0.1, '$ for a GB'),
  lambdaRequests: thirdParty('Lambda, a million invocations', 0.2, '$', LAMBDA_PRICES),
  lambdaDuration: thirdParty('Lambda, a GB-s on arm64', 0.0000133334, '$', LAMBDA_PRICES),
  gateway333: documented(
    'API Gateway, a million requests, the first 333 million a month',
    3.5,
    '$',
    GATEWAY_PRICES,
  ),
  gateway1000: documented('API Gateway, the next 667 million', 2.8, '$', GATEWAY_PRICES),
  gateway20000: documented('API Gateway, the next 19 billion', 2.38, '$', GATEWAY_PRICES),
  gatewayRest: documented('API Gateway, beyond', 1.51, '$', GATEWAY_PRICES),
  replicatedWriteUnits: thirdParty(
    'DynamoDB, a million write units in each Region of a global table',
    0.625,
    '$',
    REPLICA_PRICES,
  ),
  strongRegions: documented('DynamoDB, Regions of a strongly consistent global table', 3, '', GLOBAL_TABLES),
  logs: thirdParty(
    'CloudWatch Logs, taking in',
    0.5,
    '$ for a GB, the first 10 TB of Lambda logs',
    LOG_PRICES,
  ),
  authorizerMs: assumed('the authorizer on AWS, warm', 10, 'ms'),
  functionMs: assumed('the function behind it', 20, 'ms'),
  functionLogBytes: assumed("Lambda's own three lines for an invocation", 390, 'bytes'),
  regionRoundTripMs: assumed('from one Region to the nearest other, and back', 15, 'ms'),
} as const satisfies Readonly<Record<string, Fact>>;

function documented(name: string, value: number, unit: string, source: string): Fact {
  return { name, value, unit, source, standing: 'documented' };
}

function thirdParty(name: string, value: number, unit: string, source: string): Fact {
  return { name, value, unit, source, standing: 'third-party' };
}

function unread(name: string, value: number, unit: string): Fact {
  return {
    name,
    value,
    unit,
    standing: 'unread',
    source: 'https://aws.amazon.com/dynamodb/pricing/on-demand/',
  };
}

function assumed(name: string, value: number, unit: string): Fact {
  return { name, value, unit, standing: 'assumed', source: 'to be measured on AWS' };
}
