import { useInfiniteQuery, useQuery, useQueryClient } from '@tanstack/react-query';
import { useMemo } from 'react';
import { useApp } from '../app-context.tsx';
import type { MemberNames } from '../members/member-names.ts';
import { callerQuery, type KeyListQuery, keyListQuery, PAGE_LENGTH, tellOtherTabs } from './first-queries.ts';
import type { EventQuery, Member } from './records.ts';

export function useCaller() {
  const { api } = useApp();
  return useQuery(callerQuery(api));
}

function useCatalogue() {
  const { api, config } = useApp();
  return useQuery({
    queryKey: ['scopes'],
    queryFn: async () => (await api.scopes()).scopes,
    enabled: config.features.scopes,
    staleTime: Number.POSITIVE_INFINITY,
  });
}

/** The scopes of the product; none while they are not known. */
export function useScopes() {
  return useCatalogue().data ?? [];
}

/** Whether a form can offer the scopes, and why not. A product without scopes needs none. */
export function useScopesState() {
  const { config } = useApp();
  const { isSuccess, error, refetch } = useCatalogue();
  return { isReady: isSuccess || !config.features.scopes, fault: error, retry: () => void refetch() };
}

/** The keys of a workspace, newest first, page by page. */
export function useKeys(workspace: string, query: KeyListQuery) {
  return useInfiniteQuery(keyListQuery(useApp().api, workspace, query));
}

const EVERY_KEY: KeyListQuery = { status: '', maker: '' };

/** The names of the newest keys, by their ids. */
export function useKeyNames(workspace: string): ReadonlyMap<string, string> {
  const { data } = useKeys(workspace, EVERY_KEY);
  return useMemo(() => {
    const keys = data?.pages.flatMap((page) => page.keys) ?? [];
    return new Map(keys.map(({ id, name, start }) => [id, name ?? `${start}…`]));
  }, [data]);
}

/**
 * How many keys take up a place in the limit; `undefined` while that is not known, or where there is no limit.
 * @param enabled false for a person who does not see everybody's keys, and could only count their own.
 */
export function useActiveKeyCount(
  workspace: string,
  { enabled }: { readonly enabled: boolean },
): number | undefined {
  const { api, config } = useApp();
  const { max_active_keys: limit } = config.features;
  const count = useQuery({
    queryKey: ['keys', workspace, 'count'],
    enabled: enabled && limit !== null,
    queryFn: async () => {
      const pages = await Promise.all(
        (['active', 'disabled'] as const).map((status) =>
          api.keys.list({ workspace, status, limit: PAGE_LENGTH }),
        ),
      );
      return pages.reduce((sum, { keys }) => sum + keys.length, 0);
    },
  });
  return count.data;
}

export function useKey(workspace: string, id: string) {
  const { api } = useApp();
  return useQuery({
    queryKey: ['keys', workspace, 'one', id],
    queryFn: () => api.keys.get({ workspace, key: id }),
  });
}

/** The person's own tokens, newest first. A session may not ask for them. */
export function useTokens({ enabled }: { readonly enabled: boolean }) {
  const { api } = useApp();
  return useInfiniteQuery({
    queryKey: ['tokens'],
    enabled,
    queryFn: ({ pageParam }) => api.tokens.list({ cursor: pageParam, limit: PAGE_LENGTH }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: ({ next_cursor }) => next_cursor ?? undefined,
  });
}

/** The open invitations; asked for only where the person may see them. */
export function useInvitations(workspace: string, { enabled }: { readonly enabled: boolean }) {
  const { api } = useApp();
  return useInfiniteQuery({
    queryKey: ['invitations', workspace],
    queryFn: ({ pageParam }) => api.invitations.list({ workspace, cursor: pageParam, limit: PAGE_LENGTH }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: ({ next_cursor }) => next_cursor ?? undefined,
    enabled,
  });
}

/** The audit log of a workspace, newest first. */
export function useEvents(workspace: string, query: EventQuery) {
  const { api } = useApp();
  return useInfiniteQuery({
    queryKey: ['events', workspace, query],
    queryFn: ({ pageParam }) => api.events.list({ workspace, ...query, cursor: pageParam, limit: 50 }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: ({ next_cursor }) => next_cursor ?? undefined,
  });
}

/** All members of a workspace. */
export function useMembers(workspace: string) {
  const { api } = useApp();
  return useQuery({
    queryKey: ['members', workspace],
    queryFn: async () => {
      const all: Member[] = [];
      for await (const member of api.members.listAll({ workspace, limit: PAGE_LENGTH })) all.push(member);
      return all;
    },
  });
}

export function useMemberNames(workspace: string): MemberNames | undefined {
  const members = useMembers(workspace).data;
  return useMemo(() => members && new Map(members.map(({ user_id, name }) => [user_id, name])), [members]);
}

/** Reads again what a change has made stale, here and in the other tabs. */
export function useChanged(...changed: readonly string[]): () => Promise<void> {
  const queries = useQueryClient();
  return async () => {
    tellOtherTabs({ changed });
    await queries.invalidateQueries({ queryKey: changed });
  };
}
