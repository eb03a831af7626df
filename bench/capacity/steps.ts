import { FACTS } from './facts.ts';
import type { Measured } from './measured.ts';

export const RATES = [10, 100, 1_000, 10_000, 100_000] as const;

/** The default of `GuardedApi` in `lib/apis/guarded-api.ts`, in requests a second. */
const STAGE_THROTTLE = 1_000;

/** An average month. */
const SECONDS_A_MONTH = (365.25 * 86_400) / 12;
const MILLION = 1_000_000;
const GIGABYTE = 1024 ** 3;

/** A limit on the rate of requests over all keys, until somebody raises it. */
export interface Limit {
  readonly name: string;
  readonly requestsPerSecond: number;
  readonly formula: string;
  readonly remedy: string;
  /** What it bounds; absent if it bounds every deployment that counts behind an authorizer. */
  readonly only?: 'reading' | 'guard alone';
}

/** Every limit of a deployment with its defaults, the lowest first. */
export function limitsInAll({ writeUnits, readUnits }: Measured): readonly Limit[] {
  const invocations = FACTS.lambdaConcurrency.value * FACTS.lambdaInvocations.value;
  const both = FACTS.authorizerMs.value + FACTS.functionMs.value;
  const limits: Limit[] = [
    {
      name: "Keyward's own throttle of the stage",
      requestsPerSecond: STAGE_THROTTLE,
      formula: '`requestsPerSecond` of `GuardedApi`, twice as many at once',
      remedy: 'set `requestsPerSecond`; it limits the bill and the damage of an attack',
    },
    {
      name: 'new table, counting',
      requestsPerSecond: FACTS.newTableWrites.value / writeUnits,
      formula: '4,000 write units ÷ units of a verification',
      remedy: 'DynamoDB doubles within 30 minutes; before a known peak set warm throughput (billed once)',
    },
    {
      name: 'Lambda, invocations, with an authorizer',
      requestsPerSecond: invocations / 2,
      formula: '1,000 environments × 10 a second ÷ 2 invocations',
      remedy: 'ask for more concurrency; or `guardAlone`, which is one invocation',
    },
    {
      name: 'Lambda, invocations, guard alone',
      requestsPerSecond: invocations,
      formula: '1,000 environments × 10 a second',
      remedy: 'ask for more concurrency',
      only: 'guard alone',
    },
    {
      name: 'API Gateway, account',
      requestsPerSecond: FACTS.gatewayRequests.value,
      formula: 'quota, shared with every API of the account and Region; 2,500 in some Regions',
      remedy: 'ask for more; an account of its own',
    },
    {
      name: 'new table, reading',
      requestsPerSecond: FACTS.newTableReads.value / readUnits,
      formula: '12,000 read units ÷ units of a verification',
      remedy: 'as for counting',
      only: 'reading',
    },
    {
      name: 'Lambda, environments',
      requestsPerSecond: (FACTS.lambdaConcurrency.value * 1000) / both,
      formula: `1,000 ÷ (${FACTS.authorizerMs.value} ms + ${FACTS.functionMs.value} ms)`,
      remedy: 'ask for more; a slow function of the product lowers this first',
    },
    {
      name: 'DynamoDB, table',
      requestsPerSecond: FACTS.tableQuota.value / writeUnits,
      formula: '40,000 units ÷ units of a verification',
      remedy: 'ask for more; the secrets of one table spread by their digests, so nothing else is needed',
    },
  ];
  return limits.sort((one, other) => one.requestsPerSecond - other.requestsPerSecond);
}

/** What one rate needs from each part. */
export interface Need {
  readonly rate: number;
  readonly invocations: number;
  readonly environments: number;
  readonly writeUnits: number;
  readonly readUnits: number;
  /** What somebody has to raise for it, with an authorizer and counting. */
  readonly exceeded: readonly string[];
}

export function needAt(rate: number, measured: Measured): Need {
  const seconds = (FACTS.authorizerMs.value + FACTS.functionMs.value) / 1000;
  return {
    rate,
    invocations: rate * 2,
    environments: rate * seconds,
    writeUnits: rate * measured.writeUnits,
    readUnits: rate * measured.readUnits,
    exceeded: limitsInAll(measured)
      .filter(({ requestsPerSecond, only }) => only === undefined && rate > requestsPerSecond)
      .map(({ name }) => name),
  };
}

/** US dollars a month for a rate that never changes. */
export interface Cost {
  readonly rate: number;
  readonly gateway: number;
  readonly authorizer: number;
  readonly counting: number;
  readonly reading: number;
  readonly accessLog: number;
  readonly functionLog: number;
  /** Everything, counting, with an authorizer. */
  readonly total: number;
  /** The same without an authorizer: its duration moves into the function; its invocation and log lines disappear. */
  readonly guardAlone: number;
}

export function costAt(rate: number, measured: Measured): Cost {
  const requests = rate * SECONDS_A_MONTH;
  const millions = requests / MILLION;
  const gigabyteSeconds = requests * (FACTS.authorizerMs.value / 1000) * measured.memoryGigabytes;
  const duration = gigabyteSeconds * FACTS.lambdaDuration.value;
  const invocations = millions * FACTS.lambdaRequests.value;
  const gateway = gatewayCost(millions);
  const authorizer = invocations + duration;
  const counting = millions * measured.writeUnits * FACTS.writeUnits.value;
  const accessLog = logCost(requests * ACCESS_LOG_BYTES);
  const functionLog = logCost(requests * FACTS.functionLogBytes.value);
  const total = gateway + authorizer + counting + accessLog + functionLog;
  return {
    rate,
    gateway,
    authorizer,
    counting,
    reading: millions * measured.readUnits * FACTS.readUnits.value,
    accessLog,
    functionLog,
    total,
    guardAlone: total - invocations - functionLog,
  };
}

/** Each step of the price holds for the requests that fall into it. */
function gatewayCost(millions: number): number {
  const steps = [
    { upTo: 333, price: FACTS.gateway333.value },
    { upTo: 1_000, price: FACTS.gateway1000.value },
    { upTo: 20_000, price: FACTS.gateway20000.value },
    { upTo: Number.POSITIVE_INFINITY, price: FACTS.gatewayRest.value },
  ];
  let below = 0;
  let cost = 0;
  for (const { upTo, price } of steps) {
    cost += Math.max(0, Math.min(millions, upTo) - below) * price;
    below = upTo;
  }
  return cost;
}

/** Uses the first price for everything. Large amounts of Lambda's logs cost less. */
function logCost(bytes: number): number {
  return (bytes / GIGABYTE) * FACTS.logs.value;
}

/** What CloudWatch Logs adds to each line when it bills. */
const EVENT_BYTES = 26;

/** One line of the access log of `lib/apis/guarded-api.ts`, with values as long as they usually are. */
export const ACCESS_LOG_BYTES =
  EVENT_BYTES +
  JSON.stringify({
    request_id: '3f78dd13-9af6-43d9-8685-ffe7b69ed352',
    at: '22/Nov/2026:08:00:00 +0000',
    method: 'GET',
    route: '/users/{id}',
    status: '200',
    source_ip: '203.0.113.7',
    credential_id: 'key_0VbfMAmUeJitTzsO8SVy',
    refusal: '-',
    response_type: '-',
    latency_ms: '35',
    authorizer_latency_ms: '14',
  }).length;
