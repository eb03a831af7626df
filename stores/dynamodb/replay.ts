import { type AuditEvent, userLog } from '../../core/audit-event.ts';
import { isRoleAtLeast, ROLES } from '../../core/role.ts';
import { Unavailable } from '../../core/unavailable.ts';
import { updateKey } from './key-change.ts';
import { fieldsOf } from './key-item.ts';
import { settledRecord } from './key-settle.ts';
import { dynamoKeyStore } from './key-store.ts';
import type { LaterEvents } from './later-events.ts';
import { revokeManagementKey } from './management-key-store.ts';
import { dynamoMemberStore } from './member-store.ts';
import type { RestoreOptions } from './restore.ts';
import { dynamoTokenStore } from './token-store.ts';
import { dynamoWorkspaceStore } from './workspace-store.ts';

/** What was done once more, by ids; members as `workspace/user`. */
export interface Replayed {
  /** Keys that were changed since the copy: what they were before may be more than they are, so they wait to be looked at. */
  readonly disabled: readonly string[];
  /** Members who were removed or demoted since, and are so again. */
  readonly members: readonly string[];
}

/**
 * Does what the log tells once more, as far as it takes power away: revocations, removals, demotions. What gave power since is
 * left to people: it is lost, and nobody is authorized by mistake. Repeating it changes nothing.
 */
export async function replay(options: RestoreOptions, later: LaterEvents): Promise<Replayed> {
  await eachOf(later.revocations, (event) => revoke(options, event));
  const members = await eachOf([...later.members.values()], (event) => lowerMember(options, event));
  const disabled = await eachOf([...later.changedKeys.values()], (event) => disable(options, event));
  return { disabled, members };
}

/** One after the other: an operator's command is in no hurry. */
async function eachOf(
  events: readonly AuditEvent[],
  work: (event: AuditEvent) => Promise<string | undefined>,
): Promise<string[]> {
  const done: string[] = [];
  for (const event of events) {
    const one = await work(event);
    if (one !== undefined) done.push(one);
  }
  return done;
}

/** Every secret of it is ended already: this makes what people see say so, with an event of its own. */
async function revoke(options: RestoreOptions, { type, workspace, keyId }: AuditEvent): Promise<undefined> {
  const { tables, now, newId, newEvent } = options;
  if (keyId === null) return;
  const event = newEvent({ type, workspace, keyId });
  if (type === 'management_key.revoked') await revokeManagementKey(tables, keyId, event);
  else if (type === 'token.revoked') {
    const userId = workspace.slice(userLog('').length);
    await dynamoTokenStore(tables).revoke({ userId, id: keyId, now: now(), event });
  } else {
    const address = { workspace, id: keyId };
    await dynamoKeyStore(options).revoke({ address, changeId: newId('chg'), now: now(), event });
  }
}

async function disable(
  options: RestoreOptions,
  { workspace, keyId }: AuditEvent,
): Promise<string | undefined> {
  const { tables, now, newId, newEvent } = options;
  const address = { workspace, id: keyId ?? '' };
  const record = await settledRecord(options, address);
  if (record === undefined || record.revokedAt !== null || !record.enabled) return undefined;
  const outcome = await updateKey(tables, {
    ...{ key: { ...record, lastUsedAt: null }, changeId: newId('chg'), caller: null, now: now() },
    event: newEvent({ type: 'key.updated', workspace, keyId }),
    fields: { ...fieldsOf(record), enabled: false },
    effectiveRateLimit: record.effectiveRateLimit,
  });
  if (outcome.kind !== 'changed') throw new Unavailable(`The key ${keyId} was changed meanwhile.`);
  return record.id;
}

/** Makes a member no more than their last event says. */
async function lowerMember(
  options: RestoreOptions,
  { type, workspace, userId = '', after }: AuditEvent,
): Promise<string | undefined> {
  const { now, newId, newEvent } = options;
  const member = await dynamoWorkspaceStore(options, COPIES).getMember(workspace, userId);
  const role = type === 'member.removed' ? undefined : ROLES.find((each) => each === after?.role);
  if (member === undefined || (role !== undefined && isRoleAtLeast(role, member.role))) return undefined;
  const change = {
    ...{ workspace, userId, decidedOn: member, changeId: newId('chg'), caller: null, now: now() },
    event: newEvent({ type, workspace, keyId: null, userId }),
  };
  const members = dynamoMemberStore(options, COPIES);
  const outcome =
    // Keys that ended with them have a revocation of their own in the log.
    role === undefined
      ? await members.remove({ ...change, keys: 'keep' })
      : await members.put({ ...change, role });
  if (outcome.kind === 'conflict' || outcome.kind === 'last_owner')
    throw new Unavailable(`The member ${userId} of ${workspace} could not be lowered: ${outcome.kind}.`);
  return `${workspace}/${userId}`;
}

/** The command line knows no profile: where the product has no copies of a role, there are none to be found. */
const COPIES = ['keys', 'tokens'] as const;
