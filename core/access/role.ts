/** A member's role in a workspace, from the most to the least powerful. */
export const ROLES = ['owner', 'admin', 'member'] as const;

export type Role = (typeof ROLES)[number];

export function isRoleAtLeast(role: Role, bound: Role): boolean {
  return ROLES.indexOf(role) <= ROLES.indexOf(bound);
}

export function lowerRole(one: Role, other: Role): Role {
  return isRoleAtLeast(one, other) ? other : one;
}
