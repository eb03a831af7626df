import { join } from 'node:path';
import { GetItemCommand, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import type { Tracking } from '../../core/verification/last-use.ts';
import { requirementFor } from '../../core/verification/requirement.ts';
import type { Claim } from '../../core/verification/verdict.ts';
import { verify } from '../../core/verification/verify.ts';
import { loadProfile } from '../../lib/files/profile-file.ts';
import { startDynamoDb } from '../../local/index.ts';
import { dynamoVerificationStore } from '../../stores/dynamodb/secrets/verification-store.ts';
import { barOf, type Figure, figureOf, type PartResult, peersAhead } from '../figure.ts';
import { type Operation, observe } from '../observed-client.ts';
import { loadBetterAuth, type Peer } from '../peer.ts';
import { type RunningPostgres, startPostgres } from '../postgres.ts';
import { type Contender, race, runAtOnce } from '../race.ts';
import type { Scale } from '../scale.ts';
import { medianRatio } from '../statistics.ts';
import { NOW, storeKeys } from '../stored-keys.ts';
import { type BenchTables, closeTables, createTables } from '../tables.ts';
import { temporaryDirectory } from '../temporary-directory.ts';
import { measureOperations, type StoreSetup } from './operations.ts';

const LANES = [1, 16] as const;

/** The longest window and the highest limit, so that no window ends and no limit is used up during the run. */
const RATE_LIMIT = { limit: 1_000_000, windowSeconds: 86_400 };

/** The two ways in which a verification asks its store: a read, or a write that counts. */
const PATHS = [
  { name: 'reading', tracking: 'stamp', bare: 'bare GetItem' },
  { name: 'counting', tracking: 'count', bare: 'bare UpdateItem' },
] as const satisfies readonly { name: string; tracking: Tracking; bare: string }[];

type Path = (typeof PATHS)[number];

/** better-auth on one of its stores. */
interface StoredPeer {
  readonly name: string;
  readonly setting: string;
  readonly peer: Peer;
}

/** Verification on DynamoDB Local, beside the bare SDK calls that it makes, and better-auth on its own stores. */
export async function measureStore(scale: Scale): Promise<PartResult> {
  const dynamoDb = await startDynamoDb();
  const postgres = await startPostgres();
  try {
    const tables = await createTables(dynamoDb.endpoint);
    const peers = await openPeers(scale, postgres);
    try {
      const result = await measure(scale, tables, peers);
      if (typeof postgres !== 'string') return result;
      return { ...result, notMeasured: [`not measured: better-auth on PostgreSQL: ${postgres}.`] };
    } finally {
      for (const { peer } of peers) await peer.close();
      closeTables(tables);
    }
  } finally {
    if (typeof postgres !== 'string') await postgres.stop();
    await dynamoDb.stop();
  }
}

async function openPeers(
  { betterAuthKeys: keyCount }: Scale,
  postgres: RunningPostgres | string,
): Promise<StoredPeer[]> {
  const { betterAuthOnSqlite, betterAuthOnPostgres } = await loadBetterAuth();
  const sqlite = {
    name: 'better-auth on SQLite (node:sqlite)',
    setting: 'a SQLite file (write-ahead log, in its own process, no network)',
    peer: await betterAuthOnSqlite(join(temporaryDirectory(), 'better-auth.sqlite'), keyCount),
  };
  if (typeof postgres === 'string') return [sqlite];
  const connections = Math.max(...LANES);
  const onPostgres = {
    name: 'better-auth on PostgreSQL (pg)',
    setting: `${postgres.version} (over loopback, ${connections} connections, no waiting for the disk)`,
    peer: await betterAuthOnPostgres(postgres, { keyCount, connections }),
  };
  return [sqlite, onPostgres];
}

async function measure(scale: Scale, tables: BenchTables, peers: readonly StoredPeer[]): Promise<PartResult> {
  const { profile } = loadProfile('standard');
  const count = scale.storeKeys;
  const keys = await storeKeys(tables, {
    format: profile.apiKey.format,
    count,
    sampleSize: count,
    rateLimit: RATE_LIMIT,
  });
  const claim: Claim = {
    now: NOW,
    requirement: requirementFor(profile, 'GET /users'),
    sourceAddress: '203.0.113.7',
  };
  const setup: StoreSetup = { profile, tables, keys, claim };
  const operations = await measureOperations({ ...setup, keys: keys.slice(0, 50) });
  const figures: Figure[] = [...operations.figures];
  const bars = [...operations.bars];
  const contenders = [];
  for (const path of PATHS) contenders.push(...(await contendersOf(path, setup)));
  for (const { name, peer } of peers)
    for (const lanes of LANES) contenders.push(peerContender(named(name, lanes), peer, lanes));
  const rates = await race(contenders, scale.storeRounds);
  for (const lanes of LANES) {
    for (const path of PATHS) {
      const base = { name: named(path.bare, lanes), rounds: rates.get(named(path.bare, lanes)) ?? [] };
      const name = named(`Keyward, ${path.name}`, lanes);
      const rounds = rates.get(name) ?? [];
      figures.push(
        figureOf({ ...base, unit: 'per second', of: 'baseline' }),
        figureOf({ name, rounds, base, unit: 'per second' }),
      );
      if (lanes === 1) continue;
      const ratio = medianRatio(rounds, base.rounds);
      const promise = `${path.name}: at least 90 % of the ${path.bare}, ${lanes} at once`;
      bars.push(barOf({ promise, ratio, limit: { atLeast: 0.9 }, of: 'the bare call' }));
    }
    const base = {
      name: named('Keyward, counting', lanes),
      rounds: rates.get(named('Keyward, counting', lanes)) ?? [],
    };
    for (const peer of peers) {
      const name = named(peer.name, lanes);
      const rounds = rates.get(name) ?? [];
      figures.push(figureOf({ name, rounds, base, unit: 'per second', of: 'peer' }));
    }
  }
  return {
    part: 'store',
    title: 'Verifications on a store',
    setting: [
      `${count.toLocaleString('en-US')} keys stand in DynamoDB Local, over HTTP on loopback. The client, the adapter and the decision are the authorizer's.`,
      'Reading: one strongly consistent GetItem. Counting: one conditional UpdateItem that judges, counts and notes the time. The bare call: the SDK sends the same input and ignores the answer.',
      `better-auth keeps ${scale.betterAuthKeys.toLocaleString('en-US')} keys in ${peers.map(({ setting }) => setting).join(', and as many in ')}, without rate limiting, and notes every use. Those are other stores, so compare with care. DynamoDB Local is an emulator: its speed says nothing about DynamoDB's.`,
    ],
    figures,
    bars,
    notes: figures
      .filter(({ name }) => name.startsWith('Keyward, '))
      .flatMap((figure) => {
        const ending = figure.name.slice(figure.name.lastIndexOf(', '));
        return peersAhead(
          figures.filter(({ name }) => name.endsWith(ending)),
          figure,
        );
      }),
    notMeasured: [],
  };
}

const named = (name: string, lanes: number) => `${name}, ${lanes} at once`;

/** Verifies each key once before the race. This opens its window and shows the input for the bare call. */
async function contendersOf(path: Path, { profile, tables, keys, claim }: StoreSetup): Promise<Contender[]> {
  const verification = {
    credentials: [profile.apiKey],
    store: dynamoVerificationStore(tables),
    tracking: path.tracking,
  };
  const verifyKey = async (index: number) => {
    const verdict = await verify(verification, keys[index % keys.length] as string, claim);
    if (verdict.kind !== 'allow') throw new Error(`A valid key was refused: ${verdict.code}.`);
  };
  const verifyAll = () => runAtOnce(LANES[1], keys.length, verifyKey);
  await verifyAll();
  const operations = await observe(tables.client, verifyAll);
  if (operations.length !== keys.length) throw new Error('A verification took more than one operation.');
  const sendBare = async (index: number) => {
    await send(tables, operations[index % operations.length] as Operation);
  };
  return LANES.flatMap((lanes) => [
    contender(named(path.bare, lanes), lanes, sendBare),
    contender(named(`Keyward, ${path.name}`, lanes), lanes, verifyKey),
  ]);
}

async function send({ client }: BenchTables, { name, input }: Operation): Promise<void> {
  if (name === 'GetItem') await client.send(new GetItemCommand(input as GetItemCommand['input']));
  else await client.send(new UpdateItemCommand(input as UpdateItemCommand['input']));
}

function peerContender(name: string, { keys, isValid }: Peer, lanes: number): Contender {
  return contender(name, lanes, async (index) => {
    if (!(await isValid(keys[index % keys.length] as string))) throw new Error(`${name} has refused a key.`);
  });
}

function contender(name: string, lanes: number, operation: (index: number) => Promise<void>): Contender {
  // Starts at another key each time, so that all keys are hit equally often.
  let start = 0;
  return {
    name,
    async run(operations) {
      const first = start;
      start += operations;
      await runAtOnce(lanes, operations, (index) => operation(first + index));
    },
  };
}
