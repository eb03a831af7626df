import { areWithinNetworks } from '../access/network.ts';
import type { Principal } from '../access/principal.ts';
import { covers } from '../access/scope.ts';
import {
  BOUND_FIELDS,
  type BoundField,
  type KeyBounds,
  type NamedFields,
  type Rank,
  ranksAbove,
} from '../credential/key-bounds.ts';
import type { Profile } from '../profile/profile.ts';
import { ALLOW, type Creator, type Permission, refuse } from './permission.ts';

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
  for (const setter of ranksAbove(rank))
    for (const field of BOUND_FIELDS)
      if (isBeyond(profile, { field, bounds, setter, named })) return refuse(refusalOf(field, setter));
  return ALLOW;
}

/** What a caller is told, by field: who set it, and who may do what they may not. */
const REFUSALS: Readonly<Record<BoundField, (setter: string, able: string) => string>> = {
  enabled: (setter, able) => `The key was disabled by ${setter}. Only ${able} may enable it again.`,
  expiresAt: (setter, able) => `expires_at was set by ${setter}. Only ${able} may make it later.`,
  allowedCidrs: (setter, able) => `allowed_cidrs was set by ${setter}. Only ${able} may widen it.`,
  scopes: (setter, able) => `scopes was set by ${setter}. Only ${able} may add to it.`,
};

const WHO = { operator: 'the operator', owner: 'an owner', admin: 'an admin', member: 'a member' } as const;

function refusalOf(field: BoundField, setter: Rank): string {
  const able = [setter, ...ranksAbove(setter).toReversed()];
  return REFUSALS[field](WHO[setter], able.map((rank) => WHO[rank]).join(' or '));
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
