import { lazy, type ReactNode, Suspense, useEffect, useMemo, useSyncExternalStore } from 'react';
import { useCaller } from './api/queries.ts';
import type { Membership } from './api/records.ts';
import { useApp, WorkspaceProvider } from './app-context.tsx';
import { Frame } from './frame/frame.tsx';
import { LinkQuestion, LinkRefusal } from './frame/link-page.tsx';
import { SignInPage } from './frame/sign-in-page.tsx';
import { NO_FILTER } from './keys/key-filter.ts';
import { KeysPage } from './keys/keys-page.tsx';
import type { Route } from './location/route.ts';
import { replaceRoute, useRoute } from './location/use-route.ts';
import { FaultBoundary } from './ui/fault-boundary.tsx';
import { Empty, Loading, Problem } from './ui/notice.tsx';

const loadViews = () => import('./views.ts');
const KeyPage = lazy(async () => ({ default: (await loadViews()).KeyPage }));
const TokensPage = lazy(async () => ({ default: (await loadViews()).TokensPage }));
const MembersPage = lazy(async () => ({ default: (await loadViews()).MembersPage }));
const ActivityPage = lazy(async () => ({ default: (await loadViews()).ActivityPage }));
const SettingsPage = lazy(async () => ({ default: (await loadViews()).SettingsPage }));

/** Picks what the page shows: the way in, or a view of a workspace. */
export function App() {
  const { signIn } = useApp();
  const state = useSyncExternalStore(signIn.listen, () => signIn.state);
  if (state.kind === 'starting') return <Waiting />;
  if (state.kind === 'signed_out') return <SignInPage reason={state.reason} wasSession={state.wasSession} />;
  if (state.kind === 'link_asked') return <LinkQuestion problem={state.problem} />;
  if (state.kind === 'link_refused') return <LinkRefusal reason={state.reason} />;
  return <SignedInApp />;
}

function SignedInApp() {
  const route = useRoute();
  const caller = useCaller();
  const memberships = caller.data?.workspaces;
  const membership = memberships && membershipOf(route, memberships);
  const isHome = route.view === 'home';
  useEffect(() => {
    if (isHome && membership !== undefined)
      replaceRoute({ view: 'keys', workspace: membership.slug, filter: NO_FILTER });
  }, [isHome, membership]);
  const context = useMemo(
    () => (caller.data && membership ? { person: caller.data, membership } : undefined),
    [caller.data, membership],
  );
  if (caller.data === undefined)
    return caller.isError ? (
      <Alone>
        <Problem fault={caller.error} onRetry={() => void caller.refetch()} />
      </Alone>
    ) : (
      <Waiting />
    );
  if (context === undefined) return <NoWorkspace />;
  return (
    <WorkspaceProvider value={context}>
      <Frame route={route}>
        <FaultBoundary key={route.view}>
          <Suspense fallback={<Loading what="the view" />}>
            <View route={route} />
          </Suspense>
        </FaultBoundary>
      </Frame>
    </WorkspaceProvider>
  );
}

function View({ route }: { readonly route: Route }) {
  const { config } = useApp();
  switch (route.view) {
    case 'home':
      return <Loading what="your keys" />;
    case 'keys':
      return <KeysPage key={route.workspace} filter={route.filter} />;
    case 'new_key':
      return <KeysPage key={route.workspace} filter={NO_FILTER} draft={route.draft} />;
    case 'key':
      return <KeyPage key={route.key} id={route.key} />;
    case 'tokens':
      return config.features.personal_access_tokens === null ? <NoSuchPage /> : <TokensPage />;
    case 'members':
      return <MembersPage key={route.workspace} />;
    case 'activity':
      return <ActivityPage key={route.workspace} filter={route.filter} />;
    case 'settings':
      return <SettingsPage key={route.workspace} />;
    case 'unknown':
      return <NoSuchPage />;
  }
}

function NoSuchPage() {
  return (
    <Empty title="No such page">
      <p>The address leads nowhere. Use the menu to go on.</p>
    </Empty>
  );
}

function NoWorkspace() {
  const { config } = useApp();
  return (
    <Alone>
      <Empty title={`You are in no such ${config.words.workspace}`}>
        <p>
          Either it does not exist, or you are no member of it. Ask one of its owners or admins to invite you.
          Then reload this page.
        </p>
        <p>
          <a href="#/">Go to your {config.words.workspaces}</a>
        </p>
      </Empty>
    </Alone>
  );
}

function Alone({ children }: { readonly children: ReactNode }) {
  return <main className="entry">{children}</main>;
}

function Waiting() {
  return (
    <Alone>
      <Loading what="the page" />
    </Alone>
  );
}

/** The membership that an address names; without one, the first. */
function membershipOf(route: Route, memberships: readonly Membership[]): Membership | undefined {
  if (route.view === 'home' || route.view === 'unknown') return memberships[0];
  return memberships.find(({ slug }) => slug === route.workspace);
}
