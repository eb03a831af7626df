/** A member's role in a workspace, from the most to the least powerful. */
export const ROLES = ['owner', 'admin', 'member'] as const;

export type Role = (typeof ROLES)[number];
