import { ADMINISTER } from './action-pattern.ts';
import { requirementOf, type ScopeCatalogue, type Scopes } from './scope.ts';

/** A member's role in a workspace, from the most to the least powerful. */
export const ROLES = ['owner', 'admin', 'member'] as const;

export type Role = (typeof ROLES)[number];

export function isRoleAtLeast(role: Role, bound: Role): boolean {
  return ROLES.indexOf(role) <= ROLES.indexOf(bound);
}

export function lowerRole(one: Role, other: Role): Role {
  return isRoleAtLeast(one, other) ? other : one;
}

/** What each role holds of a profile's scopes. */
export type RoleScopes = Readonly<Record<Role, Scopes>>;

/**
 * The scopes of a role. Only this function decides them: for people, for keys issued in their name, and for their tokens.
 * @param bounds of a profile. Its `roleScopes` are absent only if no scope administers: see {@link defaultRoleScopes}.
 */
export function scopesOfRole(bounds: { readonly roleScopes?: RoleScopes | undefined }, role: Role): Scopes {
  return bounds.roleScopes?.[role] ?? 'all';
}

/**
 * The scopes of roles in a profile that does not say: scopes that administer are for owners and admins. An administrator can
 * take over the secrets of others, so a plain member may not issue such a key.
 * @returns `undefined` if no scope administers: then all roles may hold all scopes. `nothing` if a member would hold no scope.
 */
export function defaultRoleScopes(catalogue: ScopeCatalogue): RoleScopes | 'nothing' | undefined {
  const administering = requirementOf(catalogue, ADMINISTER)?.grantedBy;
  if (administering === undefined) return undefined;
  const names = catalogue.definitions.map(({ name }) => name);
  const [first, ...rest] = names.filter((name) => !administering.includes(name));
  if (first === undefined) return 'nothing';
  return { owner: 'all', admin: 'all', member: [first, ...rest] };
}
