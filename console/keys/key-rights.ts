import type { ApiKey, Membership, Person } from '../api/records.ts';
import type { ConsoleConfig, RoleName } from '../config.ts';

/** `null` where a person may do it, else a sentence that says why not. The API decides; this only spares people a refusal. */
export interface KeyRights {
  readonly edit: string | null;
  readonly rotate: string | null;
  readonly revoke: string | null;
}

const RANKS: readonly RoleName[] = ['member', 'admin', 'owner'];

interface Reader {
  readonly person: Pick<Person, 'user'>;
  readonly membership: Pick<Membership, 'role'>;
  readonly features: Pick<ConsoleConfig['features'], 'roles' | 'role_scopes'>;
}

export function rightsOn(key: ApiKey, { person, membership, features }: Reader): KeyRights {
  if (key.status === 'revoked') {
    const reason = 'The key was revoked. That is for good.';
    return { edit: reason, rotate: reason, revoke: reason };
  }
  const isOwn = key.created_by === person.user;
  const reach = isOwn || membership.role !== 'member' ? null : 'A member reaches only their own keys.';
  const ended = key.status === 'expired' ? 'The key has expired. Create a new one.' : null;
  const granted = features.role_scopes?.[membership.role] ?? 'all';
  const holdsAll = granted === 'all' || key.scopes.every((scope) => granted.includes(scope));
  const scopes = holdsAll ? null : `The key has scopes that your role, ${membership.role}, cannot grant.`;
  const isHigher = key.role !== null && RANKS.indexOf(key.role) > RANKS.indexOf(membership.role);
  const role = isHigher ? 'The key acts with a higher role than yours.' : null;
  const maker =
    features.roles && !isOwn ? 'The key acts as the user who created it, so only they can rotate it.' : null;
  return {
    edit: reach ?? ended ?? role ?? scopes,
    rotate: reach ?? ended ?? maker ?? scopes,
    revoke: reach,
  };
}
