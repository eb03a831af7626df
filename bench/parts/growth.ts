import { newIdentifier } from '../../core/identifier.ts';
import { requirementFor } from '../../core/requirement.ts';
import type { Claim } from '../../core/verdict.ts';
import { verify } from '../../core/verification.ts';
import { loadProfile } from '../../lib/profile-file.ts';
import { startDynamoDb } from '../../local/index.ts';
import { listKeys } from '../../stores/dynamodb/key-read.ts';
import { dynamoVerificationStore } from '../../stores/dynamodb/verification-store.ts';
import { type Bar, barOf, type Figure, figureOf, fixedFigure, type PartResult } from '../figure.ts';
import { type Contender, race } from '../race.ts';
import type { Scale } from '../scale.ts';
import { medianRatio } from '../statistics.ts';
import { NOW, storeKeys, WORKSPACE } from '../stored-keys.ts';
import { type BenchTables, closeTables, createTables } from '../tables.ts';

/** How much slower something may be among many keys than among few. */
const LIMIT = 1.1;
const SAMPLE_SIZE = 500;

interface FilledTables {
  readonly tables: BenchTables;
  readonly count: number;
  readonly sample: readonly string[];
  readonly loadSeconds: number;
}

/** What verification and the list of keys cost as keys become many. */
export async function measureGrowth(scale: Scale): Promise<PartResult> {
  const dynamoDb = await startDynamoDb();
  const filled: FilledTables[] = [];
  try {
    const notMeasured: string[] = [];
    for (const count of scale.growthKeys) {
      const each = await fill(dynamoDb.endpoint, count);
      if (typeof each === 'string') notMeasured.push(each);
      else filled.push(each);
    }
    const result = await measure(filled, scale);
    return { ...result, notMeasured: [...notMeasured, ...result.notMeasured] };
  } finally {
    for (const { tables } of filled) closeTables(tables);
    await dynamoDb.stop();
  }
}

/** @returns why it could not be filled, where a machine has not the memory for so many. */
async function fill(endpoint: string, count: number): Promise<FilledTables | string> {
  const tables = await createTables(endpoint);
  const { format } = loadProfile('standard').profile.apiKey;
  const start = performance.now();
  try {
    const sample = await storeKeys(tables, { format, count, sampleSize: SAMPLE_SIZE, rateLimit: null });
    return { tables, count, sample, loadSeconds: (performance.now() - start) / 1000 };
  } catch (error) {
    closeTables(tables);
    return `not measured: ${count.toLocaleString('en-US')} keys, which could not be written: ${error}`;
  }
}

async function measure(filled: readonly FilledTables[], scale: Scale): Promise<PartResult> {
  const { page, growthRounds } = scale;
  const pageNames = { first: 'first page', far: `page ${page.number.toLocaleString('en-US')}` };
  const paged = filled.filter(({ count }) => count >= page.size * page.number);
  const contenders = filled.flatMap((each) => [
    verifying(named('verification', each), each),
    listing(named(pageNames.first, each), { filled: each, size: page.size, pageNumber: 1 }),
  ]);
  const far = paged.map((each) =>
    listing(named(pageNames.far, each), { filled: each, size: page.size, pageNumber: page.number }),
  );
  // Milliseconds, since a reader asks how long a page takes and not how many there are in a second.
  const rates = await race([...contenders, ...far], growthRounds);
  const times = new Map([...rates].map(([name, rounds]) => [name, rounds.map((rate) => 1000 / rate)]));
  const figures: Figure[] = [];
  const bars: Bar[] = [];
  const compare = (name: string, base: string, isPromised: boolean) => {
    const baseTimes = { name: base, rounds: times.get(base) ?? [] };
    const rounds = times.get(name) ?? [];
    figures.push(figureOf({ name, unit: 'ms', rounds, base: baseTimes }));
    if (!isPromised || name === base) return;
    const ratio = medianRatio(rounds, baseTimes.rounds);
    bars.push(
      barOf({ promise: `${name}: at most 1.1 × ${base}`, ratio, limit: { atMost: LIMIT }, of: base }),
    );
  };
  const [smallest] = filled as [FilledTables];
  for (const each of filled) compare(named('verification', each), named('verification', smallest), true);
  for (const each of filled) compare(named(pageNames.first, each), named(pageNames.first, smallest), true);
  for (const each of paged) compare(named(pageNames.far, each), named(pageNames.first, each), true);
  for (const { count, loadSeconds } of filled)
    figures.push({
      ...fixedFigure(`writing ${count.toLocaleString('en-US')} keys`, 's', loadSeconds),
      of: 'baseline',
    });
  return {
    part: 'growth',
    title: 'As keys become many',
    setting: [
      `Tables with ${filled.map(({ count }) => count.toLocaleString('en-US')).join(', ')} keys of one workspace in one DynamoDB Local, in memory, one operation at a time, taking turns.`,
      `Verification: any of ${SAMPLE_SIZE} keys spread evenly over the table, by one read. A page: ${page.size} keys with when each was used last, from the cursor on.`,
      'DynamoDB Local keeps tables in SQLite, whose look-ups grow with the logarithm of a table; DynamoDB spreads a table over partitions.',
    ],
    figures,
    bars,
    notes: [],
    notMeasured:
      paged.length > 0 ? [] : [`not measured: ${pageNames.far}, since no table here has that many keys.`],
  };
}

const named = (name: string, { count }: FilledTables) =>
  `${name} among ${count.toLocaleString('en-US')} keys`;

function verifying(name: string, { tables, sample }: FilledTables): Contender {
  const { profile } = loadProfile('standard');
  const claim: Claim = {
    now: NOW,
    requirement: requirementFor(profile, 'GET /users'),
    sourceAddress: '203.0.113.7',
  };
  const store = dynamoVerificationStore(tables);
  const verification = { credentials: [profile.apiKey], store, tracking: 'stamp' } as const;
  let next = 0;
  return {
    name,
    async run(operations) {
      for (let count = 0; count < operations; count += 1) {
        next += 1;
        const verdict = await verify(verification, sample[next % sample.length] as string, claim);
        if (verdict.kind !== 'allow') throw new Error(`A valid key was refused: ${verdict.code}.`);
      }
    },
  };
}

function listing(
  name: string,
  {
    filled,
    size,
    pageNumber,
  }: { readonly filled: FilledTables; readonly size: number; readonly pageNumber: number },
): Contender {
  const { tables, count } = filled;
  // Newest first: the page begins below the key that has this index.
  const below = count - (pageNumber - 1) * size;
  // An identifier of that moment with the lowest random part: a cursor need not be a key that exists.
  const after = newIdentifier('key', NOW * 1000 + below, (length) => Buffer.alloc(length));
  const query = { workspace: WORKSPACE, limit: size, now: NOW, ...(pageNumber > 1 && { after }) };
  return {
    name,
    async run(operations) {
      for (let each = 0; each < operations; each += 1) {
        const { keys } = await listKeys(tables, query);
        if (keys.length !== size) throw new Error(`A page has ${keys.length} keys, not ${size}.`);
        if (keys[0]?.name !== `key ${below - 1}`) throw new Error('A page begins with another key.');
      }
    },
  };
}
