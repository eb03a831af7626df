import type { ApiKey, KeyFields } from './api-key.ts';
import { areWithinNetworks } from './network.ts';
import type { Principal } from './principal.ts';
import type { Profile } from './profile.ts';
import type { Role } from './role.ts';
import { covers, type ScopeCatalogue, type Scopes } from './scope.ts';

/**
 * Who may do what through the management API. Nobody issues a credential, or changes one into one, that can do more than
 * they can themselves; nobody acts on a credential that can.
 */
export type Permission =
  | { readonly kind: 'permitted' }
  | { readonly kind: 'forbidden' /** A whole sentence. */; readonly reason: string };

const PERMITTED: Permission = { kind: 'permitted' };
const forbid = (reason: string): Permission => ({ kind: 'forbidden', reason });

/** Tells a stranger from somebody who belongs here; to a stranger the workspace does not exist. */
export function belongsTo({ kind, workspace }: Principal, slug: string): boolean {
  return kind === 'management_key' || workspace === slug;
}

/** What a key may be issued with, and what it may be changed into. */
export type Power = Pick<KeyFields, 'scopes' | 'expiresAt' | 'allowedCidrs'>;

/**
 * @param creatorRole of the member in whose name it is issued; `null` where nobody is named. What they may issue bounds
 * what is issued in their name, also by a management key.
 */
export function mayIssue(
  profile: Profile,
  caller: Principal,
  key: Pick<KeyFields, 'rateLimit'> & Power,
  creatorRole: Role | null,
): Permission {
  if (key.rateLimit !== null && caller.kind !== 'management_key') return OPERATOR_SETS_LIMITS;
  if (creatorRole !== null && !isWithin(profile.scopes, rolePower(profile, creatorRole), key.scopes)) {
    return forbid(`Somebody with the role ${creatorRole} may not issue these scopes.`);
  }
  return isWithinOwnPower(profile, caller, key);
}

/** Changing a key needs at least its power before and after. */
export function mayUpdate(profile: Profile, caller: Principal, before: ApiKey, after: KeyFields): Permission {
  if (caller.kind === 'management_key') return PERMITTED;
  if (caller.credentialId === before.id) return forbid('A key may not change itself.');
  if (!isSameLimit(before, after)) return OPERATOR_SETS_LIMITS;
  if (!isWithin(profile.scopes, caller.scopes, before.scopes)) {
    return forbid('The key holds scopes that the caller does not.');
  }
  return isWithinOwnPower(profile, caller, after);
}

/** A new secret has the key's whole power, so rotating needs what issuing it would. */
export function mayRotate(profile: Profile, caller: Principal, key: ApiKey): Permission {
  if (caller.kind === 'management_key') return PERMITTED;
  if (caller.credentialId === key.id) return forbid('A key may not rotate itself.');
  return isWithinOwnPower(profile, caller, key);
}

const OPERATOR_SETS_LIMITS = forbid('Only a management key may set rate_limit.');

function isWithinOwnPower(profile: Profile, caller: Principal, asked: Power): Permission {
  if (caller.kind === 'management_key') return PERMITTED;
  const { expiresAt, allowedCidrs } = caller.constraints;
  if (!isWithin(profile.scopes, caller.scopes, asked.scopes))
    return forbid('The caller does not hold these scopes.');
  if (expiresAt !== null && (asked.expiresAt === null || asked.expiresAt > expiresAt)) {
    return forbid('A key may not outlive the key that issues it.');
  }
  const isWider = asked.allowedCidrs.length === 0 || !areWithinNetworks(asked.allowedCidrs, allowedCidrs);
  if (allowedCidrs.length > 0 && isWider)
    return forbid('A key may not be used from more networks than its issuer.');
  return PERMITTED;
}

function rolePower({ roleScopes }: Profile, role: Role): Scopes {
  return roleScopes?.[role] ?? 'all';
}

function isWithin(catalogue: ScopeCatalogue | undefined, held: Scopes, asked: Scopes): boolean {
  return catalogue === undefined || covers(catalogue, held, asked);
}

function isSameLimit(one: Pick<KeyFields, 'rateLimit'>, other: Pick<KeyFields, 'rateLimit'>): boolean {
  const { rateLimit: own } = one;
  const { rateLimit: asked } = other;
  return own?.limit === asked?.limit && own?.windowSeconds === asked?.windowSeconds;
}
