import { QueryCommand } from '@aws-sdk/client-dynamodb';
import { makeIdentifier } from '../core/credential/identifier.ts';
import { requirementFor } from '../core/verification/requirement.ts';
import type { Claim } from '../core/verification/verdict.ts';
import { verify } from '../core/verification/verify.ts';
import { loadProfile } from '../lib/files/profile-file.ts';
import { listKeys } from '../stores/dynamodb/keys/key-read.ts';
import { dynamoVerificationStore } from '../stores/dynamodb/secrets/verification-store.ts';
import { observe } from './observed-client.ts';
import type { Contender } from './race.ts';
import { NOW, WORKSPACE } from './stored-keys.ts';
import type { BenchTables } from './tables.ts';

export interface FilledTables {
  /** How many keys there are. */
  readonly count: number;
  readonly tables: BenchTables;
  readonly sample: readonly string[];
  readonly writingSeconds: number;
}

/** Verifies keys of the sample, one after the other. */
export function verifying(name: string, { tables, sample }: FilledTables): Contender {
  const { profile } = loadProfile('standard');
  const claim: Claim = {
    now: NOW,
    requirement: requirementFor(profile, 'GET /users'),
    sourceAddress: '203.0.113.7',
  };
  const store = dynamoVerificationStore(tables);
  const verification = { credentials: [profile.apiKey], store, tracking: 'stamp' } as const;
  let next = 0;
  return repeating(name, async () => {
    next += 1;
    const verdict = await verify(verification, sample[next % sample.length] as string, claim);
    if (verdict.kind !== 'allow') throw new Error(`A valid key was refused: ${verdict.code}.`);
  });
}

export interface Page {
  readonly size: number;
  /** From 1. */
  readonly number: number;
}

/** Reads one page of the list of keys. */
export function listing(name: string, { tables, count }: FilledTables, page: Page): Contender {
  // Newest first: the page begins below the key with this index.
  const below = count - (page.number - 1) * page.size;
  // An identifier of that moment with the lowest random part: a cursor need not be a key that exists.
  const after = makeIdentifier('key', NOW * 1000 + below, (length) => Buffer.alloc(length));
  const query = { workspace: WORKSPACE, limit: page.size, now: NOW, ...(page.number > 1 && { after }) };
  return repeating(name, async () => {
    const { keys } = await listKeys(tables, query);
    if (keys.length !== page.size) throw new Error(`A page has ${keys.length} keys, not ${page.size}.`);
    if (keys[0]?.name !== `key ${below - 1}`) throw new Error('A page begins with another key.');
  });
}

/** Sends the query of such a page and ignores the answer. It shows what the database itself takes. */
export async function querying(
  name: string,
  { tables }: FilledTables,
  listed: Contender,
): Promise<Contender> {
  const operations = await observe(tables.client, async () => listed.run(1));
  const query = operations.find((operation) => operation.name === 'Query');
  if (query === undefined) throw new Error('The list of keys was read without a query.');
  return repeating(name, async () => {
    await tables.client.send(new QueryCommand(query.input as QueryCommand['input']));
  });
}

function repeating(name: string, operation: () => Promise<void>): Contender {
  return {
    name,
    async run(operations) {
      for (let count = 0; count < operations; count += 1) await operation();
    },
  };
}
