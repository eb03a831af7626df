import type { KeyFields } from './api-key.ts';
import { areWithinNetworks } from './network.ts';
import { type Creator, forbid, PERMITTED, type Permission } from './permission.ts';
import type { Principal } from './principal.ts';
import type { Profile } from './profile.ts';
import type { Role } from './role.ts';
import { covers } from './scope.ts';

/** Who changes keys, from the highest to the lowest. */
const RANKS = ['operator', 'owner', 'admin', 'member'] as const satisfies readonly (Role | 'operator')[];

export type Rank = (typeof RANKS)[number];

/** What a rank has set and no lower one loosens. Nobody is below a member, so what they set binds nobody. */
type ByRank<Value> = { readonly [Setter in Exclude<Rank, 'member'>]?: Value };

type BoundField = 'enabled' | 'expiresAt' | 'allowedCidrs' | 'scopes';

/** By field: the value that each rank has set, as long as it takes something away. */
export type KeyBounds = { readonly [Field in BoundField]?: ByRank<KeyFields[Field]> };

/** The fields that somebody names in a change, or when they issue a key. */
export type NamedFields = { readonly [Field in BoundField]?: KeyFields[Field] | undefined };

export const UNBOUND: KeyBounds = {};

/** @param issuer what the creator of a key that calls is now: a key ranks as they do, and as a member where it has none. */
export function rankOf({ kind, role }: Principal, issuer: Creator): Rank {
  if (kind === 'management_key') return 'operator';
  if (kind === 'person') return role ?? 'member';
  return issuer === 'nobody' || issuer === 'gone' ? 'member' : issuer;
}

/**
 * What a higher rank has set may be narrowed further, and is loosened beyond what they set by nobody below them: neither by
 * the key's own maker, nor by a key of theirs.
 */
export function mayLoosen(
  profile: Profile,
  { bounds, rank, named }: { readonly bounds: KeyBounds; readonly rank: Rank; readonly named: NamedFields },
): Permission {
  for (const setter of RANKS.slice(0, RANKS.indexOf(rank)))
    for (const field of BOUND_FIELDS)
      if (isBeyond(profile, { field, bounds, setter, named })) return forbid(refusalOf(field, setter));
  return PERMITTED;
}

/** What binds a key after a change: what somebody names takes the place of what they and all below them had set. */
export function boundsAfter(
  bounds: KeyBounds,
  { rank, named }: { readonly rank: Rank; readonly named: NamedFields },
): KeyBounds {
  const after: Record<string, ByRank<unknown>> = { ...bounds };
  for (const field of BOUND_FIELDS) {
    const value = named[field];
    if (value === undefined) continue;
    const higher = Object.entries(bounds[field] ?? {}).filter(([setter]) => isHigher(setter, rank));
    const own = rank !== 'member' && takesAway(value) ? [[rank, value] as const] : [];
    after[field] = Object.fromEntries([...higher, ...own]);
  }
  return Object.fromEntries(Object.entries(after).filter(([, set]) => Object.keys(set).length > 0));
}

/** What a caller is told, by field: who set it, and who may do what they may not. */
const REFUSALS: Readonly<Record<BoundField, (setter: string, able: string) => string>> = {
  enabled: (setter, able) => `The key was disabled by ${setter}. Only ${able} may enable it again.`,
  expiresAt: (setter, able) => `expires_at was set by ${setter}. Only ${able} may make it later.`,
  allowedCidrs: (setter, able) => `allowed_cidrs was set by ${setter}. Only ${able} may widen it.`,
  scopes: (setter, able) => `scopes was set by ${setter}. Only ${able} may add to it.`,
};

const BOUND_FIELDS = Object.keys(REFUSALS) as BoundField[];

const WHO = { operator: 'the operator', owner: 'an owner', admin: 'an admin', member: 'a member' } as const;

function refusalOf(field: BoundField, setter: Rank): string {
  const able = RANKS.slice(0, RANKS.indexOf(setter) + 1).toReversed();
  return REFUSALS[field](WHO[setter], able.map((rank) => WHO[rank]).join(' or '));
}

function isHigher(setter: string, rank: Rank): boolean {
  return RANKS.slice(0, RANKS.indexOf(rank)).some((higher) => higher === setter);
}

/** A value that takes nothing away is no bound. */
function takesAway(value: KeyFields[BoundField]): boolean {
  if (Array.isArray(value)) return value.length > 0;
  return value !== null && value !== true && value !== 'all';
}

interface Bound {
  readonly field: BoundField;
  readonly bounds: KeyBounds;
  readonly setter: Rank;
  readonly named: NamedFields;
}

/** Whether what is named for a field is more than what one rank has set. */
function isBeyond({ scopes: catalogue }: Profile, { field, bounds, setter, named }: Bound): boolean {
  if (setter === 'member') return false;
  if (field === 'enabled') return named.enabled === true && bounds.enabled?.[setter] === false;
  if (field === 'expiresAt') {
    const [asked, set] = [named.expiresAt, bounds.expiresAt?.[setter] ?? null];
    return asked !== undefined && set !== null && (asked === null || asked > set);
  }
  if (field === 'allowedCidrs') {
    const [asked, set = []] = [named.allowedCidrs, bounds.allowedCidrs?.[setter]];
    return asked !== undefined && set.length > 0 && (asked.length === 0 || !areWithinNetworks(asked, set));
  }
  const [asked, set = 'all'] = [named.scopes, bounds.scopes?.[setter]];
  return asked !== undefined && catalogue !== undefined && !covers(catalogue, set, asked);
}
