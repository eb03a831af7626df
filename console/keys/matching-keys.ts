import { useEffect, useMemo, useState } from 'react';
import { useKeys } from '../api/queries.ts';
import type { ApiKey } from '../api/records.ts';
import { useNow } from '../app-context.tsx';
import { isFiltering, type KeyFilter, matchesFilter } from './key-filter.ts';

const SHOWN_AT_ONCE = 50;

export interface MatchingKeys {
  readonly keys: readonly ApiKey[];
  readonly state: 'loading' | 'failed' | 'ready';
  readonly fault: unknown;
  /** Whether more keys could match; the list then has a button for them. */
  readonly hasMore: boolean;
  readonly isLooking: boolean;
  /** How many keys were looked through. */
  readonly lookedThrough: number;
  readonly showMore: () => void;
  readonly retry: () => void;
}

/**
 * The newest keys that match a filter. The API filters by status. The rest is done here: pages are read until enough keys match
 * or there are no more.
 */
export function useMatchingKeys(
  workspace: string,
  { filter, members }: { readonly filter: KeyFilter; readonly members: ReadonlySet<string> | undefined },
): MatchingKeys {
  const now = useNow();
  const [shown, setShown] = useState(SHOWN_AT_ONCE);
  const query = useKeys(workspace, filter.status === '' ? undefined : filter.status);
  const loaded = useMemo(() => query.data?.pages.flatMap(({ keys }) => keys) ?? [], [query.data]);
  const matching = useMemo(
    () => loaded.filter((key) => matchesFilter(key, filter, { now, members })),
    [loaded, filter, now, members],
  );
  const { hasNextPage, isFetching, isError, fetchNextPage, refetch } = query;
  const mustLook = matching.length < shown && hasNextPage && !isError;
  useEffect(() => {
    if (mustLook && !isFetching) void fetchNextPage();
  }, [mustLook, isFetching, fetchNextPage]);
  return {
    keys: matching.slice(0, shown),
    state: loaded.length > 0 || query.isSuccess ? 'ready' : isError ? 'failed' : 'loading',
    fault: query.error,
    hasMore: matching.length > shown || hasNextPage,
    isLooking: mustLook && isFiltering(filter),
    lookedThrough: loaded.length,
    showMore: () => setShown((before) => before + SHOWN_AT_ONCE),
    retry: () => void refetch(),
  };
}
