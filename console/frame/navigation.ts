import { EVERY_ACTIVITY } from '../activity/activity-filter.ts';
import type { ConsoleConfig } from '../config.ts';
import { NO_FILTER } from '../keys/key-filter.ts';
import { type Route, type WorkspaceView, writeRoute } from '../location/route.ts';

/** A step of the way to a view, as the product's own pages name it. */
export interface Step {
  readonly label: string;
  readonly href: string;
  readonly isHere: boolean;
  readonly steps: readonly Step[];
}

interface Place {
  readonly config: Pick<ConsoleConfig, 'place' | 'features'>;
  readonly workspace: string;
  readonly route: Route;
}

const TITLES: Readonly<Partial<Record<Route['view'], string>>> = {
  tokens: 'Personal access tokens',
  members: 'Members',
  activity: 'Activity',
  settings: 'Settings',
};

/** What the browser's tab is called, so that people find the view among others. */
export function titleOf(
  { view }: Pick<Route, 'view'>,
  { place, product }: Pick<ConsoleConfig, 'place' | 'product'>,
): string {
  return `${TITLES[view] ?? place.at(-1)} · ${product}`;
}

/** The steps beside the page: the product's way to its keys, and the other views of the workspace next to them. */
export function planNavigation({ config, workspace, route }: Place): readonly Step[] {
  const { place, features } = config;
  const isAtKeys = route.view === 'keys' || route.view === 'new_key' || route.view === 'key';
  const keysHref = writeRoute({ view: 'keys', workspace, filter: NO_FILTER });
  const view = (name: WorkspaceView, label: string): Step => ({
    label,
    href: writeRoute({ view: name, workspace }),
    isHere: route.view === name,
    steps: [],
  });
  const tokens = features.personal_access_tokens === null ? [] : [view('tokens', 'Personal access tokens')];
  const activity: Step = {
    label: 'Activity',
    href: writeRoute({ view: 'activity', workspace, filter: EVERY_ACTIVITY }),
    isHere: route.view === 'activity',
    steps: [],
  };
  const others = [view('members', 'Members'), activity];
  const [first = 'API Keys', ...rest] = place;
  const keys = (labels: readonly string[]): Step => {
    const [label = first, ...inner] = labels;
    const steps = inner.length > 0 ? [keys(inner)] : [];
    return { label, href: keysHref, isHere: isAtKeys && inner.length === 0, steps };
  };
  if (rest.length === 0) return [keys([first]), ...tokens, ...others, view('settings', 'Settings')];
  const settings = view('settings', first);
  return [{ ...settings, steps: [keys(rest), ...tokens, ...others] }];
}
