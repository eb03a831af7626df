import { PutItemCommand } from '@aws-sdk/client-dynamodb';
import { statusOf } from '../../../core/credential/api-key.ts';
import type { KeyAddress } from '../../../core/management/key-store.ts';
import { endKeyWithin } from '../keys/key-change.ts';
import { issuedBefore, memberKeyIdOf, readRecord } from '../keys/key-read.ts';
import { alignKeyRole } from '../keys/key-role.ts';
import type { Finisher } from '../keys/key-settle.ts';
import { unlessRefused } from '../table/contention.ts';
import { listedTargets } from '../table/listed-targets.ts';
import { NO_PROGRESS, type Propagation, type TargetList } from '../table/propagation.ts';
import { propagateItem, saveProgress } from '../table/stored-progress.ts';
import { memberKey, memberKeyKey } from '../table/tables.ts';
import { tokenTargets } from '../tokens/token-memberships.ts';
import {
  copiedRole,
  finishedMember,
  type MemberItem,
  type PendingMembership,
  readMemberItem,
} from './member-item.ts';

/**
 * Brings a change of a member to every credential of theirs, and marks it as done.
 * @throws {Unfinished} when the time is over.
 */
export async function propagateMember(finisher: Finisher, item: MemberItem): Promise<void> {
  await propagateItem(finisher, item, {
    read: () => readMemberItem(finisher.tables, item),
    propagationOf: memberPropagation,
  });
}

/** @returns `undefined` for a member without a change under way. */
export function memberPropagation(finisher: Finisher, item: MemberItem): Propagation | undefined {
  const { tables, now } = finisher;
  const { pendingChange: change } = item;
  if (change === undefined) return undefined;
  const key = memberKey(item.workspace, item.userId);
  return {
    lists: listsOf(finisher, item, change),
    progress: change.progress ?? NO_PROGRESS,
    save: (progress) => saveProgress(tables, key, { changeId: change.id, progress, now: now() }),
    // A condition that fails means that somebody else has finished the same change.
    finish: () =>
      unlessRefused(() => tables.client.send(new PutItemCommand(finishedMember(tables, item, change)))),
  };
}

/** Tokens first: there are few of them, and each reaches all that its user may do in the workspace. */
function listsOf(finisher: Finisher, item: MemberItem, change: PendingMembership): TargetList[] {
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

/** The keys that were issued in a member's name before they were at their version, newest first. */
function keyTargets(
  { tables: { client, records } }: Finisher,
  { workspace, userId, version }: MemberItem,
  change: (address: KeyAddress) => Promise<void>,
): TargetList {
  const { pk, sk: prefix } = memberKeyKey(workspace, userId, '');
  const query = { table: records, pk, prefix, order: 'descending' } as const;
  const target = (id: string) => ({ id, change: () => change({ workspace, id }) });
  return {
    ...listedTargets(client, query, (entries) =>
      issuedBefore(entries, version).map((entry) => target(memberKeyIdOf(entry))),
    ),
    get: async (id) => target(id),
  };
}

/** Ends a key for good, unless it had ended before the removal. */
async function endMemberKey(
  { tables, now, newId }: Finisher,
  address: KeyAddress,
  { since, actor, sourceAddress }: PendingMembership & { readonly kind: 'removal' },
): Promise<void> {
  const record = await readRecord(tables, address);
  if (record === undefined || record.revokedAt !== null) return;
  // A change under way may be about to move the end of an expired key.
  if (record.pendingChange === null && statusOf(record, since) === 'expired') return;
  // Never before the removal: that is how its keys are told from those that were revoked earlier.
  const at = Math.max(now(), since);
  const subject = { workspace: address.workspace, keyId: address.id, outcome: 'done' } as const;
  await endKeyWithin(tables, record, {
    address,
    changeId: newId('chg'),
    now: at,
    event: { id: newId('evt'), at, type: 'key.revoked', actor, sourceAddress, ...subject },
  });
}
