import { randomBytes } from 'node:crypto';
import { generateKey } from '../../core/credential/key-text.ts';
import type { Profile } from '../../core/profile/profile.ts';
import type { Tracking } from '../../core/verification/last-use.ts';
import type { Claim } from '../../core/verification/verdict.ts';
import { verify } from '../../core/verification/verify.ts';
import { dynamoVerificationStore } from '../../stores/dynamodb/secrets/verification-store.ts';
import { type Bar, type Figure, fixedFigure } from '../figure.ts';
import { type Operation, observe } from '../observed-client.ts';
import type { BenchTables } from '../tables.ts';

/** Keys in tables, and the claim to verify them with. */
export interface StoreSetup {
  readonly profile: Profile;
  readonly tables: BenchTables;
  readonly keys: readonly string[];
  readonly claim: Claim;
}

/** What DynamoDB bills for a failed condition on an item of up to one kilobyte. It does not report it. */
const FAILED_WRITE_UNITS = 1;

export const READ_UNITS = 'read units per verification, reading';
export const WRITE_UNITS = 'write units per verification, counting';

/** How many operations a verification takes, and what DynamoDB bills for them. */
export async function measureOperations(
  setup: StoreSetup,
): Promise<{ readonly figures: Figure[]; readonly bars: Bar[] }> {
  const { keys } = setup;
  const { format } = setup.profile.apiKey;
  const unknown = keys.map(() => generateKey(format, randomBytes));
  // As long as a key and in its alphabet, but with a wrong checksum.
  const garbage = unknown.map((text) => `${text.slice(0, -1)}${text.endsWith('0') ? '1' : '0'}`);
  const first = await perVerification(setup, keys, 'count');
  const counting = await perVerification(setup, keys, 'count');
  const reading = await perVerification(setup, keys, 'stamp');
  const guesses = await perVerification(setup, unknown, 'count');
  const nothing = await perVerification(setup, garbage, 'count');
  return {
    figures: [
      fixedFigure('operations per verification, reading', 'operations', reading.operations),
      fixedFigure('operations per verification, counting', 'operations', counting.operations),
      fixedFigure('operations per verification, first call of a window', 'operations', first.operations),
      fixedFigure('operations per unknown key', 'operations', guesses.operations),
      fixedFigure('operations per garbage', 'operations', nothing.operations),
      fixedFigure(READ_UNITS, 'capacity units', reading.units),
      fixedFigure(WRITE_UNITS, 'capacity units', counting.units),
      fixedFigure('write units, first call of a window', 'capacity units', first.units),
    ],
    bars: [
      countBar('one operation per verification, reading', reading.operations, 1),
      countBar('one operation per verification, counting', counting.operations, 1),
      countBar('two operations for the first call of a window', first.operations, 2),
      countBar('no operation for garbage', nothing.operations, 0),
    ],
  };
}

function countBar(promise: string, operations: number, promised: number): Bar {
  return { promise, reached: operations === promised, measured: `${operations.toFixed(2)} operations` };
}

async function perVerification(
  { profile, tables, claim }: StoreSetup,
  texts: readonly string[],
  tracking: Tracking,
): Promise<{ readonly operations: number; readonly units: number }> {
  const store = dynamoVerificationStore(tables);
  const operations = await observe(tables.client, async () => {
    for (const text of texts) await verify({ credentials: [profile.apiKey], store, tracking }, text, claim);
  });
  return { operations: operations.length / texts.length, units: unitsOf(operations) / texts.length };
}

function unitsOf(operations: readonly Operation[]): number {
  return operations
    .map(({ capacityUnits }) => capacityUnits ?? FAILED_WRITE_UNITS)
    .reduce((sum, units) => sum + units, 0);
}
