import { statusOf } from '../../../core/credential/credential.ts';
import type { KeyAddress } from '../../../core/management/key-store.ts';
import type { KeysOfRemoved } from '../../../core/management/member-store.ts';
import { alignKeyRole } from '../keys/key-alignment.ts';
import { revokeKeyWithinChange } from '../keys/key-change.ts';
import type { KeyRecord } from '../keys/key-item.ts';
import { issuedBefore, readListedKeys, readRecord } from '../keys/key-read.ts';
import { type ChangeFinisher, finishChange } from '../table/intent.ts';
import { createTargetList, NO_PROGRESS, type Propagation, type TargetList } from '../table/propagation.ts';
import { queryAll } from '../table/query-pages.ts';
import { propagateItem, saveProgress } from '../table/stored-progress.ts';
import { memberKey, memberKeyKey, type RecordTable } from '../table/tables.ts';
import { tokenTargets } from '../tokens/token-memberships.ts';
import {
  copiedRole,
  type MemberItem,
  type PendingMembership,
  type Removal,
  readMemberItem,
  settledMember,
} from './member-item.ts';

/**
 * Brings a change of a member to every credential of theirs, and marks it as done.
 * @throws {Unfinished} when the time is over.
 */
export async function propagateMember(finisher: ChangeFinisher, item: MemberItem): Promise<void> {
  await propagateItem(finisher, item, {
    read: () => readMemberItem(finisher.tables, item),
    propagationOf: memberPropagation,
  });
}

/** @returns `undefined` for a member without a change under way. */
export function memberPropagation(finisher: ChangeFinisher, item: MemberItem): Propagation | undefined {
  const { tables, now } = finisher;
  const { pendingChange: change } = item;
  if (change === undefined) return undefined;
  const key = memberKey(item.workspace, item.userId);
  return {
    lists: listsOf(finisher, item, change),
    progress: change.progress ?? NO_PROGRESS,
    save: (progress) => saveProgress(tables, key, { changeId: change.id, progress, now: now() }),
    async finish() {
      const { role, pendingRole, removedAt } = settledMember(item, change);
      // Where the change is superseded, another process has finished it, or begun a newer one.
      await finishChange(tables, key, {
        changeId: change.id,
        attributes: { role, pendingRole, removedAt },
      });
    },
  };
}

/** Tokens come first: there are few of them, and each may do all that its user may do in the workspace. */
function listsOf(finisher: ChangeFinisher, item: MemberItem, change: PendingMembership): TargetList[] {
  const lists: TargetList[] = [];
  const role = change.kind === 'removal' ? 'none' : copiedRole(item);
  if (change.copies.includes('tokens')) lists.push(tokenTargets(finisher.tables, { ...item, role }));
  if (change.kind === 'removal') {
    if (change.keys === 'revoke')
      lists.push(keyTargets(finisher, item, (address) => endMemberKey(finisher, address, change)));
  } else if (change.copies.includes('keys') && role !== 'none') {
    const own = { role, version: item.version };
    lists.push(keyTargets(finisher, item, (address) => alignKeyRole(finisher.tables, address, own)));
  }
  return lists;
}

/** The keys that were issued in a member's name before their current version, newest first. */
function keyTargets(
  { tables: { client, records } }: ChangeFinisher,
  { workspace, userId, version }: MemberItem,
  change: (address: KeyAddress) => Promise<void>,
): TargetList {
  const { pk, sk: prefix } = memberKeyKey(workspace, userId, '');
  const query = { table: records, pk, prefix, order: 'descending' } as const;
  const target = (id: string) => ({ id, change: () => change({ workspace, id }) });
  return {
    ...createTargetList(client, query, (entries) =>
      issuedBefore(entries, version).map(({ keyId }) => target(keyId)),
    ),
    get: async (id) => target(id),
  };
}

/** Ends a key for good, unless it ended before the removal. */
async function endMemberKey(
  { tables, now, newId }: ChangeFinisher,
  address: KeyAddress,
  { since, actor, sourceAddress }: Removal,
): Promise<void> {
  const record = await readRecord(tables, address);
  if (record === undefined || record.revokedAt !== null) return;
  // A change under way may be about to move the end of an expired key.
  if (record.pendingChange === null && statusOf(record, since) === 'expired') return;
  // Never before the removal: that tells its keys from those that were revoked earlier.
  const at = Math.max(now(), since);
  await revokeKeyWithinChange(tables, record, {
    address,
    changeId: newId('chg'),
    now: at,
    event: {
      id: newId('evt'),
      at,
      type: 'key.revoked',
      actor,
      sourceAddress,
      workspace: address.workspace,
      keyId: address.id,
      outcome: 'done',
    },
  });
}

/** How many keys an answer names at the most. Lists show them all. */
const MOST_NAMED = 1_000;

/** Says what happened to a removed member's newest keys. The answer is always the same, whichever process has ended them. */
export async function describeRemoval(
  tables: RecordTable,
  { workspace, userId, version }: MemberItem,
  removal: Removal,
): Promise<KeysOfRemoved> {
  const { pk, sk: prefix } = memberKeyKey(workspace, userId, '');
  const query = { table: tables.records, pk, prefix, order: 'descending' } as const;
  const revoked: string[] = [];
  const kept: string[] = [];
  for await (const entries of queryAll(tables.client, query)) {
    for (const record of await readListedKeys(tables, workspace, issuedBefore(entries, version))) {
      if (record === undefined) continue;
      const fate = fateOf(record, removal);
      if (fate === 'revoked') revoked.push(record.id);
      if (fate === 'kept') kept.push(record.id);
      if (revoked.length + kept.length === MOST_NAMED) return { revoked, kept };
    }
  }
  return { revoked, kept };
}

function fateOf(record: KeyRecord, { keys, since }: Removal): 'revoked' | 'kept' | 'ended_before' {
  if (record.revokedAt !== null)
    return keys === 'revoke' && record.revokedAt >= since ? 'revoked' : 'ended_before';
  return statusOf(record, since) === 'expired' ? 'ended_before' : 'kept';
}
