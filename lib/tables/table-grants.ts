import { comparesBcrypt, shapesOf } from '../../core/credential/key-shapes.ts';
import { roleCopiesOf } from '../../core/management/member-store.ts';
import type { ManagementHandler } from '../../core/management/route.ts';
import type { Profile } from '../../core/profile/profile.ts';

/** The tables of a product, and `pending`, the index of the changes that are under way. */
export type TableName = 'records' | 'pending' | 'secrets' | 'events' | 'managementKeys';

type Action =
  | 'GetItem'
  | 'PutItem'
  | 'UpdateItem'
  | 'DeleteItem'
  | 'Query'
  | 'BatchGetItem'
  | 'ConditionCheckItem';

/** What the IAM role of a function may do with one table. Without actions it is granted nothing. */
export interface TableGrant {
  readonly table: TableName;
  readonly actions: readonly Action[];
}

/** What a function needs the tables for. A function of the management API has its own name as its purpose. */
export type Purpose =
  | ManagementHandler
  | 'accept-invitations'
  | 'note-refusals'
  | 'sweep'
  | 'verify'
  | 'verify-management-keys';

const on =
  (table: TableName) =>
  (...actions: Action[]): TableGrant => ({ table, actions });
const records = on('records');
const secrets = on('secrets');
const events = on('events');

/** Enough to write an event: nobody can put one over another, nor read, change or delete one. */
const WRITE_EVENT = events('PutItem');

const ISSUE = [secrets('PutItem'), WRITE_EVENT];

/** A call that finds a revocation unfinished finishes it, and frees the slots of the key: hence `DeleteItem`. */
const CHANGE_KEY = [
  records('GetItem', 'UpdateItem', 'DeleteItem'),
  secrets('UpdateItem', 'BatchGetItem'),
  WRITE_EVENT,
];

/**
 * What each function of a product may do with its tables: no more than its purpose needs.
 *
 * Only the authorizer of the management API reaches `managementKeys`. Code that can write one item there has every workspace.
 */
