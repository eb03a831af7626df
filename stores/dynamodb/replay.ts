import { type ChangeEvent, userLog } from '../../core/audit-event.ts';
import { boundsAfter } from '../../core/key-bounds.ts';
import { isRoleAtLeast } from '../../core/role.ts';
import { Unavailable } from '../../core/unavailable.ts';
import { updateKey } from './key-change.ts';
import { fieldsOf, type KeyRecord } from './key-item.ts';
import { settledRecord } from './key-settle.ts';
import { dynamoKeyStore } from './key-store.ts';
import { type LaterEvents, roleAfter } from './later-events.ts';
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
  /** Owners who were removed or demoted since, and are the only ones of the copy: somebody has to decide. */
  readonly owners: readonly string[];
}

/**
 * Does what the log tells once more, as far as it takes power away: revocations, removals, demotions. What gave power since is
 * left to people: it is lost, and nobody is authorized by mistake. Repeating it changes nothing.
 * @param withoutMember keys that ended with their member, which the log does not tell where the removal was interrupted.
 */
export async function replay(
  options: RestoreOptions,
  later: LaterEvents,
  withoutMember: readonly KeyRecord[],
): Promise<Replayed> {
  for (const event of later.revocations) await revoke(options, event);
  for (const { id, workspace } of withoutMember)
    await revoke(options, { type: 'key.revoked', workspace, keyId: id });
  const disabled = await eachOf([...later.changedKeys.values()], (event) => disable(options, event));
  const owners: string[] = [];
  const members = await eachOf([...later.members.values()], (event) => lowerMember(options, event, owners));
  return { disabled, members, owners };
}

/** One after the other: an operator's command is in no hurry. */
async function eachOf(
  events: readonly ChangeEvent[],
  work: (event: ChangeEvent) => Promise<string | undefined>,
): Promise<string[]> {
  const done: string[] = [];
  for (const event of events) {
    const one = await work(event);
    if (one !== undefined) done.push(one);
  }
  return done;
}

/** Every secret of it is ended already: this makes what people see say so, with an event of its own. */
async function revoke(
  options: RestoreOptions,
  { type, workspace, keyId }: Pick<ChangeEvent, 'type' | 'workspace' | 'keyId'>,
): Promise<void> {
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
  { workspace, keyId }: ChangeEvent,
): Promise<string | undefined> {
  const { tables, now, newId, newEvent } = options;
  const address = { workspace, id: keyId ?? '' };
  const record = await settledRecord(options, address);
  if (record === undefined || record.revokedAt !== null || !record.enabled) return undefined;
  const outcome = await updateKey(tables, {
    ...{ key: { ...record, lastUsedAt: null }, changeId: newId('chg'), caller: null, now: now() },
    event: newEvent({ type: 'key.updated', workspace, keyId }),
    fields: {
      ...fieldsOf(record),
      enabled: false,
      // Somebody above its maker may have disabled it since the copy, which knows nothing of that.
      bounds: boundsAfter(record.bounds, { rank: 'operator', named: { enabled: false } }),
    },
    effectiveRateLimit: record.effectiveRateLimit,
  });
  if (outcome.kind !== 'changed') throw new Unavailable(`The key ${keyId} was changed meanwhile.`);
  return record.id;
}

/** Makes a member no more than their last event says. @param owners where those are noted who cannot be lowered. */
async function lowerMember(
  options: RestoreOptions,
  later: ChangeEvent,
  owners: string[],
): Promise<string | undefined> {
  const { now, newId, newEvent } = options;
  const { type, workspace, userId = '' } = later;
  const member = await dynamoWorkspaceStore(options, COPIES).getMember(workspace, userId);
  const role = roleAfter(later);
  if (member === undefined || (role !== 'none' && isRoleAtLeast(role, member.role))) return undefined;
  const change = {
    ...{ workspace, userId, decidedOn: member, changeId: newId('chg'), caller: null, now: now() },
    event: newEvent({ type, workspace, keyId: null, userId }),
  };
  const members = dynamoMemberStore(options, COPIES);
  const outcome =
    // Keys that ended with them were revoked above: for their role, or by the log.
    role === 'none'
      ? await members.remove({ ...change, keys: 'keep' })
      : await members.put({ ...change, role });
  const name = `${workspace}/${userId}`;
  if (outcome.kind === 'conflict') throw new Unavailable(`The member ${name} was changed meanwhile.`);
  if (outcome.kind !== 'last_owner') return name;
  owners.push(name);
  return undefined;
}

/** The command line knows no profile: where the product has no copies of a role, there are none to be found. */
const COPIES = ['keys', 'tokens'] as const;
