import {
  BatchWriteItemCommand,
  DescribeTableCommand,
  type DynamoDBClient,
  paginateScan,
  type WriteRequest,
} from '@aws-sdk/client-dynamodb';
import {
  fillTables,
  type LocalProduct,
  type Overrides,
  runProduct,
  type SynthesizedProduct,
  widestPlan,
} from '../bin/local-product.ts';
import type { Profile } from '../core/profile/profile.ts';
import { ASSUMED_READING, type LogLine } from '../local/index.ts';

declare global {
  var stopRunningProducts: (() => Promise<void>) | undefined;
}

export interface TestProduct extends LocalProduct {
  /** Every line that functions and gateways have logged for this suite. */
  readonly lines: readonly LogLine[];
  /** Gives the product back to the next suite, or ends it if it ran for this suite alone. */
  stop(): Promise<void>;
}

/** A product that outlives its suite: the next suite finds its functions warm. */
interface RunningProduct {
  readonly assemblyDirectory: string;
  readonly local: LocalProduct;
  /** Where a line goes: to the suite that has the product. */
  lines: LogLine[];
  /** What that suite lays over the run. */
  overrides: Overrides;
  isLent: boolean;
}

interface Start {
  readonly product: SynthesizedProduct;
  readonly dynamodbEndpoint: string;
  readonly overrides?: Overrides;
}

/** BatchWriteItem takes no more at a time. */
const MOST_WRITES = 25;

/** How many run on at most; each takes some hundred megabytes. */
const MOST_RUNNING = 6;

/** The profiles behind management APIs, by the addresses of the APIs. */
const managedProfiles = new Map<string, Profile>();

/** @returns the profile of the running product whose management API has this URL, and the path in it. */
export function managedProfileAt(
  url: string,
): { readonly profile: Profile; readonly path: string } | undefined {
  for (const [managementUrl, profile] of managedProfiles)
    if (url.startsWith(`${managementUrl}/`)) return { profile, path: url.slice(managementUrl.length) };
  return undefined;
}

/** Those of this worker, the one used last at the end: a product runs in the process of the worker that started it. */
let running: RunningProduct[] = [];

/**
 * Lends a running product that is as good as new: its tables hold the first workspace only, and no line is logged yet. Faults in the
 * store are not for it: a request that is still on its way would meet the next suite.
 */
export async function borrowProduct(start: Start): Promise<TestProduct> {
  const { assemblyDirectory } = start.product;
  const idle = running.findLast((each) => each.assemblyDirectory === assemblyDirectory && !each.isLent);
  if (idle === undefined) {
    const started = await startToLend(start);
    return lend(started, { managementKey: started.local.managementKey, since: new Date(0) });
  }
  idle.isLent = true;
  running = [...running.filter((each) => each !== idle), idle];
  const { assembly, tables, profile } = idle.local;
  await Promise.all(Object.values(assembly.tables).map(({ name }) => emptyTable(tables.client, name)));
  for (const stackName of Object.keys(assembly.apiUrls)) assembly.flushAuthorizerCache(stackName);
  idle.lines = [];
  idle.overrides = start.overrides ?? {};
  return lend(idle, { managementKey: await fillTables(tables, widestPlan(profile)), since: new Date() });
}

/** Runs a product for one suite alone. */
export async function startOwnProduct(start: Start): Promise<TestProduct> {
  const lines: LogLine[] = [];
  const local = await runProduct({ ...start, port: 0, log: (line) => lines.push(line) });
  managedProfiles.set(local.managementUrl, local.profile);
  return { ...local, lines, stop: () => end(local) };
}

/** Ends the products of this process; jest's global teardown calls it where suites have run in jest's own. */
globalThis.stopRunningProducts = async () => {
  const all = running;
  running = [];
  await Promise.all(all.map(({ local }) => end(local)));
};

/** Another server may get the port afterwards. */
async function end({ managementUrl, assembly }: LocalProduct): Promise<void> {
  managedProfiles.delete(managementUrl);
  await assembly.stop();
}

async function startToLend(start: Start): Promise<RunningProduct> {
  const { assemblyDirectory } = start.product;
  const oldest = running.find(({ isLent }) => !isLent);
  if (oldest !== undefined && running.length >= MOST_RUNNING) {
    running = running.filter((each) => each !== oldest);
    await end(oldest.local);
  }
  const current: Pick<RunningProduct, 'lines' | 'overrides'> = {
    lines: [],
    overrides: start.overrides ?? {},
  };
  const local = await runProduct({
    ...start,
    port: 0,
    log: (line) => current.lines.push(line),
    overrides: {
      // A sweeper must not fire in the middle of another suite.
      schedules: 'off',
      now: () => (current.overrides.now ?? Date.now)(),
      pathReading: () => current.overrides.pathReading?.() ?? ASSUMED_READING,
      interceptFlush: (call) => current.overrides.interceptFlush?.(call),
    },
  });
  managedProfiles.set(local.managementUrl, local.profile);
  const started: RunningProduct = Object.assign(current, { assemblyDirectory, local, isLent: true });
  running.push(started);
  return started;
}

function lend(
  product: RunningProduct,
  { managementKey, since }: { readonly managementKey: string; readonly since: Date },
): TestProduct {
  const { local, lines } = product;
  const recordedCalls = () => local.assembly.recordedCalls().filter(({ at }) => at >= since);
  return {
    ...local,
    managementKey,
    lines,
    assembly: { ...local.assembly, recordedCalls },
    stop: async () => {
      product.isLent = false;
    },
  };
}

async function emptyTable(client: DynamoDBClient, TableName: string): Promise<void> {
  const { Table } = await client.send(new DescribeTableCommand({ TableName }));
  const names = (Table?.KeySchema ?? []).map(({ AttributeName = '' }) => AttributeName);
  const deletions: WriteRequest[] = [];
  const placeholders = Object.fromEntries(names.map((name, index) => [`#${index}`, name]));
  const pages = paginateScan(
    { client },
    {
      TableName,
      ConsistentRead: true,
      ProjectionExpression: Object.keys(placeholders).join(', '),
      ExpressionAttributeNames: placeholders,
    },
  );
  for await (const { Items = [] } of pages)
    deletions.push(...Items.map((Key) => ({ DeleteRequest: { Key } })));
  for (let start = 0; start < deletions.length; start += MOST_WRITES) {
    const RequestItems = { [TableName]: deletions.slice(start, start + MOST_WRITES) };
    await client.send(new BatchWriteItemCommand({ RequestItems }));
  }
}
