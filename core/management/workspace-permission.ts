import type { Principal } from '../access/principal.ts';
import { forbid, PERMITTED, type Permission } from './permission.ts';

/** A plan is what the operator sells, so that only they set it; a name is the owners'. */
export function mayUpdateWorkspace(
  { kind, role }: Principal,
  fields: readonly ('name' | 'plan')[],
): Permission {
  if (kind === 'management_key') return PERMITTED;
  if (fields.includes('plan')) return forbid('Only a management key may set the plan.');
  const isOwner = kind === 'person' && role === 'owner';
  return isOwner ? PERMITTED : forbid('Only an owner who is signed in may rename the workspace.');
}
