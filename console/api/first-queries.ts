import { infiniteQueryOptions, QueryClient, queryOptions } from '@tanstack/react-query';
import type { Route } from '../location/route.ts';
import type { Api } from './api.ts';
import type { KeyStatus, Person } from './records.ts';

/** Nothing is shown as fresh for longer than this without asking again. */
const FRESH_MS = 10_000;
/** The longest page that the API gives. */
export const PAGE_LENGTH = 100;
/** As many keys as the list shows at once, so that it is there sooner. */
export const FIRST_PAGE_LENGTH = 50;

export function createQueryClient(): QueryClient {
  return new QueryClient({
    defaultOptions: {
      queries: { networkMode: 'always', retry: false, staleTime: FRESH_MS, refetchOnWindowFocus: true },
      mutations: { networkMode: 'always', retry: false },
    },
  });
}

export function callerQuery(api: Api) {
  return queryOptions({ queryKey: ['caller'], queryFn: () => showPerson(api) });
}

/** @throws {Error} for a caller that is no person; the page signs nobody else in. */
async function showPerson(api: Api): Promise<Person> {
  const caller = await api.caller();
  if (!('workspaces' in caller)) throw new Error('Only people use this page.');
  return caller;
}

/** What the API filters a list of keys by. An empty text asks for nothing. */
export interface KeyListQuery {
  readonly status: KeyStatus | '';
  /** The id of the user in whose name the keys were issued. */
  readonly maker: string;
}

export function keyListQuery(api: Api, workspace: string, query: KeyListQuery) {
  const status = query.status || undefined;
  const created_by = query.maker || undefined;
  return infiniteQueryOptions({
    queryKey: ['keys', workspace, 'list', query.status, query.maker],
    queryFn: ({ pageParam }) => {
      const limit = pageParam === undefined ? FIRST_PAGE_LENGTH : PAGE_LENGTH;
      return api.keys.list({ workspace, status, created_by, cursor: pageParam, limit });
    },
    initialPageParam: undefined as string | undefined,
    getNextPageParam: ({ next_cursor }) => next_cursor ?? undefined,
  });
}

/** Asks for what the first view shows, all at once and while the scripts of the page are still on their way. */
export async function prefetchView(
  route: Route,
  { queries, api }: { readonly queries: QueryClient; readonly api: Api },
): Promise<void> {
  const person = queries.prefetchQuery(callerQuery(api));
  if (route.view === 'keys') {
    await queries.prefetchInfiniteQuery(keyListQuery(api, route.workspace, route.filter));
  }
  await person;
}

const channel = 'BroadcastChannel' in window ? new BroadcastChannel('keyward-console') : undefined;

interface TabMessage {
  readonly changed: readonly string[];
}

export function tellOtherTabs(message: TabMessage): void {
  channel?.postMessage(message);
}

/** Reads again what another tab has changed. */
export function followOtherTabs(queries: QueryClient): void {
  channel?.addEventListener('message', ({ data }: MessageEvent<TabMessage>) => {
    void queries.invalidateQueries({ queryKey: data.changed });
  });
}
