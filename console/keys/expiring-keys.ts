import { useQuery } from '@tanstack/react-query';
import { useApp, useNow } from '../app-context.tsx';
import { isExpiring } from './key-filter.ts';

/** So many of the newest active keys are looked through, ten pages of the API. */
const MOST_LOOKED_THROUGH = 1_000;
/** The end of a key is days away, so a minute is soon enough. */
const FRESH_MS = 60_000;

export interface ExpiringKeys {
  readonly count: number;
  /** Whether every active key was looked through. */
  readonly isAll: boolean;
}

/**
 * How many active keys end soon, whatever the list shows; `undefined` while that is not known.
 * @param enabled false while the list itself is still on its way: it comes first.
 */
export function useExpiringKeys(
  workspace: string,
  { enabled }: { readonly enabled: boolean },
): ExpiringKeys | undefined {
  const { api } = useApp();
  const now = useNow();
  const { data } = useQuery({
    queryKey: ['keys', workspace, 'expiring'],
    enabled,
    staleTime: FRESH_MS,
    queryFn: async () => {
      const ending = [];
      let count = 0;
      for await (const key of api.keys.listAll({ workspace, status: 'active', limit: 100 })) {
        if (count === MOST_LOOKED_THROUGH) return { ending, isAll: false };
        if (key.expires_at !== null) ending.push(key);
        count++;
      }
      return { ending, isAll: true };
    },
  });
  return data && { count: data.ending.filter((key) => isExpiring(key, now)).length, isAll: data.isAll };
}
