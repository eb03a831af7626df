import { type ActivityFilter, readActivityFilter, writeActivityFilter } from '../activity/activity-filter.ts';
import { type KeyFilter, readKeyFilter, writeKeyFilter } from '../keys/key-filter.ts';

/**
 * The views of the console. Their addresses are fragments: the server always serves one page, an address in a log holds none of
 * them, and a sign-in comes back to the registered page alone.
 */
export type Route =
  | { readonly view: 'home' }
  | { readonly view: 'keys'; readonly workspace: string; readonly filter: KeyFilter }
  | { readonly view: 'new_key'; readonly workspace: string; readonly draft: KeyDraftLink }
  | { readonly view: 'key'; readonly workspace: string; readonly key: string }
  | { readonly view: 'activity'; readonly workspace: string; readonly filter: ActivityFilter }
  | { readonly view: WorkspaceView; readonly workspace: string }
  | { readonly view: 'unknown' };

export const WORKSPACE_VIEWS = ['tokens', 'members', 'settings'] as const;
export type WorkspaceView = (typeof WORKSPACE_VIEWS)[number];

/** What a link may fill into the form of a new key: `#/acme/keys/new?name=ci&scopes=read:all&expires=30`. */
export interface KeyDraftLink {
  readonly name: string;
  readonly description: string;
  readonly scopes: readonly string[];
  /** A number of days, or a day such as `2027-01-31`; empty where the link names none. */
  readonly expires: string;
}

/** @param fragment of an address, with its `#` or without. */
export function readRoute(fragment: string): Route {
  const [path = '', query = ''] = splitOnce(fragment.replace(/^#/, ''), '?');
  const parameters = new URLSearchParams(query);
  const [workspace, section, item, ...rest] = path.split('/').slice(1).map(decode);
  if (workspace === undefined || workspace === '')
    return path === '' || path === '/' ? { view: 'home' } : { view: 'unknown' };
  if (rest.length > 0) return { view: 'unknown' };
  if (section === undefined || section === '')
    return { view: 'keys', workspace, filter: readKeyFilter(parameters) };
  if (section === 'keys') {
    if (item === undefined || item === '')
      return { view: 'keys', workspace, filter: readKeyFilter(parameters) };
    if (item === 'new') return { view: 'new_key', workspace, draft: readDraft(parameters) };
    return { view: 'key', workspace, key: item };
  }
  if (section === 'activity' && item === undefined)
    return { view: 'activity', workspace, filter: readActivityFilter(parameters) };
  const view = WORKSPACE_VIEWS.find((known) => known === section);
  return view !== undefined && item === undefined ? { view, workspace } : { view: 'unknown' };
}

/** The fragment of a view, with its `#`. */
export function writeRoute(route: Route): string {
  switch (route.view) {
    case 'home':
    case 'unknown':
      return '#/';
    case 'keys':
      return at(route.workspace, ['keys'], writeKeyFilter(route.filter));
    case 'new_key':
      return at(route.workspace, ['keys', 'new'], writeDraft(route.draft));
    case 'key':
      return at(route.workspace, ['keys', route.key], new URLSearchParams());
    case 'activity':
      return at(route.workspace, ['activity'], writeActivityFilter(route.filter));
    default:
      return at(route.workspace, [route.view], new URLSearchParams());
  }
}

export const EMPTY_DRAFT: KeyDraftLink = { name: '', description: '', scopes: [], expires: '' };

function at(workspace: string, path: readonly string[], parameters: URLSearchParams): string {
  const query = parameters.toString().replaceAll('%3A', ':').replaceAll('%2C', ',');
  return `#/${[workspace, ...path].map(encodeURIComponent).join('/')}${query === '' ? '' : `?${query}`}`;
}

function readDraft(parameters: URLSearchParams): KeyDraftLink {
  return {
    name: parameters.get('name') ?? '',
    description: parameters.get('description') ?? '',
    scopes: (parameters.get('scopes') ?? '').split(/[\s,]+/).filter((scope) => scope !== ''),
    expires: parameters.get('expires') ?? '',
  };
}

function writeDraft({ name, description, scopes, expires }: KeyDraftLink): URLSearchParams {
  const parameters = new URLSearchParams();
  if (name !== '') parameters.set('name', name);
  if (description !== '') parameters.set('description', description);
  if (scopes.length > 0) parameters.set('scopes', scopes.join(','));
  if (expires !== '') parameters.set('expires', expires);
  return parameters;
}

function splitOnce(text: string, mark: string): readonly [string, string] {
  const at = text.indexOf(mark);
  return at === -1 ? [text, ''] : [text.slice(0, at), text.slice(at + 1)];
}

/** A part that is no valid percent-encoding stays as it is: an address must not break the page. */
function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
