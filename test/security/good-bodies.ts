import type { ManagementHandler } from '../../core/management/route.ts';
import type { Profile } from '../../core/profile/profile.ts';

/**
 * A body that each operation would act on, so that whoever is let in by mistake changes something; `undefined` where none is
 * needed. A new operation has to be given one here, or types do not compile.
 */
export function goodBodies({ scopes, rateLimits }: Profile): Record<ManagementHandler, object | undefined> {
  const first = scopes?.definitions[0]?.name;
  const some = first === undefined ? {} : { scopes: [first] };
  return {
    'create-workspace': { slug: 'made-by-mistake', name: 'x', created_by: 'usr_x' },
    'read-workspace': undefined,
    'update-workspace': { name: 'changed', ...(rateLimits && { plan: rateLimits.defaultPlan }) },
    'read-events': undefined,
    'read-members': undefined,
    'put-member': { role: 'owner' },
    'remove-member': undefined,
    'issue-key': { name: 'x', ...some },
    'import-keys': {
      keys: [{ hash: 'ab'.repeat(32), algorithm: 'sha256', name: 'x', created_by: 'usr_x', ...some }],
    },
    'read-keys': undefined,
    'update-key': { name: 'changed', enabled: false },
    'revoke-key': undefined,
    'revoke-keys': { dry_run: false, status: 'active' },
    'rotate-key': { overlap_seconds: 0 },
    'revoke-previous-secret': undefined,
    'verify-key': { credential: 'x' },
    'create-invitation': { email: 'made@by-mistake.example', role: 'owner' },
    'read-invitations': undefined,
    'revoke-invitation': undefined,
    'describe-scopes': undefined,
    'describe-caller': undefined,
    'issue-token': { name: 'x', ...some },
    'read-tokens': undefined,
    'revoke-token': undefined,
    'create-session': { user_id: 'usr_acmeOwner00000000000', workspace: 'acme' },
    'exchange-session': { code: 'x' },
    'end-session': undefined,
    'revoke-sessions': { user_id: 'usr_acmeOwner00000000000' },
  };
}
