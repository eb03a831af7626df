import { hash } from 'node:crypto';
import {
  type DynamoDBClient,
  PutItemCommand,
  type TransactWriteItemsCommandInput,
} from '@aws-sdk/client-dynamodb';
import type { SourceRow } from '../../bin/import/source-row.ts';
import { importToTables } from '../../bin/import/to-tables.ts';
import { addMember, bootstrap } from '../../bin/operator.ts';
import { loadProfile } from '../../lib/files/profile-file.ts';
import { startDynamoDb } from '../../local/index.ts';
import type { Item } from '../../stores/dynamodb/table/tables.ts';
import { barOf, figureOf, type PartResult } from '../figure.ts';
import type { Scale } from '../scale.ts';
import { medianRatio } from '../statistics.ts';
import { type BenchTables, closeTables, createTables } from '../tables.ts';

/** The import may be slower than bare puts of the same items by no more than this. */
const LIMIT = 0.8;
/** A member may have 500 active keys. */
const KEYS_PER_MEMBER = 500;
/** Bare puts are slower. So of each round they write the items of one transaction in so many, which are as many a key. */
const ONE_IN = 10;
/** How many puts are under way at the same time. More of them were not faster. */
const PUTS_AT_ONCE = 32;
const SLUG = 'acme';

const IMPORT = 'import through the tables';
const SAME_ITEMS = 'bare conditional puts of the same items';
const ONE_PUT = 'one bare conditional put a key';

interface Round {
  readonly import: number;
  readonly sameItems: number;
  readonly onePut: number;
}

/** A put, as a transaction has it. */
interface Put {
  readonly table: string;
  readonly item: Item;
}

/** How fast keys come in by their hashes, beside bare conditional puts of the same items in the same DynamoDB Local. */
export async function measureImport({ importKeys: { count, rounds } }: Scale): Promise<PartResult> {
  const dynamoDb = await startDynamoDb();
  const [imported, same, one] = (await Promise.all(
    [1, 2, 3].map(() => patientTables(dynamoDb.endpoint)),
  )) as [BenchTables, BenchTables, BenchTables];
  try {
    await bootstrap(imported, { slug: SLUG, name: 'Acme', plan: 'free', ownerId: 'usr_owner' });
    for (let member = 0; member * KEYS_PER_MEMBER < count; member += 1)
      await addMember(imported, { workspace: SLUG, userId: `usr_${member}`, role: 'member' });
    const measured: Round[] = [];
    const size = Math.ceil(count / rounds);
    for (let first = 0; first < count; first += size)
      measured.push(await measureRound({ imported, same, one }, { first, size }));
    return resultOf(measured, count);
  } finally {
    for (const tables of [imported, same, one]) closeTables(tables);
    await dynamoDb.stop();
  }
}

/** A slow write is not a failure here: DynamoDB Local does one at a time. */
async function patientTables(endpoint: string): Promise<BenchTables> {
  const tables = await createTables(endpoint);
  tables.client.destroy();
  return { ...tables, client: tables.patientClient };
}

/** Imports some keys, then puts the items that this wrote into other tables. @returns keys per second. */
async function measureRound(
  tables: { readonly imported: BenchTables; readonly same: BenchTables; readonly one: BenchTables },
  { first, size }: { readonly first: number; readonly size: number },
): Promise<Round> {
  const bodies: Uint8Array[] = [];
  keepBodies(tables.imported.client, bodies);
  const importing = await keysPerSecond(size, () => importSome(tables.imported, { first, size }));
  const transactions = bodies.map((body) => putsOf(JSON.parse(new TextDecoder().decode(body))));
  const written = recordsAmong(transactions.flat()).length;
  if (written !== size) throw new Error(`${written} keys were imported, and not ${size}.`);
  const sample = transactions.filter((puts) => puts.length > 0).filter((_, index) => index % ONE_IN === 0);
  const puts = sample.flat();
  const records = recordsAmong(puts);
  return {
    import: importing,
    sameItems: await keysPerSecond(records.length, () => putAll(tables.same.client, puts)),
    onePut: await keysPerSecond(records.length, () => putAll(tables.one.client, records)),
  };
}

function recordsAmong(puts: readonly Put[]): readonly Put[] {
  return puts.filter(({ table, item }) => table === 'records' && item.secrets !== undefined);
}

