import { useMemo, useSyncExternalStore } from 'react';
import { type Route, readRoute, writeRoute } from './route.ts';

/** The view that the address names; it changes with the address. */
export function useRoute(): Route {
  const fragment = useSyncExternalStore(listenToAddress, () => window.location.hash);
  return useMemo(() => readRoute(fragment), [fragment]);
}

export function goTo(route: Route): void {
  window.location.hash = writeRoute(route);
}

/** As {@link goTo}, without a new entry in the history: for what a person types into a filter. */
export function replaceRoute(route: Route): void {
  window.history.replaceState(window.history.state, '', writeRoute(route));
  window.dispatchEvent(new PopStateEvent('popstate'));
}

function listenToAddress(tell: () => void): () => void {
  window.addEventListener('hashchange', tell);
  window.addEventListener('popstate', tell);
  return () => {
    window.removeEventListener('hashchange', tell);
    window.removeEventListener('popstate', tell);
  };
}
