import { Duration } from 'aws-cdk-lib';
import { roleCopiesOf } from '../../core/management/member-store.ts';
import type { ManagementHandler, ManagementRoute } from '../../core/management/route.ts';
import type { Profile } from '../../core/profile/profile.ts';
import type { OwnThrottle } from '../apis/api-stage.ts';
import type { EntryName } from '../functions/bundle.ts';
import { memoryForIssuing, memoryForVerifying } from '../functions/keyward-function.ts';

/** What each function of the management API does, as the end of its description. */
export const DESCRIPTIONS: Readonly<Record<ManagementHandler, string>> = {
  'issue-key': 'issues keys',
  'import-keys': 'imports keys by their hashes',
  'read-keys': 'lists and shows keys',
  'update-key': 'changes keys',
  'revoke-key': 'revokes keys',
  'revoke-keys': 'revokes many keys at once',
  'rotate-key': 'rotates keys',
  'revoke-previous-secret': 'ends the older secret of a rotated key',
  'verify-key': 'tells an operator about a credential',
  'create-invitation': 'invites people',
  'read-invitations': 'lists invitations',
  'revoke-invitation': 'takes invitations back',
  'read-events': 'shows the audit log',
  'describe-scopes': 'says which scopes there are',
  'describe-caller': 'says who the caller is',
  'create-workspace': 'makes workspaces',
  'read-workspace': 'shows workspaces',
  'issue-token': "issues users' tokens",
  'read-tokens': "lists users' tokens",
  'revoke-token': "revokes users' tokens",
  'update-workspace': 'changes workspaces, and what their plan means for keys',
  'read-members': 'lists members',
  'put-member': 'adds members and changes their roles',
  'remove-member': 'removes members',
  'create-session': 'makes links into the console',
  'exchange-session': 'turns links into sessions',
  'end-session': 'ends sessions',
  'revoke-sessions': 'ends the sessions of a user',
};

/** The functions that may have to reach many keys in one call: to change, revoke or verify them. */
const REACHES_MANY_KEYS: ReadonlySet<EntryName> = new Set([
  'revoke-keys',
  'verify-key',
  'update-workspace',
  'put-member',
  'remove-member',
]);

/** As long as API Gateway waits for an answer. */
const UNTIL_ANSWERED = Duration.seconds(29);

/** @returns `undefined` for the usual time. */
export function timeoutOf(entry: EntryName): Duration | undefined {
  return REACHES_MANY_KEYS.has(entry) ? UNTIL_ANSWERED : undefined;
}

/** The throttle of each method that revokes. A flood on the other methods, which needs no credential, leaves it alone. */
const REVOCATIONS_PER_SECOND = 100;

/** Everybody can call the route that starts sessions. Its throttle is its own, so that a flood there stops nobody else. */
const EXCHANGES_PER_SECOND = 50;

/** The memory of the functions that make secrets or verify them. */
export const MEMORY_FOR_SECRETS: { readonly [Entry in EntryName]?: (profile: Profile) => number } = {
  'management-authorizer': memoryForVerifying,
  'verify-key': memoryForVerifying,
  'issue-key': memoryForIssuing,
  'rotate-key': memoryForIssuing,
};

/**
 * The functions that take rights from credentials whose verdicts can be cached. Verdicts on tokens and on counted calls cannot
 * be, so no function that revokes tokens or changes plans is among them.
 */
export function entriesThatTakeRights(profile: Profile): ReadonlySet<EntryName> {
  const onMembers: EntryName[] = roleCopiesOf(profile).length > 0 ? ['put-member', 'remove-member'] : [];
  const onKeys = ['update-key', 'revoke-key', 'revoke-keys', 'rotate-key', 'revoke-previous-secret'] as const;
  return new Set<EntryName>([...onKeys, ...onMembers, 'sweeper']);
}

export function throttleOf({ method, path, handler, caller }: ManagementRoute): readonly OwnThrottle[] {
  if (caller === 'public') return [{ method, path, requestsPerSecond: EXCHANGES_PER_SECOND }];
  if (!handler.startsWith('revoke-')) return [];
  return [{ method, path, requestsPerSecond: REVOCATIONS_PER_SECOND }];
}
