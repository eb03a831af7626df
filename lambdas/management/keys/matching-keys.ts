import type { Principal } from '../../../core/access/principal.ts';
import type { ApiKey } from '../../../core/credential/credential.ts';
import { type KeyFilter, meetsFilter } from '../../../core/management/key-filter.ts';
import { mayRevoke, reachesAll } from '../../../core/management/permission.ts';
import { workInParallel } from '../http/parallel-work.ts';
import type { WorkspaceCall } from '../workspaces/resolve-caller.ts';
import type { KeyOptions } from './change-key.ts';

type MatchOptions = Pick<KeyOptions, 'profile' | 'keys'>;

/** The keys that a caller may revoke and that meet a filter, as far as one look finds them. Newest first. */
export interface MatchingKeys {
  readonly keys: readonly ApiKey[];
  /** Of the ids that the filter names and that were looked at: those of no key that the caller may revoke. */
  readonly unknownIds: readonly string[];
  /** The id to continue after; `null` at the end. */
  readonly next: string | null;
}

/** How many keys one look reads. */
const LOOK = 100;

/** How many keys that are named by their ids are read at the same time. */
const READ_AT_ONCE = 16;

/**
 * Looks for keys that meet a filter. One look reads a bounded number of keys, so it may find none although more follow.
 * @param search.after the id after which to look; `undefined` for the newest.
 */
export function findMatchingKeys(
  options: MatchOptions,
  call: WorkspaceCall,
  { filter, after }: { readonly filter: KeyFilter; readonly after: string | undefined },
): Promise<MatchingKeys> {
  const { ids } = filter;
  return ids === undefined
    ? lookThroughList(options, call, { filter, after })
    : lookUpIds(options, call, { filter, ids: idsAfter(ids, after) });
}

async function lookThroughList(
  options: MatchOptions,
  call: WorkspaceCall,
  { filter, after }: { readonly filter: KeyFilter; readonly after: string | undefined },
): Promise<MatchingKeys> {
  const { caller, workspace, now } = call;
  const own = reachesAll(caller) ? undefined : (caller.user ?? undefined);
  const createdBy = own ?? filter.createdBy;
  const { externalId } = filter;
  const asked = { workspace: workspace.slug, limit: LOOK, after, createdBy, externalId, now };
  const page = await options.keys.list(asked);
  const reached = page.keys.filter((key) => mayReach(caller, key));
  return { keys: pick(options, call, { keys: reached, filter }), unknownIds: [], next: page.next };
}

async function lookUpIds(
  options: MatchOptions,
  call: WorkspaceCall,
  { filter, ids }: { readonly filter: KeyFilter; readonly ids: readonly string[] },
): Promise<MatchingKeys> {
  const { caller, workspace } = call;
  const looked = ids.slice(0, LOOK);
  const found = await workInParallel(looked, {
    atOnce: READ_AT_ONCE,
    work: (id) => options.keys.get({ workspace: workspace.slug, id }),
  });
  const reached = found.filter((key) => key !== undefined).filter((key) => mayReach(caller, key));
  const known = new Set(reached.map(({ id }) => id));
  return {
    keys: pick(options, call, { keys: reached, filter }),
    unknownIds: looked.filter((id) => !known.has(id)),
    next: ids.length > looked.length ? (looked.at(-1) ?? null) : null,
  };
}

function mayReach(caller: Principal, key: ApiKey): boolean {
  return mayRevoke(caller, key).kind === 'allow';
}

function pick(
  { profile }: MatchOptions,
  { now }: WorkspaceCall,
  { keys, filter }: { readonly keys: readonly ApiKey[]; readonly filter: KeyFilter },
): readonly ApiKey[] {
  return keys.filter((key) => meetsFilter(key, filter, { catalogue: profile.scopes, now }));
}

/** Newest first, as lists are: an id begins with the time when it was made. */
function idsAfter(ids: ReadonlySet<string>, after: string | undefined): readonly string[] {
  const sorted = [...ids].sort().reverse();
  return after === undefined ? sorted : sorted.filter((id) => id < after);
}
