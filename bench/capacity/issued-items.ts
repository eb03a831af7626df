import { randomBytes } from 'node:crypto';
import type { DynamoDBClient, TransactWriteItem } from '@aws-sdk/client-dynamodb';
import { makeIdentifier } from '../../core/credential/identifier.ts';
import { makeSecret } from '../../core/credential/secret.ts';
import { DEFAULT_KEYS_PER_MEMBER, type NewKey } from '../../core/management/key-store.ts';
import type { Profile } from '../../core/profile/profile.ts';
import { issueKey } from '../../stores/dynamodb/keys/key-store.ts';
import { type Tables, workspaceKey } from '../../stores/dynamodb/table/tables.ts';
import { itemBytes } from './item-size.ts';

const NOW = 1_800_000_000;
const WORKSPACE = 'acme-industries';
const NAMES = { records: 'records', secrets: 'secrets', events: 'events' } as const;
const WORKSPACE_PARTITION = workspaceKey(WORKSPACE).pk;
const UNIT_BYTES = 1024;
/** As long as a bcrypt hash. Its value does not change the size. */
const BCRYPT_HASH = `$2b$10$${'x'.repeat(53)}`;

/** The attributes that the first counted call adds to a secret. */
const TRACES_OF_USE = {
  lastUsedAt: { N: String(NOW) },
  used: { N: '42' },
  windowEndsAt: { N: String(NOW + 60) },
  windowLength: { N: '60' },
};

/** What issuing one key of a product writes to the tables. Bytes, without the overhead of each item. */
export interface IssuedKey {
  readonly profile: string;
  /** After its first call, where calls are counted: with the window and the time of use. */
  readonly secretBytes: number;
  readonly recordBytes: number;
  /** The audit event, the entry among its creator's keys, and its active-key slot if active keys are limited. */
  readonly otherBytes: number;
  readonly items: number;
  /** Write units of the whole transaction: twice the sum of its parts. */
  readonly writeUnits: number;
  /** The units that fall on the workspace's own partition key. */
  readonly workspaceUnits: number;
}

/** Lets the store issue a key, and measures the items of the transaction that it would send. */
export async function measureIssuedKey(profile: Profile): Promise<IssuedKey> {
  const parts = await transactionOf(await typicalKey(profile));
  const items = parts.flatMap(({ Put }) => (Put?.Item ? [{ table: Put.TableName, item: Put.Item }] : []));
  const secret = items.find(({ table }) => table === NAMES.secrets)?.item;
  const record = items.find(({ item }) => item.secrets !== undefined)?.item;
  if (secret === undefined || record === undefined)
    throw new Error('Issuing has written no secret or no record.');
  const bytes = items.map(({ item }) => itemBytes(item)).reduce((total, each) => total + each, 0);
  return {
    profile: profile.name,
    secretBytes: itemBytes({ ...secret, ...TRACES_OF_USE }),
    recordBytes: itemBytes(record),
    otherBytes: bytes - itemBytes(secret) - itemBytes(record),
    items: items.length,
    writeUnits: unitsOf(parts),
    workspaceUnits: unitsOf(parts.filter((part) => partitionOf(part) === WORKSPACE_PARTITION)),
  };
}

/** What the store sends to an empty database that accepts everything. */
async function transactionOf(key: NewKey): Promise<readonly TransactWriteItem[]> {
  const parts: TransactWriteItem[] = [];
  const send = async ({ input }: { readonly input: { readonly TransactItems?: TransactWriteItem[] } }) => {
    parts.push(...(input.TransactItems ?? []));
    return { Items: [] };
  };
  const tables: Tables = { client: { send } as unknown as DynamoDBClient, ...NAMES };
  const outcome = await issueKey(tables, key);
  if (outcome.kind !== 'issued') throw new Error(`A key to be measured was not issued: ${outcome.kind}.`);
  return parts;
}

/** A key as a team would make one: a name, two scopes where there are any, and a member behind it. */
async function typicalKey({
  apiKey,
  scopes,
  rateLimits,
  maxActiveKeys,
  inheritsRole,
}: Profile): Promise<NewKey> {
  const creator = { userId: makeIdentifier('usr', NOW * 1000, randomBytes), version: 3 };
  const bcrypt = { hash: async () => BCRYPT_HASH, matches: async () => false };
  const { secret } = await makeSecret(apiKey, { draw: randomBytes, bcrypt });
  const id = makeIdentifier('key', NOW * 1000, randomBytes);
  const [first, ...rest] = scopes?.definitions.slice(0, 2).map(({ name }) => name) ?? [];
  return {
    workspace: WORKSPACE,
    id,
    secret,
    creator,
    createdAt: NOW,
    caller: null,
    role: inheritsRole ? 'member' : null,
    effectiveRateLimit: rateLimits?.plans?.[rateLimits.defaultPlan] ?? null,
    planVersion: rateLimits === undefined ? null : 2,
    maxActiveKeys: maxActiveKeys ?? null,
    maxMemberKeys: DEFAULT_KEYS_PER_MEMBER,
    fields: {
      name: 'production-backend',
      description: null,
      externalId: null,
      scopes: first === undefined ? 'all' : [first, ...rest],
      enabled: true,
      expiresAt: null,
      allowedCidrs: [],
      rateLimit: null,
      issuerLimit: null,
      bounds: {},
    },
    event: {
      id: makeIdentifier('evt', NOW * 1000, randomBytes),
      at: NOW,
      type: 'key.issued',
      actor: { kind: 'person', credentialId: null, user: creator.userId },
      sourceAddress: '203.0.113.7',
      workspace: WORKSPACE,
      keyId: id,
      outcome: 'done',
    },
  };
}

/** In a transaction every part costs twice. A condition check costs as much as a small write. */
function unitsOf(parts: readonly TransactWriteItem[]): number {
  const units = parts.map(({ Put }) => Math.ceil((Put?.Item ? itemBytes(Put.Item) : 1) / UNIT_BYTES));
  return 2 * units.reduce((total, each) => total + each, 0);
}

/** Of the records table: the other two have partitions of their own. */
function partitionOf({ Put, ConditionCheck, Update }: TransactWriteItem): string | undefined {
  const part = Put ?? ConditionCheck ?? Update;
  if (part?.TableName !== NAMES.records) return undefined;
  return (Put?.Item ?? ConditionCheck?.Key ?? Update?.Key)?.pk?.S;
}
