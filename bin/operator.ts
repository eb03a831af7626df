import { randomBytes } from 'node:crypto';
import type { Role } from '../core/access/role.ts';
import {
  type Actor,
  type AuditEventType,
  type ChangeEvent,
  type EventSubject,
  OPERATOR_LOG,
  userLog,
} from '../core/audit/audit-event.ts';
import type { ApiKey, PersonalAccessToken } from '../core/credential/credential.ts';
import { MANAGEMENT_KEY_FORMAT } from '../core/credential/credential-type.ts';
import { generateKey, startOf } from '../core/credential/key-text.ts';
import { digestOf } from '../core/credential/secret.ts';
import type { KeyAddress } from '../core/management/key-store.ts';
import type { RoleCopies } from '../core/management/member-store.ts';
import type { Workspace } from '../core/management/workspace-store.ts';
import { newEventIdentity, newId, unixNow } from '../lambdas/environment.ts';
import { dynamoKeyStore } from '../stores/dynamodb/keys/key-store.ts';

export { migrateManagementKeys } from '../stores/dynamodb/keys/management-key-migration.ts';

import { issueManagementKey, revokeManagementKey } from '../stores/dynamodb/keys/management-key-store.ts';
import type { Backup } from '../stores/dynamodb/restore/backup.ts';
import { type Restored, type RestoreOptions, restore } from '../stores/dynamodb/restore/restore.ts';
import type { NotRestored } from '../stores/dynamodb/restore/restore-refusal.ts';
import type { ChangeFinisher } from '../stores/dynamodb/table/intent.ts';
import type { OperatorTables } from '../stores/dynamodb/table/tables.ts';
import { dynamoTokenStore } from '../stores/dynamodb/tokens/token-store.ts';
import { dynamoMemberStore } from '../stores/dynamodb/workspaces/member-store.ts';
import { dynamoWorkspaceStore } from '../stores/dynamodb/workspaces/workspace-store.ts';

export { listManagementKeys } from '../stores/dynamodb/keys/management-key-store.ts';

/** What only the operator of a deployment can do, with AWS credentials. No HTTP route leads here. */

/** The command line knows no profile, so it looks for copies of a role everywhere. Some products have none. */
const EVERYWHERE: RoleCopies = ['keys', 'tokens'];

export interface FirstWorkspace {
  readonly slug: string;
  readonly name: string;
  readonly plan: string | null;
  readonly ownerId: string;
  /** @default none */
  readonly ownerName?: string | undefined;
}

/** @returns the management key, whose secret is shown this once; `slug_taken` where the workspace already exists. */
export async function bootstrap(
  tables: OperatorTables,
  first: FirstWorkspace,
): Promise<NewManagementKey | 'slug_taken'> {
  const { slug, name, plan, ownerId, ownerName } = first;
  const workspace: Workspace = { slug, name, plan, createdAt: unixNow(), version: 1 };
  const after = { name, plan, owner: ownerId };
  const event = operatorEvent('workspace.created', { workspace: slug, keyId: null, after });
  const outcome = await dynamoWorkspaceStore(finisherOf(tables), EVERYWHERE).create({
    workspace,
    ownerId,
    ownerName,
    event,
  });
  if (outcome.kind === 'slug_taken') return outcome.kind;
  return issueManagementKeyAsOperator(tables, 'bootstrap');
}

export interface NewMember {
  readonly workspace: string;
  readonly userId: string;
  readonly role: Role;
  /** @default none */
  readonly name?: string | undefined;
}

export async function addMember(tables: OperatorTables, member: NewMember): Promise<void> {
  const { workspace, userId, role, name } = member;
  const after = { role, ...(name !== undefined && { name }) };
  const before = { role: null, ...(name !== undefined && { name: null }) };
  const event = operatorEvent('member.added', { workspace, keyId: null, userId, before, after });
  const outcome = await dynamoMemberStore(finisherOf(tables), EVERYWHERE).put({
    ...member,
    decidedOn: null,
    caller: null,
    changeId: newId('chg'),
    now: unixNow(),
    event,
  });
  if (outcome.kind !== 'added') throw new Error(`The user ${userId} is a member already.`);
}

export interface NewManagementKey {
  readonly id: string;
  readonly secret: string;
}

export async function issueManagementKeyAsOperator(
  tables: OperatorTables,
  name: string,
): Promise<NewManagementKey> {
  const secret = generateKey(MANAGEMENT_KEY_FORMAT, randomBytes);
  const start = startOf(MANAGEMENT_KEY_FORMAT, secret);
  const id = newId('key');
  await issueManagementKey(
    tables,
    { id, name, start, createdAt: unixNow(), revokedAt: null },
    { locator: digestOf(secret), start, secretHash: null },
    operatorEvent('management_key.issued', { workspace: OPERATOR_LOG, keyId: id, after: { name, start } }),
  );
  return { id, secret };
}

/** @returns false when there is no such key. */
export function revokeManagementKeyAsOperator(tables: OperatorTables, id: string): Promise<boolean> {
  const changed = { before: { status: 'active' }, after: { status: 'revoked' } };
  const event = operatorEvent('management_key.revoked', { workspace: OPERATOR_LOG, keyId: id, ...changed });
  return revokeManagementKey(tables, id, event);
}

/**
 * Ends an API key for good, as the management API does. Ending it again answers as the first time did.
 * @returns `undefined` when the workspace has no such key.
 */
export async function revokeKeyAsOperator(
  tables: OperatorTables,
  { workspace, id }: KeyAddress,
): Promise<ApiKey | 'no_workspace' | undefined> {
  const finisher = finisherOf(tables);
  if ((await dynamoWorkspaceStore(finisher, EVERYWHERE).get(workspace)) === undefined) return 'no_workspace';
  const event = operatorEvent('key.revoked', { workspace, keyId: id });
  const change = { changeId: newId('chg'), now: event.at, event };
  const outcome = await dynamoKeyStore(finisher).revoke({ address: { workspace, id }, ...change });
  return outcome.kind === 'revoked' ? outcome.key : undefined;
}

/** As {@link revokeKeyAsOperator}, for a personal access token. */
export async function revokeTokenAsOperator(
  tables: OperatorTables,
  { userId, id }: { readonly userId: string; readonly id: string },
): Promise<PersonalAccessToken | undefined> {
  const event = operatorEvent('token.revoked', { workspace: userLog(userId), keyId: id });
  const outcome = await dynamoTokenStore(tables).revoke({ userId, id, now: event.at, event });
  return outcome.kind === 'revoked' ? outcome.token : undefined;
}

/** Puts a copy of the tables back. No credential then has more rights than just before. */
export function restoreTables(
  tables: OperatorTables,
  {
    backup,
    ...choices
  }: { readonly backup: Backup } & Pick<RestoreOptions, 'present' | 'forgotten' | 'changes'>,
): Promise<Restored | NotRestored> {
  const newEvent: RestoreOptions['newEvent'] = ({ type, ...subject }) => operatorEvent(type, subject);
  return restore({ tables, now: unixNow, ...choices, newEvent }, backup);
}

export const finisherOf = (tables: OperatorTables) =>
  ({ tables, now: unixNow, newId }) satisfies ChangeFinisher;

export function operatorEvent(type: AuditEventType, subject: EventSubject): ChangeEvent {
  const actor: Actor = { kind: 'operator', credentialId: null, user: null };
  return { ...newEventIdentity(), type, actor, sourceAddress: null, ...subject, outcome: 'done' };
}
