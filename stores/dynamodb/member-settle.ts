import { PutItemCommand } from '@aws-sdk/client-dynamodb';
import { statusOf } from '../../core/api-key.ts';
import type { KeyAddress } from '../../core/key-store.ts';
import type { KeysOfRemoved } from '../../core/member-store.ts';
import { Unavailable } from '../../core/unavailable.ts';
import { pause, unlessRefused } from './contention.ts';
import { inParallel } from './in-parallel.ts';
import { endKey } from './key-change.ts';
import { readRecord } from './key-read.ts';
import { alignKeyRole } from './key-role.ts';
import type { Finisher } from './key-settle.ts';
import {
  copiedRole,
  finishedMember,
  type MemberAddress,
  type MemberItem,
  type PendingMembership,
  readMemberItem,
} from './member-item.ts';
import { memberKeyIds } from './member-read.ts';
import type { Tables } from './tables.ts';
import { alignTokens } from './token-memberships.ts';

/** How often a change waits for another one under way on the same member before it gives up with 503. */
const WAITS = 10;

type RemovalOf = PendingMembership & { readonly kind: 'removal' };

/** The member once nothing is under way on them: what was left half done is finished first. */
export async function settledMember(
  finisher: Finisher,
  address: MemberAddress,
): Promise<MemberItem | undefined> {
  for (let wait = 1; wait <= WAITS; wait += 1) {
    const item = await readMemberItem(finisher.tables, address);
    if (item?.pendingChange === undefined) return item;
    await settleMember(finisher, item, item.pendingChange);
    await pause(wait);
  }
  throw new Unavailable('Another change of the member is under way.');
}

/** Finishes a change of a member: every copy of their role first, then the member. */
export async function settleMember(
  finisher: Finisher,
  item: MemberItem,
  change: PendingMembership,
): Promise<void> {
  if (change.kind === 'removal') await completeRemoval(finisher, item, change);
  else await completeRole(finisher.tables, item, change);
}

export async function completeRole(
  tables: Tables,
  item: MemberItem,
  change: PendingMembership,
): Promise<void> {
  const { workspace, version } = item;
  const role = copiedRole(item);
  if (change.copies.includes('tokens')) await alignTokens(tables, { ...item, role });
  if (change.copies.includes('keys') && role !== 'none') {
    const ids = await memberKeyIds(tables, item);
    await inParallel(ids, (id) => alignKeyRole(tables, { workspace, id }, { role, version }));
  }
  await finish(tables, item, change);
}

/** @returns what became of the member's keys, the same for whoever completes it and however often. */
export async function completeRemoval(
  finisher: Finisher,
  item: MemberItem,
  change: RemovalOf,
): Promise<KeysOfRemoved> {
  const { tables } = finisher;
  if (change.copies.includes('tokens')) await alignTokens(tables, { ...item, role: 'none' });
  const ids = await memberKeyIds(tables, item);
  const fates = await inParallel(ids, (id) =>
    decideFate(finisher, { workspace: item.workspace, id }, change),
  );
  await finish(tables, item, change);
  const having = (fate: Fate) => ids.filter((_, index) => fates[index] === fate);
  return { revoked: having('revoked'), kept: having('kept') };
}

type Fate = 'revoked' | 'kept' | 'ended before';

async function decideFate(finisher: Finisher, address: KeyAddress, change: RemovalOf): Promise<Fate> {
  const record = await readRecord(finisher.tables, address);
  if (record === undefined) return 'ended before';
  // Whoever goes on with a removal finds keys that were revoked by it already.
  if (record.revokedAt !== null)
    return change.keys === 'revoke' && record.revokedAt >= change.since ? 'revoked' : 'ended before';
  // A change under way may be about to move the end of an expired key.
  if (record.pendingChange === null && statusOf(record, change.since) === 'expired') return 'ended before';
  if (change.keys === 'keep') return 'kept';
  await revokeFor(finisher, address, change);
  return 'revoked';
}

async function revokeFor({ tables, now, newId }: Finisher, address: KeyAddress, change: RemovalOf) {
  const { actor, sourceAddress } = change;
  // Never before the removal: that is how its keys are told from those that were revoked earlier.
  const at = Math.max(now(), change.since);
  const subject = { workspace: address.workspace, keyId: address.id, outcome: 'done' } as const;
  await endKey(tables, {
    address,
    changeId: newId('chg'),
    now: at,
    event: { id: newId('evt'), at, type: 'key.revoked', actor, sourceAddress, ...subject },
  });
}

/** A condition that fails here means that somebody else has finished the same change. */
async function finish(tables: Tables, item: MemberItem, change: PendingMembership): Promise<void> {
  await unlessRefused(() => tables.client.send(new PutItemCommand(finishedMember(tables, item, change))));
}