export function tableGrantsFor(profile: Profile): Readonly<Record<Purpose, readonly TableGrant[]>> {
  const where = (condition: boolean, ...actions: Action[]) => (condition ? actions : []);
  const isBcrypt = comparesBcrypt(profile.apiKey);
  const shapes = shapesOf(profile.apiKey);
  const hasDigests = shapes.some(({ storedAs }) => storedAs.kind === 'sha256');
  const hasPrefixes = shapes.some(({ storedAs }) => storedAs.kind === 'bcrypt');
  const hasTokens = profile.personalAccessTokens !== undefined;
  const hasPlans = profile.rateLimits !== undefined;
  const hasRoleCopies = roleCopiesOf(profile).length > 0;
  // bcrypt keys are found by their prefix, with a query. A token is read together with a membership.
  const lookUp = [...where(isBcrypt, 'Query'), ...where(hasTokens, 'BatchGetItem')];
  const changeMember = (...further: Action[]) => [
    records('GetItem', 'PutItem', 'UpdateItem', 'ConditionCheckItem', ...further),
    secrets(...where(hasRoleCopies, 'UpdateItem')),
    WRITE_EVENT,
  ];
  const describeMember = records('GetItem', 'Query');
  return {
    // Verifies credentials, counts or notes their use, and improves imported hashes. It never sees the records.
    verify: [secrets('GetItem', 'UpdateItem', ...lookUp)],
    'verify-management-keys': [on('managementKeys')('GetItem', 'UpdateItem')],
    'note-refusals': [WRITE_EVENT],
    // Looks at a credential and leaves no trace.
    'verify-key': [secrets('GetItem', ...lookUp)],
    'issue-key': [records('GetItem', 'PutItem', 'ConditionCheckItem', 'Query'), ...ISSUE],
    // Looks whether the hashes are there already, and puts new items only.
    'import-keys': [
      records('GetItem', 'PutItem', 'ConditionCheckItem', 'Query'),
      secrets('PutItem', ...where(hasDigests, 'BatchGetItem'), ...where(hasPrefixes, 'Query')),
      WRITE_EVENT,
    ],
    'read-keys': [records('GetItem', 'Query', 'BatchGetItem'), secrets('BatchGetItem'), WRITE_EVENT],
    'update-key': [...CHANGE_KEY, records('ConditionCheckItem', 'PutItem')],
    // Both finish an update that another call left unfinished, and put the entry of a new external id. A rotation also puts its
    // request, if that has an Idempotency-Key.
    'rotate-key': [...CHANGE_KEY, records('ConditionCheckItem', 'PutItem'), secrets('PutItem')],
    'revoke-previous-secret': [...CHANGE_KEY, records('ConditionCheckItem', 'PutItem')],
    // A token that revokes itself is found in every workspace that it knows.
    'revoke-key': [...CHANGE_KEY, secrets(...where(hasTokens, 'Query'))],
    // It looks for the keys itself, among all of a workspace or those of a member.
    'revoke-keys': [...CHANGE_KEY, records('Query', 'BatchGetItem')],
    // No other function reads the audit log.
    'read-events': [records('GetItem'), events('Query'), WRITE_EVENT],
    'issue-token': [records('GetItem', 'Query', 'BatchGetItem', 'PutItem', 'ConditionCheckItem'), ...ISSUE],
    'read-tokens': [records('Query', 'BatchGetItem'), secrets('BatchGetItem'), WRITE_EVENT],
    'revoke-token': [
      records('GetItem', 'UpdateItem', 'DeleteItem'),
      secrets('UpdateItem', 'BatchGetItem', 'Query'),
      WRITE_EVENT,
    ],
    // The new owner may already have tokens: they must reach the new workspace.
    'create-workspace': [
      records('GetItem', 'PutItem', 'UpdateItem', ...where(hasTokens, 'Query')),
      secrets(...where(hasTokens, 'UpdateItem')),
      WRITE_EVENT,
    ],
    'read-workspace': [records('GetItem'), WRITE_EVENT],
    // A new plan reaches every key, and first finishes the changes that are under way on the key.
    'update-workspace': [
      records('GetItem', 'UpdateItem', 'ConditionCheckItem'),
      WRITE_EVENT,
      records(...where(hasPlans, 'Query', 'DeleteItem', 'PutItem')),
      secrets(...where(hasPlans, 'UpdateItem')),
    ],
    'create-invitation': [records('GetItem', 'PutItem', 'ConditionCheckItem'), WRITE_EVENT],
    'read-invitations': [records('GetItem', 'Query'), WRITE_EVENT],
    'revoke-invitation': [records('GetItem', 'DeleteItem'), WRITE_EVENT],
    // Finds the invitations of a person who signs in, reads who invited them, and deletes the invitations.
    'accept-invitations': changeMember('Query', 'DeleteItem'),
    'read-members': [describeMember, WRITE_EVENT],
    // Nobody is refused this, so there is no refusal to write down.
    'describe-caller': [describeMember],
    'describe-scopes': [],
    // All four reach sessions too, which have a table of their own: see `session-table.ts`.
    // A link may bring another name of its person.
    'create-session': [records('GetItem', 'ConditionCheckItem', 'UpdateItem'), WRITE_EVENT],
    'exchange-session': [records('GetItem', 'ConditionCheckItem'), WRITE_EVENT],
    'end-session': [WRITE_EVENT],
    'revoke-sessions': [records('GetItem'), WRITE_EVENT],
    // Also finishes a removal that another call left unfinished.
    'put-member': changeMember(...where(hasRoleCopies, 'Query', 'DeleteItem')),
    // The answer reads all keys of the member together.
    'remove-member': changeMember('Query', 'DeleteItem', 'BatchGetItem'),
    // Finishes the changes that calls began.
    sweep: [
      records('GetItem', 'UpdateItem', 'Query', 'DeleteItem', 'PutItem'),
      secrets('UpdateItem'),
      WRITE_EVENT,
      on('pending')('Query'),
    ],
  };
}
