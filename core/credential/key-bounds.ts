import type { Role } from '../access/role.ts';
import type { Scopes } from '../access/scope.ts';

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

/** The fields of a key that somebody may narrow for all below them. Expiries are in Unix seconds. */
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

/** What a rank has set and no lower one loosens. Nobody is below a member, so what they set binds nobody. */
type ByRank<Value> = { readonly [Setter in Exclude<Rank, 'member'>]?: Value };

/** By field: the value that each rank has set, as long as it takes something away. */
export type KeyBounds = { readonly [Field in BoundField]?: ByRank<BoundFields[Field]> };

/** The fields that somebody names in a change, or when they issue a key. */
export type NamedFields = { readonly [Field in BoundField]?: BoundFields[Field] | undefined };

export const UNBOUND: KeyBounds = {};

/** What binds a key after a change: what somebody names takes the place of what they and all below them had set. */
export function changeBounds(
  bounds: KeyBounds,
  { rank, named }: { readonly rank: Rank; readonly named: NamedFields },
): KeyBounds {
  const above = new Set<string>(ranksAbove(rank));
  const after: Record<string, ByRank<unknown>> = { ...bounds };
  for (const field of BOUND_FIELDS) {
    const value = named[field];
    if (value === undefined) continue;
    const higher = Object.entries(bounds[field] ?? {}).filter(([setter]) => above.has(setter));
    const own = rank !== 'member' && takesAway(value) ? [[rank, value] as const] : [];
    after[field] = Object.fromEntries([...higher, ...own]);
  }
  return Object.fromEntries(Object.entries(after).filter(([, set]) => Object.keys(set).length > 0));
}

/** A value that takes nothing away is no bound. */
function takesAway(value: BoundFields[BoundField]): boolean {
  if (Array.isArray(value)) return value.length > 0;
  return value !== null && value !== true && value !== 'all';
}
