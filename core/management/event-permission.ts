import type { Principal } from '../access/principal.ts';
import { forbid, PERMITTED, type Permission, reachesAll } from './permission.ts';

/** The log of a workspace tells of everybody in it, so it is for those who see everybody's credentials. */
export function mayReadEvents(caller: Principal): Permission {
  return reachesAll(caller) ? PERMITTED : forbid('A member may not read the audit log.');
}
