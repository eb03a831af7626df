import type { Role } from '../access/role.ts';

/** An offer of membership to whoever proves to have an e-mail address. Times are Unix seconds. */
export interface Invitation {
  readonly id: string;
  readonly workspace: string;
  /** As `normalEmailAddress` writes it. */
  readonly email: string;
  readonly role: Role;
  /** The member who made it; `null` for a management key. */
  readonly invitedBy: string | null;
  readonly createdAt: number;
  /** Worth nothing from this moment on. */
  readonly expiresAt: number;
}

export const INVITATION_SECONDS = 14 * 86_400;

/** @param now Unix seconds; `expiresAt === now` counts as expired. */
export function isOpen({ expiresAt }: Pick<Invitation, 'expiresAt'>, now: number): boolean {
  return expiresAt > now;
}
