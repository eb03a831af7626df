import { useEffect, useMemo, useState } from 'react';
import { FIRST_PAGE_LENGTH } from '../api/first-queries.ts';
import { useKeys } from '../api/queries.ts';
import type { ApiKey } from '../api/records.ts';
import { useNow } from '../app-context.tsx';
import type { MemberNames } from '../members/member-names.ts';
import { isFiltering, type KeyFilter, matchesFilter } from './key-filter.ts';

const SHOWN_AT_ONCE = FIRST_PAGE_LENGTH;
/** The API revokes no more keys in one call. */
export const MOST_AT_ONCE = 1_000;

export interface MatchingKeys {
  readonly keys: readonly ApiKey[];
  readonly state: 'loading' | 'failed' | 'ready';
  readonly fault: unknown;
  /** Whether more keys could match; the list then has a button for them. */
  readonly hasMore: boolean;
  readonly isLooking: boolean;
  /** How many keys were looked through. */
  readonly lookedThrough: number;
  /** Every key that was looked through and matches, also those that are not shown yet. */
  readonly found: readonly ApiKey[];
  /** Whether all pages were looked through, or as many keys found as {@link lookForAll} looks for. */
  readonly isComplete: boolean;
  /** Looks through all pages for as many keys as one action can take. */
  readonly lookForAll: () => void;
  readonly showMore: () => void;
  readonly retry: () => void;
}

/**
 * The newest keys that match a filter. The API filters by status and by maker. The rest is done here: pages are read until enough keys match
 * or there are no more.
 */
export function useMatchingKeys(
  workspace: string,
  { filter, members }: { readonly filter: KeyFilter; readonly members: MemberNames | undefined },
): MatchingKeys {
  const now = useNow();
  const [shown, setShown] = useState(SHOWN_AT_ONCE);
  const [wanted, setWanted] = useState(SHOWN_AT_ONCE);
  const query = useKeys(workspace, filter);
  const loaded = useMemo(() => query.data?.pages.flatMap(({ keys }) => keys) ?? [], [query.data]);
  const matching = useMemo(
    () => loaded.filter((key) => matchesFilter(key, filter, { now, members })),
    [loaded, filter, now, members],
  );
  const { hasNextPage, isFetching, isError, fetchNextPage, refetch } = query;
  const mustLook = matching.length < Math.max(shown, wanted) && hasNextPage && !isError;
  useEffect(() => {
    if (mustLook && !isFetching) void fetchNextPage();
  }, [mustLook, isFetching, fetchNextPage]);
  return {
    keys: matching.slice(0, shown),
    state: loaded.length > 0 || query.isSuccess ? 'ready' : isError ? 'failed' : 'loading',
    fault: query.error,
    hasMore: matching.length > shown || hasNextPage,
    isLooking: mustLook && (isFiltering(filter) || wanted > SHOWN_AT_ONCE),
    lookedThrough: loaded.length,
    found: matching,
    isComplete: !hasNextPage || matching.length >= MOST_AT_ONCE,
    lookForAll: () => setWanted(MOST_AT_ONCE),
    showMore: () => setShown((before) => before + SHOWN_AT_ONCE),
    retry: () => void refetch(),
  };
}
