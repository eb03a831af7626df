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
  /** The ids of keys that a transaction has failed for, and of those whose record was there. */
  const [alone, known] = [new Set<string>(), new Set<string>()];
  let left = [...new Map(keys.map((key) => [identityOf(key.secret), key])).values()];
  for (let round = 1; left.length > 0 && round <= ROUNDS; round += 1) {
    if (round > 1) await pause(round);
    const again: KeyToImport[] = [];
    const settle = (key: KeyToImport, outcome: ImportOutcome) =>
      outcomes.set(identityOf(key.secret), outcome);
    const placed = await placeKeys(tables, left, settle);
    for (const packed of packTransactions(tables, placed, alone)) {
      const done =
        changes === 'make' ? await putImportedKeys(tables, packed) : packed.map(({ key }) => importedOf(key));
      for (const [index, { key }] of packed.entries()) {
        const outcome = done[index] ?? 'again';
        // The secret of a record that is there was looked for since, and is gone: the key has ended.
        if (outcome === 'known' && known.has(key.id)) settle(key, { kind: 'ended', id: key.id });
        else if (typeof outcome === 'object') settle(key, outcome);
        else again.push(key);
        if (outcome === 'known') known.add(key.id);
        if (outcome === 'known' || outcome === 'taken') alone.add(key.id);
      }
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
