import { areWithinNetworks } from '../access/network.ts';
import type { Role } from '../access/role.ts';
import { covers, type ScopeCatalogue, type Scopes } from '../access/scope.ts';

/** Who changes keys, from the highest to the lowest. */
export const RANKS = ['operator', 'owner', 'admin', 'member'] as const satisfies readonly (
  | Role
  | 'operator'
)[];

export type Rank = (typeof RANKS)[number];

/** The ranks above one, from the highest. */
export function ranksAbove(rank: Rank): readonly Rank[] {
  return RANKS.slice(0, RANKS.indexOf(rank));
}

/** The fields of a key that a rank may narrow for all ranks below it. Expiries are in Unix seconds. */
interface BoundFields {
  readonly enabled: boolean;
  readonly expiresAt: number | null;
  readonly allowedCidrs: readonly string[];
  readonly scopes: Scopes;
}

export type BoundField = keyof BoundFields;

export const BOUND_FIELDS = [
  'enabled',
  'expiresAt',
  'allowedCidrs',
  'scopes',
] as const satisfies readonly BoundField[];

/** The values that ranks have set. A lower rank may not loosen them. Nobody is below a member, so members bind nobody. */
type ByRank<Value> = { readonly [Setter in Exclude<Rank, 'member'>]?: Value };

/** By field: the value that each rank has set, as long as the value takes something away. */
export type KeyBounds = { readonly [Field in BoundField]?: ByRank<BoundFields[Field]> };

/** The fields that a caller names when they change or issue a key. */
export type NamedFields = { readonly [Field in BoundField]?: BoundFields[Field] | undefined };

export const UNBOUND: KeyBounds = {};

/**
 * Works out what binds a key after a change. The values that a rank names replace those that this rank and all ranks below it
 * had set.
 */
export function changeBounds(
  bounds: KeyBounds,
  { rank, named }: { readonly rank: Rank; readonly named: NamedFields },
): KeyBounds {
  const above = new Set<string>(ranksAbove(rank));
  const changed: Record<string, ByRank<unknown>> = { ...bounds };
  for (const field of BOUND_FIELDS) {
    const value = named[field];
    if (value === undefined) continue;
    const higher = Object.entries(bounds[field] ?? {}).filter(([setter]) => above.has(setter));
    const own = rank !== 'member' && takesAway(value) ? [[rank, value] as const] : [];
    changed[field] = Object.fromEntries([...higher, ...own]);
  }
  return Object.fromEntries(Object.entries(changed).filter(([, set]) => Object.keys(set).length > 0));
}

/** A value that takes nothing away is no bound. */
function takesAway(value: BoundFields[BoundField]): boolean {
  if (Array.isArray(value)) return value.length > 0;
  return value !== null && value !== true && value !== 'all';
}

/** Tells whether the value named for a field allows more than the value that one rank has set. */
export function isLoosened(
  catalogue: ScopeCatalogue | undefined,
  asked: {
    readonly field: BoundField;
    readonly bounds: KeyBounds;
    readonly setter: Rank;
    readonly named: NamedFields;
  },
): boolean {
  const { field, bounds, setter, named } = asked;
  if (setter === 'member') return false;
  if (field === 'enabled') return named.enabled === true && bounds.enabled?.[setter] === false;
  if (field === 'expiresAt') {
    const [value, set] = [named.expiresAt, bounds.expiresAt?.[setter] ?? null];
    return value !== undefined && set !== null && (value === null || value > set);
  }
  if (field === 'allowedCidrs') {
    const [value, set = []] = [named.allowedCidrs, bounds.allowedCidrs?.[setter]];
    return value !== undefined && set.length > 0 && (value.length === 0 || !areWithinNetworks(value, set));
  }
  const [value, set = 'all'] = [named.scopes, bounds.scopes?.[setter]];
  return value !== undefined && catalogue !== undefined && !covers(catalogue, set, value);
}
