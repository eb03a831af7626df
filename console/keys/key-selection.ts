import { useEffect, useState } from 'react';
import type { ApiKey } from '../api/records.ts';
import { type MatchingKeys, MOST_AT_ONCE } from './matching-keys.ts';

/** The keys that a person has ticked, to do one thing with all of them. */
export interface KeySelection {
  readonly keys: readonly ApiKey[];
  readonly has: (id: string) => boolean;
  readonly tick: (ids: readonly string[], isTicked: boolean) => void;
  /** Ticks every key that matches, also on pages that were not read yet. */
  readonly tickAll: () => void;
  readonly isGathering: boolean;
  readonly clear: () => void;
}

/** A key that has left the list, or has been revoked meanwhile, is no longer part of the selection. */
export function useKeySelection(list: MatchingKeys): KeySelection {
  const [ids, setIds] = useState<ReadonlySet<string>>(new Set());
  const [isGathering, setGathering] = useState(false);
  const { found, isComplete } = list;
  useEffect(() => {
    if (!isGathering || !isComplete) return;
    setIds(
      new Set(
        found
          .filter(isSelectable)
          .slice(0, MOST_AT_ONCE)
          .map(({ id }) => id),
      ),
    );
    setGathering(false);
  }, [isGathering, isComplete, found]);
  return {
    keys: found.filter((key) => ids.has(key.id) && isSelectable(key)),
    has: (id) => ids.has(id),
    tick: (changed, isTicked) =>
      setIds((before) => {
        const after = new Set(before);
        for (const id of changed) isTicked ? after.add(id) : after.delete(id);
        return after;
      }),
    tickAll: () => {
      list.lookForAll();
      setGathering(true);
    },
    isGathering,
    clear: () => setIds(new Set()),
  };
}

/** A revoked key has ended for good: nothing is left to do with it. */
export function isSelectable({ status }: Pick<ApiKey, 'status'>): boolean {
  return status !== 'revoked';
}
