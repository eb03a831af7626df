import {
  type ImportOutcome,
  identityOf,
  type KeyImportStore,
  type KeyToImport,
} from '../../../core/management/key-import.ts';
import { pause } from '../table/contention.ts';
import type { Tables } from '../table/tables.ts';
import { findPlaces, type Place } from './import-place.ts';
import { findImportSlots, type TakenSlots } from './import-slots.ts';
import { type PlacedKey, packTransactions, putImportedKeys } from './import-transaction.ts';

/**
 * Imports keys on DynamoDB. Several keys share a transaction of new items only: record, secret, event, entries and slots. So a
 * record is never there without its secret, and a process that dies leaves each key whole or not at all.
 * @see docs/decisions/0034-keys-come-in-by-their-hash.md
 */
export function dynamoKeyImportStore(tables: Tables): KeyImportStore {
  return { importKeys: (keys, changes) => importKeys(tables, keys, changes) };
}

/** How often a key is tried whose place or slot others take in between. */
const ROUNDS = 10;

async function importKeys(
  tables: Tables,
  keys: readonly KeyToImport[],
  changes: 'make' | 'only_tell',
): Promise<ImportOutcome[]> {
  const outcomes = new Map<string, ImportOutcome>();
  let left = [...new Map(keys.map((key) => [identityOf(key.secret), key])).values()];
  for (let round = 1; left.length > 0 && round <= ROUNDS; round += 1) {
    if (round > 1) await pause(round);
    const again: KeyToImport[] = [];
    const settle = (key: KeyToImport, outcome: ImportOutcome | 'again') =>
      outcome === 'again' ? again.push(key) : outcomes.set(identityOf(key.secret), outcome);
    const placed = await placeKeys(tables, left, settle);
    for (const packed of packTransactions(tables, placed)) {
      const done =
        changes === 'make' ? await putImportedKeys(tables, packed) : packed.map(({ key }) => importedOf(key));
      for (const [index, { key }] of packed.entries()) settle(key, done[index] ?? 'again');
    }
    left = again;
  }
  const seen = new Set<string>();
  return keys.map(({ secret }) => {
    const identity = identityOf(secret);
    const outcome = outcomes.get(identity) ?? { kind: 'changed' };
    const isRepeated = seen.has(identity);
    seen.add(identity);
    return isRepeated && outcome.kind === 'imported' ? { kind: 'present', id: outcome.id } : outcome;
  });
}

export function importedOf({ id }: KeyToImport): ImportOutcome {
  return { kind: 'imported', id };
}

/** Finds a place and slots for keys that are not there yet, and settles all others. */
async function placeKeys(
  tables: Tables,
  keys: readonly KeyToImport[],
  settle: (key: KeyToImport, outcome: ImportOutcome) => void,
): Promise<PlacedKey[]> {
  const places = await findPlaces(tables, keys);
  const free = keys.flatMap((key, index) => {
    const place = places[index];
    if (place?.kind === 'free') return { key, locator: place.locator };
    settle(key, outcomeOf(place, key));
    return [];
  });
  const slots = await findImportSlots(
    tables,
    free.map(({ key }) => key),
  );
  return free.flatMap(({ key, locator }, index): PlacedKey[] => {
    const taken: TakenSlots = slots[index] ?? { kind: 'limit_reached' };
    if (taken.kind === 'taken') return [{ key, locator, slots: taken.slots }];
    settle(key, taken);
    return [];
  });
}

function outcomeOf(place: Exclude<Place, { kind: 'free' }> | undefined, key: KeyToImport): ImportOutcome {
  if (place === undefined || place.kind === 'prefix_full') return { kind: 'prefix_full' };
  if (place.workspace !== key.workspace) return { kind: 'taken' };
  return { kind: place.hasEnded ? 'ended' : 'present', id: place.id };
}
