import { loadProfile } from '../../lib/files/profile-file.ts';
import { formatComparison, formatValue } from '../report.ts';
import { describeHotCounted, describeHotLimit, describeHotRead } from './described-hot-key.ts';
import { FACTS } from './facts.ts';
import { type IssuedKey, measureIssuedKey } from './issued-items.ts';
import type { Measured } from './measured.ts';
import { costAt, limitsInAll, needAt, RATES } from './steps.ts';
import { dollars, table, whole } from './table.ts';

const PROFILES = ['standard', 'supersonic', 'supertone', 'socialcrm', 'sophic'];
const BILLION = 1_000_000_000;
const GIGABYTE = 1024 ** 3;
/** An event of a change, about as long as that of an issue. */
const EVENT_BYTES = 260;

/** Every table of the page, by its place there. */
export async function describeScale(measured: Measured): Promise<ReadonlyMap<string, string>> {
  const issued: IssuedKey[] = [];
  for (const name of PROFILES) issued.push(await measureIssuedKey(loadProfile(name).profile));
  return new Map([
    ['limits', describeLimits(measured)],
    ['needs', describeNeeds(measured)],
    ['costs', describeCosts(measured)],
    ['hot counted', describeHotCounted()],
    ['hot limit', describeHotLimit()],
    ['hot read', describeHotRead()],
    ['items', describeItems(issued)],
    ['keeping', describeKeeping(issued)],
    ['regions', describeRegions(measured)],
    ['growth', describeGrowth(measured)],
    ['facts', describeFacts()],
  ]);
}

function describeLimits(measured: Measured): string {
  const rows = limitsInAll(measured).map(({ name, requestsPerSecond, formula, remedy }) => [
    name,
    whole(requestsPerSecond),
    formula,
    remedy,
  ]);
  return table('lrll', ['', 'requests a second', 'from', 'what raises it'], rows);
}

function describeNeeds(measured: Measured): string {
  const rows = RATES.map((rate) => {
    const need = needAt(rate, measured);
    const { invocations, environments, writeUnits, readUnits, exceeded } = need;
    const numbers = [rate, invocations, Math.ceil(environments), writeUnits, readUnits].map(whole);
    return [...numbers, exceeded.join('; ') || 'nothing'];
  });
  const headings = [
    'requests a second',
    'invocations a second',
    'environments',
    'write units (counting)',
    'or read units (reading)',
    'what to raise first',
  ];
  return table('rrrrrl', headings, rows);
}

function describeCosts(measured: Measured): string {
  const rows = RATES.map((rate) => {
    const cost = costAt(rate, measured);
    const parts = [
      cost.gateway,
      cost.authorizer,
      cost.counting,
      cost.reading,
      cost.accessLog,
      cost.functionLog,
    ];
    return [whole(rate), ...[...parts, cost.total, cost.guardAlone].map(dollars)];
  });
  const headings = [
    'requests a second',
    'API Gateway',
    'authorizer',
    'DynamoDB, counting',
    'or reading',
    'access log',
    "authorizer's log",
    'all, counting',
    'guard alone',
  ];
  return table('rrrrrrrrr', headings, rows);
}

function describeItems(issued: readonly IssuedKey[]): string {
  const overhead = FACTS.itemOverhead.value;
  const rows = issued.map((each) => {
    const { profile, secretBytes, recordBytes, otherBytes, items, writeUnits, workspaceUnits } = each;
    const gigabytes = gigabytesOf(each);
    const secretGigabytes = (BILLION * (secretBytes + overhead)) / GIGABYTE;
    return [
      profile,
      `${secretBytes} B`,
      `${recordBytes} B`,
      `${otherBytes} B in ${items - 2}`,
      `${whole(gigabytes)} GB`,
      dollars(gigabytes * FACTS.storage.value),
      dollars(gigabytes * FACTS.recovery.value),
      whole(Math.ceil(secretGigabytes / FACTS.partitionBytes.value)),
      whole(writeUnits),
      dollars(writeUnits * (BILLION / 1_000_000) * FACTS.writeUnits.value),
      whole(FACTS.partitionWrites.value / workspaceUnits),
    ];
  });
  const headings = [
    'profile',
    'secret',
    'record',
    'event and others',
    'a billion keys',
    'storage a month',
    'recovery a month',
    'partitions of secrets',
    'write units to issue one',
    'to issue a billion',
    'issued a second in one workspace',
  ];
  return table('lrrrrrrrrrr', headings, rows);
}

/** The cost of a billion keys of the first profile, without verification. */
function describeKeeping([first]: readonly IssuedKey[]): string {
  if (first === undefined) return '';
  const gigabytes = gigabytesOf(first);
  const eventGigabytes = (BILLION * (EVENT_BYTES + FACTS.itemOverhead.value)) / GIGABYTE;
  const rows = [
    ['restoring all of it once', `${whole(gigabytes)} GB`, dollars(gigabytes * FACTS.restoring.value)],
    ['exporting all of it to S3 once', `${whole(gigabytes)} GB`, dollars(gigabytes * FACTS.exporting.value)],
    [
      'one more change of every key, in the audit log',
      `${whole(eventGigabytes)} GB`,
      `${dollars(eventGigabytes * FACTS.storage.value)} a month`,
    ],
    ['the sweeper, one query a minute', '43,830 queries a month', 'less than $0.01 a month'],
  ];
  return table('lrr', [first.profile, '', ''], rows);
}

function gigabytesOf({ secretBytes, recordBytes, otherBytes, items }: IssuedKey): number {
  const bytes = secretBytes + recordBytes + otherBytes + items * FACTS.itemOverhead.value;
  return (BILLION * bytes) / GIGABYTE;
}

/** AWS bills every write in every Region with a replica. */
function describeRegions({ writeUnits }: Measured): string {
  const million = (regions: number) => dollars(writeUnits * FACTS.replicatedWriteUnits.value * regions);
  const roundTrip = `${FACTS.regionRoundTripMs.value} ms or more`;
  const rows = [
    ['one Region, as deployed', million(1), 'nothing', 'the very next request', 'exact up to 1,000 a second'],
    [
      'eventually consistent, 2 Regions',
      million(2),
      'nothing',
      '**may be lost**',
      'for each Region, and counts get lost',
    ],
    [
      'strongly consistent, 3 Regions',
      million(3),
      roundTrip,
      'the very next request',
      'exact, at a lower rate',
    ],
  ];
  const headings = ['', 'a million counted calls', 'added to a call', 'a revocation holds', 'a rate limit'];
  return table('lrrll', headings, rows);
}

function describeGrowth({ growth, growthDate }: Measured): string {
  const rows = growth.map((figure) => [figure.name, formatValue(figure), formatComparison(figure)]);
  return `${table('lrl', [`measured ${growthDate}`, '', ''], rows)}`;
}

function describeFacts(): string {
  const rows = Object.values(FACTS).map(({ name, value, unit, standing, source }) => [
    name,
    unit.startsWith('$')
      ? `$${value} ${unit.slice(2)}`.trim()
      : `${value.toLocaleString('en-US')} ${unit}`.trim(),
    standing,
    source,
  ]);
  return table('lrll', ['', '', 'how it is known', 'where'], rows);
}
