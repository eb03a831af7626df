import { loadProfile } from '../../lib/files/profile-file.ts';
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
import type { Races, Scale } from '../scale.ts';
import { medianRatio, ratioNoise } from '../statistics.ts';
import { storeKeys } from '../stored-keys.ts';
import { closeTables, createTables } from '../tables.ts';

/** How much slower an operation may be among many keys than among few. */
const LIMIT = 1.1;
const SAMPLE_SIZE = 500;

/** What verification and the list of keys cost as keys become many. */
export async function measureGrowth(scale: Scale): Promise<PartResult> {
  const dynamoDb = await startDynamoDb();
  const filled: FilledTables[] = [];
  const notMeasured: string[] = [];
  try {
    for (const count of scale.growth) {
      const each = await fill(dynamoDb.endpoint, count);
      if (typeof each === 'string') notMeasured.push(each);
      else filled.push(each);
    }
    return { ...(await measure(filled, scale)), notMeasured };
  } finally {
    for (const { tables } of filled) closeTables(tables);
    await dynamoDb.stop();
  }
}

/** @returns why the table could not be filled, if the machine has too little memory. */
async function fill(endpoint: string, count: number): Promise<FilledTables | string> {
  const tables = await createTables(endpoint);
  const { format } = loadProfile('standard').profile.apiKey;
  const start = performance.now();
  try {
    const sample = await storeKeys(tables, { count, format, sampleSize: SAMPLE_SIZE, rateLimit: null });
    return { count, tables, sample, writingSeconds: (performance.now() - start) / 1000 };
  } catch (error) {
    closeTables(tables);
    return `not measured: ${among({ count })}, which could not be written: ${error}`;
  }
}

/** A contender, its bound, and the words for it. */
interface Entry {
  readonly contender: Contender;
  readonly base: string;
  readonly of: Figure['of'];
}

/** The result of a contender's rounds, in milliseconds for one operation. */
interface Timed extends Omit<Entry, 'contender'> {
  readonly name: string;
  readonly rounds: readonly number[];
  readonly baseRounds: readonly number[];
}

async function measure(filled: readonly FilledTables[], scale: Scale): Promise<PartResult> {
  const [smallest] = filled;
  if (smallest === undefined) throw new Error('No table could be filled.');
  const { page, growthRaces } = scale;
  // Two races, so that compared contenders take their turns close together.
  const timed = [
    ...(await time(verifications(filled, smallest), growthRaces.verification)),
    ...(await time(await pages(filled, smallest, page), growthRaces.page)),
  ];
  const compared = timed.filter(({ name, base }) => name !== base);
  const { verification: verifying, page: paging } = growthRaces;
  return {
    part: 'growth',
    title: 'As keys become many',
    setting: [
      `Tables with ${filled.map(({ count }) => count.toLocaleString('en-US')).join(', ')} keys of one workspace stand in one DynamoDB Local, in memory. One operation runs at a time. A turn lasts ${verifying.rounds.turnMs} ms, for pages ${paging.rounds.turnMs} ms.`,
      `Verification: one read of any of ${SAMPLE_SIZE} keys, spread evenly over the table. A page: ${page.size} keys with their times of last use, from a cursor on.`,
      `They race until every ratio is known to within ${formatPart(verifying.noise)} (half of the 95 % interval of its median), or for ${verifying.atMost * verifying.rounds.count} rounds. One table is measured twice, to show how much a ratio says.`,
    ],
    figures: [...timed.map(figureFor), ...filled.map(writingFigure)],
    bars: compared.filter(({ of }) => of === 'keyward').map(barFor),
    notes: [
      ...compared.filter(({ of }) => of === 'baseline').map(noteFor),
      `The noisiest of these ratios may be off by ${formatPart(Math.max(...compared.map(noiseOf)))}.`,
    ],
    notMeasured: [],
  };
}

