import { randomBytes } from 'node:crypto';
import { type AttributeValue, BatchWriteItemCommand, type DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { marshall } from '@aws-sdk/util-dynamodb';
import type { RateLimit } from '../core/access/rate-limit.ts';
import { makeIdentifier } from '../core/credential/identifier.ts';
import { generateKey, type KeyFormat, startOf } from '../core/credential/key-text.ts';
import { digestOf } from '../core/credential/secret.ts';
import { type KeyRecord, writeKey } from '../stores/dynamodb/keys/key-item.ts';
import { writeSecret } from '../stores/dynamodb/secrets/secret-item.ts';
import { runAtOnce } from './race.ts';
import type { BenchTables } from './tables.ts';

/** The time of everything in the tables, in Unix seconds. Every window divides it. */
export const NOW = 1_800_000_000;

export const WORKSPACE = 'acme';

/** The most items that DynamoDB takes in one batch. */
const BATCH_SIZE = 25;
const LANES = 8;

export interface KeysToStore {
  readonly format: KeyFormat;
  readonly count: number;
  /** How many keys to return, spread evenly over all. */
  readonly sampleSize: number;
  readonly rateLimit: RateLimit | null;
}

/**
 * Writes the items of many keys of one workspace, as issuing them would, but without transactions.
 * @returns the texts of the sample.
 */
export async function storeKeys(tables: BenchTables, keys: KeysToStore): Promise<string[]> {
  const { format, count, sampleSize } = keys;
  const sample: string[] = [];
  const step = Math.max(1, Math.floor(count / sampleSize));
  await runAtOnce(LANES, Math.ceil(count / BATCH_SIZE), async (batch) => {
    const first = batch * BATCH_SIZE;
    const indexes = Array.from(
      { length: Math.min(BATCH_SIZE, count - first) },
      (_, offset) => first + offset,
    );
    const stored = indexes.map((index) => {
      const text = generateKey(format, randomBytes);
      if (index % step === 0 && sample.length < sampleSize) sample.push(text);
      return itemsOf(text, index, keys);
    });
    for (const table of ['secrets', 'records'] as const) {
      const items = stored.map((each) => each[table]);
      await writeBatch(tables.patientClient, tables[table], items);
    }
  });
  return sample;
}

function itemsOf(text: string, index: number, { format, rateLimit }: KeysToStore) {
  const locator = digestOf(text);
  const fields = {
    name: `key ${index}`,
    description: null,
    externalId: null,
    scopes: ['read:all'] as const,
    enabled: true,
    expiresAt: null,
    allowedCidrs: [],
    rateLimit: null,
    issuerLimit: null,
    bounds: {},
  };
  const record: KeyRecord = {
    ...fields,
    // Identifiers begin with the time, so keys are in the order of their index.
    id: makeIdentifier('key', NOW * 1000 + index, randomBytes),
    workspace: WORKSPACE,
    start: startOf(format, text),
    createdAt: NOW,
    createdBy: 'usr_acmeOwner00000000000',
    role: null,
    revokedAt: null,
    version: 1,
    effectiveRateLimit: rateLimit,
    formerlyUsedAt: null,
    secrets: [{ locator: locator, endsAt: null }],
    slot: null,
    pendingChange: null,
  };
  const owner = {
    kind: 'api_key',
    credentialId: record.id,
    workspace: WORKSPACE,
    user: record.createdBy,
    role: null,
  } as const;
  const secret = writeSecret(
    { locator, secretHash: null },
    owner,
    { ...fields, rateLimit, limitFrom: 'plan' },
    1,
  );
  // Used a moment ago, so that reading verifications do not stamp.
  return {
    records: marshall(writeKey(record), { removeUndefinedValues: true }),
    secrets: { ...secret, lastUsedAt: { N: String(NOW) } },
  };
}

async function writeBatch(
  client: DynamoDBClient,
  table: string,
  items: readonly Record<string, AttributeValue>[],
): Promise<void> {
  let requests = items.map((Item) => ({ PutRequest: { Item } }));
  while (requests.length > 0) {
    const { UnprocessedItems } = await client.send(
      new BatchWriteItemCommand({ RequestItems: { [table]: requests } }),
    );
    requests = (UnprocessedItems?.[table] ?? []) as typeof requests;
  }
}
