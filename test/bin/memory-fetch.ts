import type { Caller } from '../../core/access/principal.ts';
import { MANAGEMENT_ROUTES } from '../../core/management/route.ts';
import { type MemoryApi, OPERATOR, type RouteName } from '../lambdas/management/memory-api.ts';

export const API_URL = 'https://keys.example.com';

/** The environment of a command that calls the API in memory as the operator. */
export const SIGNED_IN = { KEYWARD_URL: API_URL, KEYWARD_KEY: 'kwm_operator', KEYWARD_WORKSPACE: 'acme' };

/** A request that was made, in short. */
export type AskedRoute = `${RouteName}`;

/**
 * A `fetch` that the API in memory answers, without HTTP.
 * @param callers who calls with which credential. Without an entry, it is the operator's.
 */
export function memoryFetch(api: MemoryApi, callers: Readonly<Record<string, Caller>> = {}) {
  const asked: AskedRoute[] = [];
  const answer: typeof fetch = async (input, init = {}) => {
    const url = new URL(String(input));
    const found = findRoute(init.method ?? 'GET', url.pathname);
    if (url.origin !== API_URL || found === undefined) return new Response('', { status: 404 });
    asked.push(found.route);
    const credential = new Headers(init.headers).get('Authorization')?.replace('Bearer ', '') ?? '';
    const { status, body } = await api.call(found.route, {
      as: callers[credential] ?? OPERATOR,
      path: found.parameters,
      query: Object.fromEntries(url.searchParams),
      body: init.body ?? undefined,
    });
    return Response.json({ ...body, ...(status >= 400 && { request_id: 'request-1' }) }, { status });
  };
  return { fetch: answer, asked };
}

function findRoute(method: string, path: string) {
  for (const route of MANAGEMENT_ROUTES) {
    const names = [...route.path.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => name);
    const match = new RegExp(`^${route.path.replaceAll(/\{\w+\}/g, '([^/]+)')}$`).exec(path);
    if (route.method !== method || match === null) continue;
    const values = match.slice(1).map(decodeURIComponent);
    const parameters = Object.fromEntries(names.map((name, index) => [name, values[index] ?? '']));
    return { route: `${route.method} ${route.path}` as RouteName, parameters };
  }
  return undefined;
}
