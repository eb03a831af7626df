import { FACTS } from './facts.ts';
import { table } from './table.ts';

/** List prices of one Region in US dollars, without free tiers; the first step where there are steps. */
interface RegionPrices {
  readonly region: string;
  readonly millionRestRequests: number;
  readonly millionHttpRequests: number;
  readonly millionWriteUnits: number;
  readonly millionReadUnits: number;
}

/** Both Regions have the same prices of Lambda. */
const REGIONS: readonly RegionPrices[] = [
  {
    region: 'us-east-1',
    millionRestRequests: FACTS.gateway333.value,
    millionHttpRequests: 1,
    millionWriteUnits: FACTS.writeUnits.value,
    millionReadUnits: FACTS.readUnits.value,
  },
  {
    region: 'eu-central-1',
    millionRestRequests: 3.7,
    millionHttpRequests: 1.2,
    millionWriteUnits: 0.7625,
    millionReadUnits: 0.1525,
  },
];

interface WayIn {
  readonly name: string;
  readonly gateway: (prices: RegionPrices) => number;
  /** The authorizer is an invocation of its own. A guard only makes the product's own invocation longer. */
  readonly verifiedBy: 'authorizer' | 'guard';
}

const WAYS_IN: readonly WayIn[] = [
  {
    name: 'REST API + authorizer',
    gateway: (prices) => prices.millionRestRequests,
    verifiedBy: 'authorizer',
  },
  {
    name: 'HTTP API + authorizer',
    gateway: (prices) => prices.millionHttpRequests,
    verifiedBy: 'authorizer',
  },
  { name: 'HTTP API + guard', gateway: (prices) => prices.millionHttpRequests, verifiedBy: 'guard' },
  { name: 'function URL + guard', gateway: () => 0, verifiedBy: 'guard' },
];

const MEGABYTES = 512;
/** Where keys are kept as bcrypt: a whole processor. */
const BCRYPT_MEGABYTES = 1769;

/** The price of a million verifications, by how the request comes in. */
export function describeWaysIn(): string {
  const headings = [
    '',
    'Region',
    'requests',
    'verifying',
    'table, counting',
    'or reading',
    'all, counting',
    'all, reading',
  ];
  const rows = WAYS_IN.flatMap(({ name, gateway, verifiedBy }) =>
    REGIONS.map((prices) => {
      const requests = gateway(prices);
      const verifying = lambdaOf(verifiedBy, MEGABYTES);
      const { millionWriteUnits: counting, millionReadUnits: reading } = prices;
      const both = requests + verifying;
      const amounts = [requests, verifying, counting, reading, both + counting, both + reading];
      return [name, prices.region, ...amounts.map(amount)];
    }),
  );
  return table('llrrrrrr', headings, rows);
}

/** What Lambda costs for a million verifications of keys that are kept as bcrypt. */
export function describeBcrypt(): string {
  const rows = (['authorizer', 'guard'] as const).map((by) => [
    by,
    ...[MEGABYTES, BCRYPT_MEGABYTES].map((megabytes) => amount(lambdaOf(by, megabytes))),
    amount(durationOf(100, BCRYPT_MEGABYTES) - durationOf(100, MEGABYTES)),
  ]);
  return table(
    'lrrr',
    ['verified by', `${MEGABYTES} MB`, `${BCRYPT_MEGABYTES} MB`, 'and 100 ms of your own code there'],
    rows.map(([by = '', ...amounts]) =>
      by === 'guard' ? [by, ...amounts] : [by, ...amounts.slice(0, 2), '–'],
    ),
  );
}

function lambdaOf(verifiedBy: WayIn['verifiedBy'], megabytes: number): number {
  const duration = durationOf(FACTS.authorizerMs.value, megabytes);
  return verifiedBy === 'authorizer' ? FACTS.lambdaRequests.value + duration : duration;
}

/** A million times some milliseconds on arm64. */
function durationOf(milliseconds: number, megabytes: number): number {
  return 1_000_000 * (milliseconds / 1000) * (megabytes / 1024) * FACTS.lambdaDuration.value;
}

/** As many digits as make the columns add up. */
const amount = (value: number) => (value === 0 ? '–' : `$${value.toFixed(3)}`);