async function keysPerSecond(count: number, work: () => Promise<void>): Promise<number> {
  const start = performance.now();
  await work();
  return (count * 1_000) / (performance.now() - start);
}

async function importSome(
  tables: BenchTables,
  range: { readonly first: number; readonly size: number },
): Promise<void> {
  const { profile } = loadProfile('standard');
  await importToTables(rowsOf(range), {
    tables,
    profile,
    workspace: SLUG,
    maxKeysPerMember: KEYS_PER_MEMBER,
    changes: 'make',
    report: ({ reason }) => {
      throw new Error(`A row was not imported: ${reason}`);
    },
    progress: () => undefined,
  });
}

async function* rowsOf({
  first,
  size,
}: {
  readonly first: number;
  readonly size: number;
}): AsyncGenerator<SourceRow> {
  for (let index = first; index < first + size; index += 1) {
    const fields = {
      hash: hash('sha256', `key ${index}`),
      algorithm: 'sha256',
      name: 'production-backend',
      scopes: ['read:all', 'write:all'],
      created_by: `usr_${Math.floor(index / KEYS_PER_MEMBER)}`,
      external_id: `customer-${index}`,
      created_at: new Date(1_600_000_000_000 + index * 1_000).toISOString(),
    };
    yield { line: index + 1, fields };
  }
}

/** Keeps the bodies of the requests of a client. They are read once nothing is measured any more. */
function keepBodies(client: DynamoDBClient, bodies: Uint8Array[]): void {
  client.middlewareStack.add(
    (next) => (args) => {
      bodies.push((args.request as { readonly body: Uint8Array }).body);
      return next(args);
    },
    { step: 'build', name: 'keepBodies', override: true },
  );
}

function putsOf({ TransactItems = [] }: TransactWriteItemsCommandInput): Put[] {
  return TransactItems.flatMap(({ Put }) =>
    Put?.Item && Put.TableName ? [{ table: Put.TableName, item: Put.Item }] : [],
  );
}

async function putAll(client: DynamoDBClient, puts: readonly Put[]): Promise<void> {
  const queue = puts.values();
  const work = async () => {
    // All workers take from the one queue.
    for (const { table, item } of queue)
      await client.send(
        new PutItemCommand({
          TableName: table,
          Item: item,
          ConditionExpression: 'attribute_not_exists(pk)',
        }),
      );
  };
  await Promise.all(Array.from({ length: PUTS_AT_ONCE }, work));
}

function resultOf(measured: readonly Round[], count: number): PartResult {
  const rounds = {
    import: measured.map((round) => round.import),
    sameItems: measured.map(({ sameItems }) => sameItems),
    onePut: measured.map(({ onePut }) => onePut),
  };
  const base = { name: SAME_ITEMS, rounds: rounds.sameItems };
  const unit = 'per second';
  return {
    part: 'import',
    title: 'Keys that come in by their hash',
    setting: [
      `${count.toLocaleString('en-US')} rows of a workspace in the product standard, ${KEYS_PER_MEMBER} of each member, each with an external id, go straight into the tables of one DynamoDB Local, in memory.`,
      `In each of ${measured.length} rounds, bare conditional puts then write the same items of one key in ${ONE_IN} into other tables, ${PUTS_AT_ONCE} at a time, and one put a key writes only the records of these keys into further ones.`,
    ],
    figures: [
      figureOf({ name: IMPORT, unit, rounds: rounds.import, base }),
      figureOf({ name: SAME_ITEMS, unit, rounds: rounds.sameItems, of: 'baseline' }),
      figureOf({ name: ONE_PUT, unit, rounds: rounds.onePut, base, of: 'baseline' }),
    ],
    bars: [
      barOf({
        promise: `an import is at least ${LIMIT} times as fast as bare conditional puts of the same items`,
        ratio: medianRatio(rounds.import, rounds.sameItems),
        limit: { atLeast: LIMIT },
        of: 'the keys that the puts write in a second',
      }),
    ],
    notes: [
      `A key is six items here. An import is ${medianRatio(rounds.import, rounds.onePut).toFixed(2)} times as fast as one put a key, which would leave out all others.`,
    ],
    notMeasured: [],
  };
}
