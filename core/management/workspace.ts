import { lowerRole, type Role } from '../access/role.ts';
import type { Profile, RateLimit } from '../profile/profile.ts';

/** A tenant. Its slug is never changed and never given out again. */
export interface Workspace {
  readonly slug: string;
  readonly name: string;
  /** One of the profile's plans; `null` where it has none. */
  readonly plan: string | null;
  /** Unix seconds. */
  readonly createdAt: number;
  /** Grows with every change; where plans limit keys, issuing one requires the version whose plan it was decided on. */
  readonly version: number;
}

export interface Member {
  readonly workspace: string;
  readonly userId: string;
  readonly role: Role;
  /** The role they are being lowered to; absent while they are not. Whoever is being removed is no member any more. */
  readonly pendingRole?: Role;
  /** Unix seconds. */
  readonly createdAt: number;
  /** Grows with every change; issuing in a member's name requires the version it was decided on. */
  readonly version: number;
}

/** What a member may do at this moment: while they are being lowered, no more than what they will be. */
export function roleOf({ role, pendingRole = role }: Member): Role {
  return lowerRole(role, pendingRole);
}

const SLUG = /^[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?$/;

export function isSlug(text: string): boolean {
  return SLUG.test(text);
}

/** What a plan holds keys to that have no limit of their own; `null` where nothing is limited. */
export function planLimitOf({ rateLimits }: Profile, plan: string | null): RateLimit | null {
  if (rateLimits === undefined) return null;
  const { plans, defaultPlan } = rateLimits;
  return plans[plan ?? defaultPlan] ?? plans[defaultPlan] ?? null;
}
