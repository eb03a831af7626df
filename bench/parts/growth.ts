import { loadProfile } from '../../lib/profile-file.ts';
import { startDynamoDb } from '../../local/index.ts';
import {
  type Bar,
  barOf,
  type Figure,
  figureOf,
  fixedFigure,
  formatRatio,
  type PartResult,
} from '../figure.ts';
import { type FilledTables, listing, type Page, querying, verifying } from '../growth-contenders.ts';
import { type Contender, race } from '../race.ts';
import type { GrowthStep, Scale } from '../scale.ts';
import { medianRatio } from '../statistics.ts';
import { storeKeys } from '../stored-keys.ts';
import { closeTables, createTables } from '../tables.ts';

/** How much slower something may be among many keys than among few. */
const LIMIT = 1.1;
const SAMPLE_SIZE = 500;

/** What verification and the list of keys cost as keys become many. */
export async function measureGrowth(scale: Scale): Promise<PartResult> {
  const dynamoDb = await startDynamoDb();
  const filled: FilledTables[] = [];
  const notMeasured: string[] = [];
  try {
    for (const step of scale.growth) {
      const each = await fill(dynamoDb.endpoint, step);
      if (typeof each === 'string') notMeasured.push(each);
      else filled.push(each);
      if (step.written === 'secrets')
        notMeasured.push(
          `not measured: the list of keys among ${among(step)}, whose records would take as long again to write.`,
        );
    }
    return { ...(await measure(filled, scale)), notMeasured };
  } finally {
    for (const { tables } of filled) closeTables(tables);
    await dynamoDb.stop();
  }
}

/** @returns why it could not be filled, where a machine has not the memory for so many. */
async function fill(endpoint: string, step: GrowthStep): Promise<FilledTables | string> {
  const tables = await createTables(endpoint);
  const { format } = loadProfile('standard').profile.apiKey;
  const start = performance.now();
  try {
    const sample = await storeKeys(tables, { ...step, format, sampleSize: SAMPLE_SIZE, rateLimit: null });
    return { ...step, tables, sample, writingSeconds: (performance.now() - start) / 1000 };
  } catch (error) {
    closeTables(tables);
    return `not measured: ${among(step)}, which could not be written: ${error}`;
  }
}

/** Two contenders, of which the first should not take longer than the second, and how it is told. */
interface Comparison {
  readonly name: string;
  readonly base: string;
  readonly of: Figure['of'];
}

async function measure(filled: readonly FilledTables[], { page, growthRounds }: Scale): Promise<PartResult> {
  const [smallest] = filled;
  if (smallest === undefined) throw new Error('No table could be filled.');
  const firstPage: Page = { ...page, number: 1 };
  const contenders: Contender[] = [];
  const comparisons: Comparison[] = [];
  const add = (contender: Contender, base: string, of: Figure['of'] = 'keyward') => {
    contenders.push(contender);
    comparisons.push({ name: contender.name, base, of });
  };
  for (const each of filled)
    add(verifying(`verification among ${among(each)}`, each), `verification among ${among(smallest)}`);
  for (const each of filled.filter(({ written }) => written === 'secrets and records')) {
    const first = `first page among ${among(each)}`;
    const firstListing = listing(first, each, firstPage);
    add(firstListing, `first page among ${among(smallest)}`);
    if (each.count < page.size * page.number) continue;
    const farListing = listing(`${pageName(page)} among ${among(each)}`, each, page);
    add(farListing, first);
    const bareFirst = await querying(bare(firstPage, each), each, firstListing);
    add(bareFirst, bareFirst.name, 'baseline');
    add(await querying(bare(page, each), each, farListing), bareFirst.name, 'baseline');
  }
  // Milliseconds, since a reader asks how long a page takes and not how many there are in a second.
  const rates = await race(contenders, growthRounds);
  const times = new Map([...rates].map(([name, rounds]) => [name, rounds.map((rate) => 1000 / rate)]));
  const figures = comparisons.map(({ name, base, of }) =>
    figureOf({
      name,
      unit: 'ms',
      rounds: times.get(name) ?? [],
      base: { name: base, rounds: times.get(base) ?? [] },
      of,
    }),
  );
  const ratioOf = ({ name, base }: Comparison) => medianRatio(times.get(name) ?? [], times.get(base) ?? []);
  const compared = comparisons.filter(({ name, base }) => name !== base);
  return {
    part: 'growth',
    title: 'As keys become many',
    setting: [
      `Tables with ${filled.map(({ count }) => count.toLocaleString('en-US')).join(', ')} keys of one workspace in one DynamoDB Local, in memory, one operation at a time, taking turns.`,
      `Verification: any of ${SAMPLE_SIZE} keys spread evenly over the table, by one read. A page: ${page.size} keys with when each was used last, from its cursor on.`,
    ],
    figures: [...figures, ...filled.map(writingFigure)],
    bars: compared.filter(({ of }) => of === 'keyward').map((each) => barFor(each, ratioOf(each))),
    notes: compared
      .filter(({ of }) => of === 'baseline')
      .map(
        (each) =>
          `Of that, DynamoDB Local's own: ${each.name} takes ${formatRatio(ratioOf(each))} as long as the ${each.base}.`,
      ),
    notMeasured: [],
  };
}

function barFor({ name, base }: Comparison, ratio: number): Bar {
  return barOf({ promise: `${name}: at most 1.1 × ${base}`, ratio, limit: { atMost: LIMIT }, of: base });
}

function writingFigure({ count, written, writingSeconds }: FilledTables): Figure {
  const name = `writing the ${written} of ${count.toLocaleString('en-US')} keys`;
  return fixedFigure(name, 's', writingSeconds, 'baseline');
}

const among = ({ count }: GrowthStep) => `${count.toLocaleString('en-US')} keys`;
const pageName = ({ number }: Page) => `page ${number.toLocaleString('en-US')}`;
const bare = (page: Page, filled: FilledTables) => `bare query of ${pageName(page)} among ${among(filled)}`;