function verifications(filled: readonly FilledTables[], smallest: FilledTables): Entry[] {
  const base = `verification among ${among(smallest)}`;
  return [
    ...filled.map((each) => entry(verifying(`verification among ${among(each)}`, each), base)),
    entry(verifying(`${base}, again`, smallest), base, 'baseline'),
  ];
}

async function pages(
  filled: readonly FilledTables[],
  smallest: FilledTables,
  far: Page,
): Promise<readonly Entry[]> {
  const first: Page = { ...far, number: 1 };
  const base = `first page among ${among(smallest)}`;
  const entries: Entry[] = [];
  for (const each of filled) {
    const firstListing = listing(`first page among ${among(each)}`, each, first);
    entries.push(entry(firstListing, base));
    if (each.count < far.size * far.number) continue;
    const farListing = listing(`${pageName(far)} among ${among(each)}`, each, far);
    const bareFirst = await querying(bare(first, each), each, firstListing);
    const bareFar = await querying(bare(far, each), each, farListing);
    entries.push(entry(farListing, base));
    entries.push(entry(bareFirst, bareFirst.name, 'baseline'), entry(bareFar, bareFirst.name, 'baseline'));
  }
  return entries;
}

function entry(contender: Contender, base: string, of: Figure['of'] = 'keyward'): Entry {
  return { contender, base, of };
}

/** Races until no ratio may be off by more than `noise`, or until they have raced `atMost` times. */
async function time(entries: readonly Entry[], { rounds, noise, atMost }: Races): Promise<readonly Timed[]> {
  const contenders = entries.map(({ contender }) => contender);
  const rates = new Map<string, readonly number[]>();
  for (let races = 1; ; races += 1) {
    for (const [name, more] of await race(contenders, rounds))
      rates.set(name, [...(rates.get(name) ?? []), ...more]);
    const timed = entries.map((each) => timedFrom(rates, each));
    if (races >= atMost || timed.every((each) => noiseOf(each) <= noise)) return timed;
  }
}

function timedFrom(rates: ReadonlyMap<string, readonly number[]>, { contender, base, of }: Entry): Timed {
  // In milliseconds, because readers ask how long a page takes.
  const timesOf = (name: string) => (rates.get(name) ?? []).map((rate) => 1000 / rate);
  const { name } = contender;
  return { name, base, of, rounds: timesOf(name), baseRounds: timesOf(base) };
}

function figureFor({ name, base, of, rounds, baseRounds }: Timed): Figure {
  return figureOf({ name, unit: 'ms', rounds, base: { name: base, rounds: baseRounds }, of });
}

function barFor(timed: Timed): Bar {
  const { name, base } = timed;
  const promise = `${name}: at most 1.1 × ${base}`;
  const bar = barOf({ promise, ratio: ratioOf(timed), limit: { atMost: LIMIT }, of: base });
  return { ...bar, measured: `${bar.measured}, noise ${formatPart(noiseOf(timed))}` };
}

function noteFor(timed: Timed): string {
  return `DynamoDB Local's own, or noise: ${timed.name} takes ${formatRatio(ratioOf(timed))} as long as ${timed.base}.`;
}

const ratioOf = ({ rounds, baseRounds }: Timed) => medianRatio(rounds, baseRounds);
const noiseOf = ({ rounds, baseRounds }: Timed) => ratioNoise(rounds, baseRounds);
const formatPart = (part: number) => `${(part * 100).toFixed(1)} %`;

function writingFigure({ count, writingSeconds }: FilledTables): Figure {
  const name = `writing the secrets and records of ${among({ count })}`;
  return fixedFigure(name, 's', writingSeconds, 'baseline');
}

const among = ({ count }: Pick<FilledTables, 'count'>) => `${count.toLocaleString('en-US')} keys`;
const pageName = ({ number }: Page) => `page ${number.toLocaleString('en-US')}`;
const bare = (page: Page, filled: FilledTables) => `bare query of ${pageName(page)} among ${among(filled)}`;
